// What a server does that an emitter sends to: its clients say which rooms they are in, and it tells
// them what servers are told. For any server with the API of npm socket.io.

/** Adds two namespaces to a server. */
export function setUp(io) {
  for (const nsp of [io, io.of("/other")]) {
    nsp.on("connection", (socket) => socket.join(socket.handshake.query.rooms.split(",")));
    nsp.on("tell", (...args) => nsp.local.emit("told", ...args));
  }
}
