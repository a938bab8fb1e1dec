import { decodeValue, encodeValue } from "../../../../../parser/msgpack/mod.ts";
import { PacketType } from "../../../../../parser/mod.ts";
import type { ClusterAdapter } from "../../../../../server/adapter/cluster/mod.ts";
import {
  createShardedAdapter,
  type ShardedRedisAdapterOptions,
} from "../../../../../server/adapter/redis/mod.ts";
import { FakeRedis } from "../../../../harness/fake_redis.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { until } from "../../../../harness/once.ts";
import { FakeRecipient, FakeScope } from "../fakes.ts";

const CHANNEL = "socket.io#/test#";
const ID = "exactly20characters!";

async function open(options: ShardedRedisAdapterOptions = {}) {
  const redis = new FakeRedis();
  const [pub, sub] = [redis.client(), redis.client()];
  const scope = new FakeScope(false);
  const adapter = createShardedAdapter(pub, sub, options)(scope) as ClusterAdapter;
  const errors: string[] = [];
  adapter.on("error", ({ message }) => errors.push(message));
  await adapter.init();
  const socket = new FakeRecipient(ID);
  scope.sockets.set(ID, socket);
  adapter.addAll(ID, new Set([ID]));
  return {
    ...{ redis, sub, adapter, scope, socket, errors },
    [Symbol.asyncDispose]: async () => await adapter.close(),
  };
}

function event(...data: [string, ...unknown[]]) {
  return { type: PacketType.Event, nsp: "/test", data } as const;
}

describe("the adapter over sharded Redis pub/sub", () => {
  it("gives channels to the rooms that its mode says", async () => {
    const cases: [ShardedRedisAdapterOptions, string[]][] = [
      [{ subscriptionMode: "static" }, []],
      [{}, ["a#b"]],
      [{ subscriptionMode: "dynamic" }, ["a#b"]],
      [{ subscriptionMode: "dynamic-private" }, [ID, "a#b", "other20characters!!!"]],
    ];
    for (const [options, rooms] of cases) {
      await using opened = await open(options);
      const { adapter, sub, redis } = opened;
      await adapter.addAll(ID, new Set(["a#b", "other20characters!!!"]));
      const channels = [...sub.names.ssubscribe].map((name) => name.replace(adapter.uid, "UID"));
      const expected = ["", "UID#", ...rooms.map((room) => `${room}#`)];
      assert.deepEqual(channels, expected.map((name) => CHANNEL + name));
      for (const room of [ID, "a#b", "other20characters!!!"]) {
        adapter.broadcast(event("say", 1), { rooms: new Set([room]) });
        const channel = rooms.includes(room) ? `${CHANNEL}${room}#` : CHANNEL;
        assert.equal(redis.published.pop()![0], channel, room);
      }
      adapter.broadcast(event("say", 1), { rooms: new Set(["a#b", "c"]) });
      assert.equal(redis.published.pop()![0], CHANNEL);
      adapter.broadcastWithAck(event("say"), { rooms: new Set(["a#b"]) }, () => {}, () => {});
      assert.equal(redis.published.pop()![0], CHANNEL);
      adapter.delAll(ID);
      await adapter.addAll(ID, new Set(["c"]));
      assert.equal(sub.names.ssubscribe.has(`${CHANNEL}a#b#`), false);
      await adapter.close();
      assert.equal(sub.names.ssubscribe.size, 0);
      // Errors of a client that nobody listens to would end the process.
      assert.deepEqual([sub.listeners, sub.listenerCount("error")], [1, 1]);
    }
  });

  it("lets whoever joins wait until the room is heard, but not for the room of its id", async () => {
    await using opened = await open({ subscriptionMode: "dynamic-private" });
    const { adapter, sub } = opened;
    assert.equal(adapter.addAll("one", new Set(["one"])), undefined);
    const joined: unknown = adapter.addAll("one", new Set(["room"]));
    const also: unknown = adapter.addAll("two", new Set(["room"]));
    assert.ok(joined instanceof Promise && also instanceof Promise);
    await joined;
    assert.ok(sub.names.ssubscribe.has(`${CHANNEL}room#`));
    await also;
    assert.equal(adapter.addAll("three", new Set(["room"])), undefined);
  });

  it("writes JSON, and MessagePack where there are bytes", async () => {
    await using opened = await open({ channelPrefix: "p" });
    const { adapter, redis } = opened;
    const all = { rooms: new Set<string>() };
    adapter.broadcast(event("say", 1), all);
    const [channel, text] = redis.published.pop()! as [string, string];
    assert.equal(channel, "p#/test#");
    assert.deepEqual(JSON.parse(text), {
      uid: adapter.uid,
      nsp: "/test",
      type: 3,
      data: {
        packet: { type: 2, nsp: "/test", data: ["say", 1] },
        opts: { rooms: [], except: [], flags: {} },
      },
    });
    for (const bytes of [new Uint8Array([1]), new Uint8Array([1]).buffer]) {
      adapter.broadcast(event("say", { deep: [bytes] }), all);
      const [, payload] = redis.published.pop()! as [string, Uint8Array];
      const { data } = decodeValue(payload) as { data: { packet: { data: unknown } } };
      assert.deepEqual(data.packet.data, ["say", { deep: [new Uint8Array([1])] }]);
    }
    adapter.broadcast(event("say", { toJSON: () => ({ at: 5 }) }), all);
    assert.match(redis.published.pop()![1] as string, /\["say",\{"at":5\}\]/);
  });

  it("says what is wrong with what others publish, and goes on", async () => {
    await using opened = await open();
    const { redis, errors, socket } = opened;
    const message = {
      uid: "other",
      nsp: "/test",
      type: 3,
      data: { packet: { data: ["say", 1] }, opts: { rooms: [] } },
    };
    const cases: [string | Uint8Array, RegExp][] = [
      ["", /Cannot read cluster message: /],
      ["{", /Cannot read cluster message: /],
      [new Uint8Array([0xdf, 0xff]), /Cannot read cluster message: /],
      ["[]", /Cannot read cluster message: /],
      [encodeValue([]), /it has no fields/],
      [JSON.stringify({ ...message, type: 99 }), /its type 99 is unknown/],
      [JSON.stringify({ ...message, uid: 5 }), /nobody sent it/],
      [JSON.stringify({ ...message, data: {} }), /"packet" of its type 3 is missing or wrong/],
    ];
    for (const [payload, expected] of cases) {
      redis.spublish(CHANNEL, payload);
      assert.match(errors.pop() ?? "none", expected, String(payload));
    }
    redis.spublish(CHANNEL, JSON.stringify(message));
    redis.spublish(CHANNEL, encodeValue(message));
    assert.deepEqual([errors, socket.heard], [[], [1, 1]]);
  });

  it("reports a room that cannot be subscribed, once, and repeats it", async () => {
    await using opened = await open();
    const { redis, adapter, errors, sub } = opened;
    redis.failure = new Error("no such shard");
    let isHeard = false;
    const joined = Promise.resolve(adapter.addAll(ID, new Set(["room"]))).then(() =>
      isHeard = true
    );
    adapter.addAll(ID, new Set(["another"]));
    adapter.addAll(ID, new Set(["left"]));
    await until(() => errors.length > 0, "an error");
    sub.emit("ready");
    adapter.del(ID, "left");
    await Promise.resolve();
    assert.equal(isHeard, false);
    redis.failure = undefined;
    sub.emit("ready");
    await joined;
    assert.deepEqual(errors, [`Cannot subscribe to ${CHANNEL}room#: no such shard`]);
    await until(() => sub.names.ssubscribe.has(`${CHANNEL}another#`), "the other room");
    assert.equal(sub.names.ssubscribe.has(`${CHANNEL}left#`), false);
  });

  it("repeats what it could not unsubscribe", async () => {
    const { redis, adapter, sub } = await open();
    redis.failure = new Error("Redis is away");
    await adapter.close();
    assert.equal(sub.names.ssubscribe.size, 2);
    redis.failure = undefined;
    sub.emit("ready");
    await until(() => sub.names.ssubscribe.size === 0, "the end");
  });

  it("closes though Redis does not answer", async () => {
    const { redis, adapter } = await open();
    redis.isAway = true;
    adapter.addAll(ID, new Set(["room"]));
    await adapter.close();
    adapter.addAll(ID, new Set(["more"]));
    assert.equal(redis.published.length, 0);
  });
});

describe("createShardedAdapter()", () => {
  it("refuses what is of no use", () => {
    const [pub, sub] = [new FakeRedis().client(), new FakeRedis().client()];
    const bun = { subscribe() {}, send() {}, duplicate() {}, close() {} };
    const cases: [object, RegExp][] = [
      [{ subscriptionsMode: "static" }, /did you mean "subscriptionMode"\?$/],
      [{ key: "a" }, /^TypeError: Unknown option "key": did you mean "channelPrefix"\?$/],
      [{ channelPrefix: "" }, /^TypeError: Cannot use channelPrefix: /],
      [{ subscriptionMode: "all" }, /it is none of "static", "dynamic", "dynamic-private"$/],
    ];
    for (const [options, message] of cases) {
      assert.throws(() => createShardedAdapter(pub, sub, options), message);
    }
    assert.throws(() => createShardedAdapter(pub, bun), /^TypeError: Cannot use subClient: Bun/);
    assert.throws(
      () => createShardedAdapter(bun, sub, { plainText: false }),
      /^TypeError: Cannot use plainText: /,
    );
  });
});
