// The npm `socket.io` server with `@socket.io/postgres-adapter`, on Node: prints its port. What its
// clients call is done with its methods. `node npm_postgres_server.mjs url channelPrefix tableName`.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/postgres-adapter";
import pg from "pg";
import { Server } from "socket.io";

const [connectionString, channelPrefix, tableName] = process.argv.slice(2);

const pool = new pg.Pool({ connectionString, max: 4 });
const httpServer = createServer();
const io = new Server(httpServer, {
  maxHttpBufferSize: 1e8,
  adapter: createAdapter(pool, {
    channelPrefix,
    tableName,
    heartbeatInterval: 500,
    errorHandler: (error) => console.log(`error: ${error.message}`),
  }),
});

io.use((socket, next) => {
  socket.data = { from: "npm" };
  next();
});

const told = [];
io.on("tell", (...args) => told.push(args));
io.on("ask", (value, done) => done({ npm: value }));

io.on("connection", (socket) => {
  socket.on("call", async (steps, done) => {
    try {
      let result = io;
      for (const [method, ...args] of steps) result = result[method](...args);
      result = await result;
      if (method(steps) === "fetchSockets") {
        result = result.map(({ id, rooms, data }) => ({ id, rooms: [...rooms], data }));
      }
      done(null, typeof result === "object" && !Array.isArray(result) ? null : result);
    } catch (error) {
      done(error.message);
    }
  });
  socket.on("count", async (done) => done(await io.of("/").adapter.serverCount()));
  socket.on("rooms", (done) => done([...socket.rooms]));
  socket.on("told", (done) => done(told.splice(0)));
});

function method(steps) {
  return steps.at(-1)[0];
}

httpServer.listen(0, "127.0.0.1", () => console.log(`port ${httpServer.address().port}`));
