// The npm `socket.io` server with `@socket.io/redis-streams-adapter`, on Node: prints its port.
// `node npm_streams_server.mjs redis-url prefix`
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [url, prefix] = process.argv.slice(2);
const redisClient = createClient({ url });
await redisClient.connect();

const httpServer = createServer();
const io = new Server(httpServer, {
  adapter: createAdapter(redisClient, {
    streamName: prefix,
    channelPrefix: prefix,
    sessionKeyPrefix: `${prefix}:`,
  }),
  connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
});

io.on("connection", (socket) => {
  socket.emit("welcome", socket.recovered, [...socket.rooms], socket.data);
  socket.on("set up", (rooms, data, done) => {
    socket.join(rooms);
    socket.data = data;
    done(socket.id);
  });
  socket.on("tell all", (...args) => io.emit("said", ...args));
  socket.on("tell", (room, ...args) => io.to(room).emit("said", ...args));
  socket.on("tell others", (room, ...args) => socket.to(room).emit("said", ...args));
  socket.on(
    "ask all",
    async (value, done) => done(await io.timeout(5000).emitWithAck("ask", value)),
  );
  socket.on(
    "who",
    async (done) => done((await io.fetchSockets()).map(({ id, data }) => ({ id, data }))),
  );
  socket.on("move", (from, to) => io.in(from).socketsJoin(to));
  socket.on("ask servers", async (done) => done(await io.serverSideEmitWithAck("ask server", 1)));
  socket.on("tell me and wait", (done) => socket.emit("said", "before", done));
});
io.on("ask server", (value, done) => done({ npm: value }));

httpServer.listen(0, "127.0.0.1", () => console.log(`port ${httpServer.address().port}`));
