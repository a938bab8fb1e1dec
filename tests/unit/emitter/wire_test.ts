import { Buffer } from "node:buffer";
import { decode } from "@msgpack/msgpack";
import { Emitter as NpmPostgresEmitter } from "@socket.io/postgres-emitter";
import { Emitter as NpmRedisEmitter } from "@socket.io/redis-emitter";
import { Emitter as PostgresEmitter } from "../../../emitter/postgres/mod.ts";
import { hashCode } from "@socket.io/redis-streams-adapter/dist/util.js";
import { Emitter as StreamsEmitter } from "../../../emitter/redis_streams/mod.ts";
import { Emitter as RedisEmitter } from "../../../emitter/redis/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { FakePool, FakeRedis } from "../../harness/fake_brokers.ts";

/** What an emitter of npm has as well as ours. */
interface Operator {
  emit(event: string, ...args: unknown[]): true;
  to(room: string | string[]): Operator;
  in(room: string | string[]): Operator;
  except(room: string | string[]): Operator;
  readonly volatile: Operator;
  compress(compress: boolean): Operator;
  socketsJoin(rooms: string | string[]): void;
  socketsLeave(rooms: string | string[]): void;
  disconnectSockets(close?: boolean): void;
}

interface AnyEmitter extends Operator {
  of(nsp: string): AnyEmitter;
  serverSideEmit(event: string, ...args: unknown[]): void;
}

const OPERATIONS: readonly ((emitter: AnyEmitter) => unknown)[] = [
  (emitter) => emitter.emit("say"),
  (emitter) => emitter.emit("say", 1, "two", { three: [3.5, null, true, -4, 2 ** 40] }),
  (emitter) => emitter.emit("say", "x".repeat(300), "ünï cödé 🦦"),
  (emitter) => emitter.to("a").emit("say", 1),
  (emitter) => emitter.to("ünï#cödé").emit("say", 1),
  (emitter) => emitter.to("a").in("a").emit("say", 1),
  (emitter) => emitter.to(["a", "b"]).except("c").emit("say", 1),
  (emitter) => emitter.except(["c", "d"]).emit("say", 1),
  (emitter) => emitter.volatile.emit("say", 1),
  (emitter) => emitter.compress(false).volatile.to("a").emit("say", 1),
  (emitter) => emitter.volatile.compress(true).emit("say", 1),
  (emitter) => emitter.of("/chat").to("a").emit("say", 1),
  (emitter) => emitter.of("chat").emit("say", 1),
  (emitter) => emitter.socketsJoin("a"),
  (emitter) => emitter.in("a").except("b").socketsJoin(["c", "d"]),
  (emitter) => emitter.of("/chat").in(["a", "b"]).socketsLeave("c"),
  (emitter) => emitter.disconnectSockets(),
  (emitter) => emitter.volatile.in("a").disconnectSockets(true),
  (emitter) => emitter.serverSideEmit("tell"),
  (emitter) => emitter.of("/chat").serverSideEmit("tell", 1, { two: [2] }),
];

/** What JSON does not carry. */
const LARGE: readonly ((emitter: AnyEmitter) => unknown)[] = [
  (emitter) => emitter.to("a").emit("say", "x".repeat(9000)),
  (emitter) => emitter.emit("say", "ü".repeat(5000)),
  (emitter) => emitter.emit("say", Buffer.from([1, 2, 3]), { deep: [Buffer.from("x")] }),
  (emitter) => emitter.serverSideEmit("tell", Buffer.from([1])),
  (emitter) => emitter.socketsJoin(Array.from({ length: 3000 }, (_, i) => `${i}`)),
];

describe("emitters publish what those of npm do", () => {
  for (const operate of [...OPERATIONS, ...LARGE.slice(0, 3)]) {
    it(`by Redis: ${operate}`, async () => {
      const [ours, theirs] = [new FakeRedis(), new FakeRedis()];
      const emitter = new RedisEmitter(ours, { key: "key" });
      const result = operate(emitter);
      await emitter.flush();
      assert.equal(result, operate(new NpmRedisEmitter(theirs, { key: "key" })));
      assert.deepEqual(ours.published, theirs.published);
      assert.equal(ours.published.length, 1);
    });
  }

  it("by Redis, with the defaults, and with a parser", async () => {
    const parser = { encode: (value: unknown) => JSON.stringify(value) };
    for (const options of [undefined, { parser }]) {
      const [ours, theirs] = [new FakeRedis(), new FakeRedis()];
      const emitter = new RedisEmitter(ours, options, "/admin");
      emitter.emit("say", 1);
      await emitter.flush();
      new NpmRedisEmitter(theirs, options, "/admin").emit("say", 1);
      assert.deepEqual(ours.published, theirs.published);
    }
  });

  it("by streams of Redis, as the adapter of npm", async () => {
    const redis = new FakeRedis();
    const options = { streamName: "key", channelPrefix: "prefix", maxLen: 7 };
    const emitter = new StreamsEmitter(redis, options, "/chat");
    const bytes = new Uint8Array([1]);
    emitter.to("a").except("b").volatile.emit("say", 1);
    emitter.emit("say", bytes, new Date(0));
    emitter.socketsJoin("a");
    emitter.socketsLeave(["a", "b"]);
    emitter.disconnectSockets(true);
    await emitter.flush();
    const xadd = ["XADD", "key", "MAXLEN", "~", "7", "*", "uid", "emitter", "nsp", "/chat", "type"];
    const packet = (...data: unknown[]) => ({ type: 2, data: ["say", ...data], nsp: "/chat" });
    const everyone = { rooms: [], except: [] };
    const expected = [
      ["3", {
        packet: packet(1),
        opts: { rooms: ["a"], except: ["b"], flags: { volatile: true } },
      }],
      ["3", { packet: packet(bytes, new Date(0)), opts: { ...everyone, flags: {} } }],
      ["4", { opts: everyone, rooms: ["a"] }],
      ["5", { opts: everyone, rooms: ["a", "b"] }],
      ["6", { opts: everyone, close: true }],
    ];
    const read = (data: string) =>
      data.startsWith("{") ? JSON.parse(data) : decode(Uint8Array.fromBase64(data));
    assert.deepEqual(redis.commands.map((args) => args.slice(0, 11)), expected.map(() => xadd));
    assert.deepEqual(
      redis.commands.map((args) => [args[11], read(args[13] as string)]),
      expected,
    );
    for (const useShardedPubSub of [false, true]) {
      const redis = new FakeRedis();
      const emitter = new StreamsEmitter(redis, { channelPrefix: "prefix", useShardedPubSub });
      emitter.of("/chat").serverSideEmit("tell", bytes);
      await emitter.flush();
      const [[channel, payload]] = redis.published as [[string, Uint8Array]];
      assert.equal(channel, `${useShardedPubSub ? "a shard: " : ""}prefix#/chat#`);
      assert.deepEqual(decode(Uint8Array.from(payload)), {
        ...{ uid: "emitter", nsp: "/chat", type: 9 },
        data: { packet: ["tell", bytes] },
      });
    }
  });

  it("to the stream of a namespace, if there are several", async () => {
    const redis = new FakeRedis();
    const emitter = new StreamsEmitter(redis, { streamCount: 3, onlyPlaintext: true });
    const names = ["/", "/chat", "/a much longer name of a namespace", "/ünï cödé 🦦"];
    for (const name of names) emitter.of(name).emit("say", new Uint8Array([1]));
    await emitter.flush();
    assert.deepEqual(
      redis.commands.map(([, stream]) => stream),
      names.map((name) => `socket.io-${hashCode(name) % 3}`),
    );
    for (const args of redis.commands) assert.match(String(args[13]), /"say",\{"0":1\}/);
  });

  for (const operate of OPERATIONS) {
    it(`by PostgreSQL: ${operate}`, async () => {
      const [ours, theirs] = [new FakePool(), new FakePool()];
      const emitter = new PostgresEmitter(ours, "/", { channelPrefix: "key" });
      const result = operate(emitter);
      await emitter.flush();
      // That of npm forgets its options in `of`.
      const npm = new NpmPostgresEmitter(theirs as never, "/", { channelPrefix: "key" });
      npm.of = (nsp) =>
        new NpmPostgresEmitter(theirs as never, `/${nsp.replace("/", "")}`, {
          channelPrefix: "key",
        });
      assert.equal(result, operate(npm));
      const [[, [channel, payload]], [, [theirChannel, theirPayload]]] = [
        ours.queries[0]!,
        theirs.queries[0]!,
      ] as [[string, [string, string]], [string, [string, string]]];
      assert.equal(channel, theirChannel);
      // Servers of npm tell by it whom a message is for; their emitter does not say it.
      const { nsp, ...said } = JSON.parse(payload);
      assert.equal(channel, `key#${nsp}`);
      assert.deepEqual(said, JSON.parse(theirPayload));
    });
  }

  for (const operate of LARGE) {
    it(`by the table of PostgreSQL: ${operate}`, async () => {
      const [ours, theirs] = [new FakePool(), new FakePool()];
      const emitter = new PostgresEmitter(ours, { tableName: "some.table" });
      operate(emitter);
      await emitter.flush();
      operate(new NpmPostgresEmitter(theirs as never, "/", { tableName: "some.table" }));
      await theirs.queried(2);
      assert.match(theirs.queries[0]![0], /^INSERT INTO some.table /);
      assert.match(ours.queries[0]![0], /INSERT INTO some.table /);
      const [payload, channel, before, after] = ours.queries[0]![1] as [
        Uint8Array,
        string,
        string,
        string,
      ];
      const [theirChannel, theirHeader] = theirs.queries[1]![1] as [string, string];
      assert.equal(channel, theirChannel);
      assert.deepEqual(JSON.parse(`${before}7${after}`), JSON.parse(theirHeader));
      const { nsp, ...said } = decode(payload) as Record<string, unknown>;
      assert.equal(channel, `socket.io#${nsp}`);
      assert.deepEqual(said, decode(theirs.queries[0]![1][0] as Uint8Array));
    });
  }
});
