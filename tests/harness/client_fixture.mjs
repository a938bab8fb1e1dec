// What the tests of the client need a server to do. It is written for any server with the API of
// npm socket.io, so that ours and the original one behave alike here.

/** The options that a server for these tests is made with. */
export const OPTIONS = {
  pingInterval: 5000,
  pingTimeout: 5000,
  maxHttpBufferSize: 20_000,
  connectionStateRecovery: {},
  cors: { origin: (origin, callback) => callback(null, origin), credentials: true },
};

/** Adds namespaces and listeners to a server. */
export function setUp(io) {
  io.on("connection", listen);
  io.of("/other").on("connection", listen);
  io.of("/refuses").use((socket, next) => {
    const { token } = socket.handshake.auth;
    next(token === "right" ? undefined : Object.assign(new Error("wrong"), { data: { token } }));
  }).on("connection", listen);
}

function listen(socket) {
  socket.on("echo", (...args) => args.pop()(...args));
  socket.on("back", (...args) => socket.emit("back", ...args));
  socket.on("silent", () => {});
  socket.on("id", (ack) => ack(socket.id));
  socket.on("handshake", (ack) => {
    const { query, auth, headers } = socket.handshake;
    ack({ query, auth, headers });
  });
  socket.on("ask", async (ack) => ack(await socket.emitWithAck("question", 1)));
  socket.on("leave", () => socket.disconnect());
  socket.on("break", () => socket.conn.close());
  // The next event comes while the client is away.
  socket.on("break and tell", (text) => {
    socket.conn.close();
    socket.emit("told", text);
  });
  socket.on("join", (room, ack) => ack(socket.join(room)));
  socket.on("say", (room, ...args) => socket.to(room).emit("said", ...args));
}
