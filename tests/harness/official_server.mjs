// The npm `socket.io` server, on Node: prints its port, then takes one command a line.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const options = JSON.parse(process.argv[2] ?? "{}");
const httpServer = createServer();
const io = new Server(httpServer, options);

io.on("connection", (socket) => {
  socket.on("echo", (value, ack) => ack(value));
  socket.on("hi", () => socket.emit("hi"));
});
httpServer.listen(0, "127.0.0.1", () => console.log(httpServer.address().port));
