// The npm `socket.io` server with `socket.io-msgpack-parser`, on Node: prints its port. It answers
// `echo` with what it got, and sends it back as an event as well.
import { createServer } from "node:http";
import { Server } from "socket.io";
import parser from "socket.io-msgpack-parser";

const httpServer = createServer();
const io = new Server(httpServer, { parser });
for (const namespace of [io.of("/"), io.of("/admin")]) {
  namespace.on("connection", (socket) => {
    socket.on("echo", (value, done) => {
      socket.emit("echoed", value);
      done(value);
    });
  });
}
httpServer.listen(0, "127.0.0.1", () => console.log(`port ${httpServer.address().port}`));
