// The npm `socket.io` server with an adapter of npm, on Node: prints its port.
// `node npm_emitter_target.mjs redis|postgres|streams <url> <prefix>,<name>`: the prefix of the channels
// and, where there is one, the name of the table or of the stream.
import { createServer } from "node:http";
import process from "node:process";
import { createAdapter as postgresAdapter } from "@socket.io/postgres-adapter";
import { createAdapter as redisAdapter } from "@socket.io/redis-adapter";
import { createAdapter as streamsAdapter } from "@socket.io/redis-streams-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";
import { setUp } from "./emitter_target.mjs";

const [broker, url, names = ""] = process.argv.slice(2);
const [prefix, name] = names.split(",");

async function connect() {
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

const ADAPTERS = {
  redis: async () => redisAdapter(await connect(), await connect(), { key: prefix }),
  streams: async () =>
    streamsAdapter(await connect(), {
      streamName: name,
      channelPrefix: prefix,
      blockTimeInMs: 1000,
    }),
  postgres: () =>
    postgresAdapter(new pg.Pool({ connectionString: url }), {
      channelPrefix: prefix,
      tableName: name,
      // It says nothing otherwise.
      errorHandler: (error) => console.error(error),
    }),
};

const httpServer = createServer();
const io = new Server(httpServer, { adapter: await ADAPTERS[broker]() });
setUp(io);
httpServer.listen(0, "127.0.0.1", () => console.log(`port ${httpServer.address().port}`));
