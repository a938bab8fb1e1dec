// A server of npm with its Redis adapter, on Node. It does what is posted to it: a function of `io`.
import { createServer } from "node:http";
import process from "node:process";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { Server } from "socket.io";

const { url, key, client, classic, sharded } = JSON.parse(process.argv[2]);

async function open() {
  if (client === "ioredis") return new Redis(url);
  const opened = createClient({ url });
  opened.on("error", () => {});
  await opened.connect();
  return opened;
}

const [pub, sub] = [await open(), await open()];
const adapter = sharded === undefined
  ? createAdapter(pub, sub, { ...classic, key })
  : createShardedAdapter(pub, sub, { ...sharded, channelPrefix: key });
const io = new Server({ adapter });
const told = [];
io.on("tell", (...args) => told.push(args));
io.on("ask", (value, done) => done({ npm: value }));
io.use((socket, next) => {
  socket.data = { by: "npm" };
  next();
});

const server = createServer(async (request, response) => {
  let source = "";
  for await (const part of request) source += part;
  try {
    const result = await (0, eval)(`(${source})`)(io, told);
    response.end(JSON.stringify({ result }));
  } catch (error) {
    response.end(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
});
io.attach(server);
server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
