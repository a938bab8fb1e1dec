// What every Socket.IO server of the benchmark does, whoever made it. Plain JavaScript, so that
// Node runs it as well.

/** The filler of a broadcast, behind its sequence number. */
export const NEWS = "n".repeat(64);

/**
 * Installs the handlers on a Socket.IO server.
 *
 * @param {any} io
 * @returns {void}
 */
export function register(io) {
  let seq = 0;
  io.on("connection", (socket) => {
    const { query } = socket.handshake;
    const room = (query instanceof URLSearchParams ? query.get("room") : query.room) ?? "r";
    socket.join(room);
    socket.on("echo", (value) => socket.emit("echo", value));
    socket.on("ack", (value, answer) => answer(value));
    socket.on("bin", (bytes) => socket.emit("bin", bytes));
    socket.on("pub", (count) => {
      for (let i = 0; i < count; i++) io.emit("news", seq++, NEWS);
    });
    socket.on("say", (value) => socket.to(room).emit("said", value));
  });
}
