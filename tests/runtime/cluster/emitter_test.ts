import { Buffer } from "node:buffer";
import { Emitter as NpmPostgresEmitter } from "@socket.io/postgres-emitter";
import { Emitter as NpmRedisEmitter } from "@socket.io/redis-emitter";
import { Emitter as PostgresEmitter } from "../../../emitter/postgres/mod.ts";
import { type BrokerEmitter, Emitter as RedisEmitter } from "../../../emitter/redis/mod.ts";
import { Emitter as StreamsEmitter } from "../../../emitter/redis_streams/mod.ts";
import { wrapClient } from "../../../server/adapter/redis/client/mod.ts";
import type { AdapterFactory } from "../../../server/adapter/mod.ts";
import { setUp } from "../../harness/emitter_target.mjs";
import { assert, describe, it } from "../../harness/mod.ts";
import { once, until } from "../../harness/once.ts";
import { CLIENTS, PostgresBroker } from "../../harness/postgres.ts";
import { Process } from "../../harness/process.ts";
import { RedisBroker } from "../../harness/redis_broker.ts";
import { openClient, type Package, PACKAGES } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { start } from "../../harness/started.ts";
import { StreamsBroker } from "../../harness/streams_broker.ts";
import { emitterSuite, type Stage } from "../../suite/emitter.ts";

const redis = await find("redis");
const database = await find("postgres");

/** Starts an npm server for an emitter. */
async function npmStage(
  broker: "redis" | "streams" | "postgres",
  url: string,
  name: string,
  emitter: BrokerEmitter,
  stack: AsyncDisposableStack,
): Promise<Stage> {
  const script = "tests/harness/npm_emitter_target.mjs";
  const server = stack.use(new Process("node", [script, broker, url, name]));
  const [, port] = await server.printed(/port (\d+)/);
  return stage(`http://127.0.0.1:${port}`, emitter, stack);
}

function stage(url: string, emitter: BrokerEmitter, stack: AsyncDisposableStack): Stage {
  return { url, emitter, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The client of an emitter, and a key that no other test uses. */
async function openRedis(name: Package) {
  const stack = new AsyncDisposableStack();
  const { client, close } = await openClient(name, redis.url);
  stack.defer(close);
  return { stack, client, key: `test-${crypto.randomUUID()}` };
}

for (const name of PACKAGES) {
  describe(`an emitter with ${name}, for npm servers`, redis.SKIP, () =>
    emitterSuite(async () => {
      const { stack, client, key } = await openRedis(name);
      const emitter = new RedisEmitter(client, { key, plainText: false });
      return npmStage("redis", redis.url, key, emitter, stack);
    }));
}

for (const name of PACKAGES) {
  describe(
    `an emitter with ${name} and streams, for npm servers`,
    redis.SKIP,
    () =>
      emitterSuite(async () => {
        const { stack, client, key } = await openRedis(name);
        const streams = wrapClient(client, { name: "the client of a test" });
        stack.defer(() => streams.command(key, ["DEL", key]).then(() => {}));
        const options = { streamName: key, channelPrefix: key, maxLen: 5000, plainText: false };
        const emitter = new StreamsEmitter(client, options);
        return npmStage("streams", redis.url, `${key},${key}`, emitter, stack);
      }),
  );
}

for (const name of PACKAGES) {
  describe(`an emitter with ${name}, for our servers`, redis.SKIP, () =>
    emitterSuite(async () => {
      const { stack, client } = await openRedis(name);
      const broker = stack.use(new RedisBroker(redis.url, { pub: name, sub: "ioredis" }));
      const server = stack.use(await start({ adapter: await broker.join() }, setUp));
      return stage(server.url, new RedisEmitter(client, { key: broker.key }), stack);
    }));
}

for (const name of PACKAGES) {
  describe(
    `an emitter with ${name} and streams, for our servers`,
    redis.SKIP,
    () => {
      async function open() {
        const { stack, client } = await openRedis(name);
        const broker = stack.use(await StreamsBroker.open(name, redis.url));
        const server = stack.use(await start({ adapter: await broker.join() }, setUp));
        const { prefix } = broker;
        const emitter = new StreamsEmitter(client, { streamName: prefix, channelPrefix: prefix });
        return { stack, server, emitter };
      }

      emitterSuite(async () => {
        const { stack, server, emitter } = await open();
        return stage(server.url, emitter, stack);
      });

      it("tells servers behind what it has sent to the same namespace", async () => {
        const { stack, server: { io, clients }, emitter } = await open();
        await using _ = stack;
        const sizes: number[] = [];
        io.on("look", (room: string) => {
          sizes.push(io.sockets.adapter.rooms.get(room)?.size ?? 0);
        });
        await clients.connect({ transports: ["websocket"], query: { rooms: "a" } });
        await (io.sockets.adapter as unknown as { readonly ready: Promise<void> }).ready;
        for (let i = 0; i < 20; i++) {
          emitter.socketsJoin(`room ${i}`);
          emitter.serverSideEmit("look", `room ${i}`);
        }
        await until(() => sizes.length === 20, "all looks");
        assert.deepEqual(new Set(sizes), new Set([1]));
      });
    },
  );
}

/** A database for a server and an emitter, each with a client of its own. */
async function openPostgres(name: string) {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await PostgresBroker.open(database.url, CLIENTS[name]));
  const { channelPrefix, tableName } = broker;
  const emitter = new PostgresEmitter(broker.client(), { channelPrefix, tableName });
  stack.defer(() => emitter.flush());
  return { stack, broker, emitter };
}

for (const name of Object.keys(CLIENTS)) {
  describe(
    `an emitter with ${name}, for our servers`,
    database.SKIP,
    () =>
      emitterSuite(async () => {
        const { stack, broker, emitter } = await openPostgres(name);
        const server = stack.use(await start({ adapter: broker.join() }, setUp));
        return stage(server.url, emitter, stack);
      }),
  );
}

describe("an emitter with pg, for npm servers", database.SKIP, () =>
  emitterSuite(async () => {
    const { stack, broker, emitter } = await openPostgres("pg");
    const name = `${broker.channelPrefix},${broker.tableName}`;
    return npmStage("postgres", database.url, name, emitter, stack);
    // That adapter of npm reads what is in the table while it takes what comes behind.
  }, true));

/** What both emitters of npm have. */
interface NpmEmitter {
  to(room: string): {
    emit(event: string, ...args: unknown[]): true;
    socketsJoin(room: string): void;
  };
  serverSideEmit(event: string, ...args: unknown[]): void;
}

describe("an emitter of npm, for our servers", () => {
  async function check(adapter: AdapterFactory, emitter: NpmEmitter): Promise<void> {
    await using server = await start({ adapter }, setUp);
    await (server.io.sockets.adapter as unknown as { readonly ready: Promise<void> }).ready;
    const options = { transports: ["websocket"], query: { rooms: "a" } };
    const client = await server.clients.connect(options);
    const heard: unknown[][] = [];
    client.on("say", (...args) => heard.push(args));
    emitter.to("a").socketsJoin("b");
    // What takes a table takes npm a statement more, so it is overtaken.
    await until(() => server.io.sockets.adapter.rooms.has("b"), "the room");
    emitter.to("b").emit("say", 1, { two: [2] });
    await until(() => heard.length === 1, "the first event");
    emitter.to("b").emit("say", Buffer.from([3]), "x".repeat(9000));
    await until(() => heard.length === 2, "the second event");
    const [bytes, text] = heard[1] as [Uint8Array, string];
    assert.deepEqual(heard[0], [1, { two: [2] }]);
    assert.deepEqual([...new Uint8Array(bytes)], [3]);
    assert.equal(text.length, 9000);
    const told = once(client, "told");
    emitter.serverSideEmit("tell", 4);
    assert.deepEqual(await told, [4]);
  }

  it("by Redis", redis.SKIP, async () => {
    const { stack, client } = await openRedis("ioredis");
    await using _end = stack;
    await using broker = new RedisBroker(redis.url, { pub: "redis", sub: "ioredis" });
    await check(await broker.join(), new NpmRedisEmitter(client, { key: broker.key }));
  });

  it("by PostgreSQL", database.SKIP, async () => {
    await using broker = await PostgresBroker.open(database.url);
    const { channelPrefix, tableName, pool } = broker;
    const emitter = new NpmPostgresEmitter(pool as never, "/", { channelPrefix, tableName });
    await check(broker.join(), emitter);
  });
});

describe("an emitter whose broker is away", () => {
  for (const name of PACKAGES) {
    it(`tells of it, with ${name}`, redis.SKIP, async () => {
      const { client, close } = await openClient(name, redis.url);
      const told: unknown[] = [];
      const emitter = new RedisEmitter(client, {
        key: `test-${crypto.randomUUID()}`,
        onError: (error, failure) => {
          assert.ok(error instanceof Error);
          told.push(failure);
        },
      });
      close();
      assert.equal(emitter.emit("say", 1), true);
      emitter.of("/other").socketsJoin("a");
      await emitter.flush();
      assert.deepEqual(told, [
        { method: "emit", nsp: "/" },
        { method: "socketsJoin", nsp: "/other" },
      ]);
    });
  }

  it("tells what the table is for, and goes on", database.SKIP, async () => {
    await using broker = await PostgresBroker.open(database.url);
    const { channelPrefix } = broker;
    const told: [string, unknown][] = [];
    const emitter = new PostgresEmitter(broker.client(), "/", {
      channelPrefix,
      tableName: `${broker.tableName}_none`,
      onError: ({ message }, failure) => told.push([message, failure]),
    });
    const heard: string[] = [];
    const listener = await broker.pool.connect();
    listener.on("notification", ({ payload = "" }) => heard.push(payload));
    await listener.query(`LISTEN "${channelPrefix}#/"`);
    emitter.emit("say", 1);
    emitter.emit("say", new Uint8Array(1));
    emitter.emit("say", 2);
    emitter.serverSideEmit("tell", "x".repeat(9000));
    emitter.emit("say", 3);
    await emitter.flush();
    await until(() => heard.length === 3, "the others");
    listener.release(true);
    assert.deepEqual(told.map(([, failure]) => failure), [
      { method: "emit", nsp: "/" },
      { method: "serverSideEmit", nsp: "/" },
    ]);
    assert.match(told[0]![0], /there is no table for them \(\S.*\)\. Create it by: CREATE TABLE/);
    assert.deepEqual(heard.map((payload) => JSON.parse(payload).data.packet.data[1]), [1, 2, 3]);
  });

  it("survives the loss of its connections", database.SKIP, async () => {
    await using broker = await PostgresBroker.open(database.url);
    const { channelPrefix } = broker;
    const told: unknown[] = [];
    const emitter = new PostgresEmitter(
      broker.client(`${database.url}?application_name=${channelPrefix}`),
      { channelPrefix, onError: (error) => told.push(error) },
    );
    emitter.emit("say", 1);
    await emitter.flush();
    const { rowCount } = await broker.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
      [channelPrefix],
    );
    assert.equal(rowCount, 1);
    const listener = await broker.pool.connect();
    let heard = 0;
    listener.on("notification", () => heard++);
    await listener.query(`LISTEN "${channelPrefix}#/"`);
    await until(() => {
      if (heard === 0) emitter.emit("say", 2);
      return heard > 0;
    }, "it to send again");
    await emitter.flush();
    listener.release(true);
  });
});
