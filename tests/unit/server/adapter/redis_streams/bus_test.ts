import type { ClusterMessage, Receiver } from "../../../../../server/adapter/cluster/mod.ts";
import type { RedisClient } from "../../../../../server/adapter/redis/client/mod.ts";
import { RedisStreamsBus } from "../../../../../server/adapter/redis_streams/bus.ts";
import { resolveOptions } from "../../../../../server/adapter/redis_streams/options.ts";
import { Streams } from "../../../../../server/adapter/redis_streams/streams.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { until } from "../../../../harness/once.ts";

type Reply = PromiseWithResolvers<unknown>;

/** A Redis that answers what blocks when the test says so. */
class FakeRedis {
  /** The entries of the stream. */
  entries: [string, string[]][] = [];
  /** What waits for entries. */
  reading: Reply | undefined;
  /** How often a range was read. */
  ranges = 0;
  /** How often the last id was asked for, and how often that fails, but for the first time. */
  lastIds = 0;
  failures = 0;
  /** All clients that are closed. */
  closed = 0;
  /** Has something come by the channel that was subscribed last. */
  say: (payload: Uint8Array) => void = () => {};
  /** The session that is kept. */
  session: string | null = null;
  /** Called ahead of each answer to a range. */
  onRange: () => void = () => {};

  client(): RedisClient {
    const members = {
      onError: () => () => {},
      duplicate: () => Promise.resolve(this.client()),
      subscribe: (_channel: string, listener: (payload: Uint8Array) => void) => {
        this.say = listener;
        return Promise.resolve();
      },
      unsubscribe: () => Promise.resolve(),
      close: () => {
        this.closed++;
        this.reading?.reject(new Error("closed"));
      },
      command: (_key: string, args: readonly string[]) => this.#command(args),
    };
    return members as unknown as RedisClient;
  }

  add(id: string, nsp = "/"): void {
    const data = JSON.stringify({ packet: { data: ["say", id] }, opts: { rooms: [] } });
    this.entries.push([id, ["uid", "x", "nsp", nsp, "type", "3", "data", data]]);
  }

  #command([name, , start = "", , , count]: readonly string[]): Promise<unknown> {
    if (name === "XREVRANGE") {
      if (++this.lastIds > 1 && this.failures-- > 0) return Promise.reject(new Error("away"));
      return Promise.resolve(this.entries.slice(-1));
    }
    if (name === "XREAD") return (this.reading = Promise.withResolvers<unknown>()).promise;
    if (name === "GETDEL") return Promise.resolve(this.session);
    if (name !== "XRANGE") return Promise.reject(new Error(name));
    this.ranges++;
    const isBehind = start.startsWith("(");
    const at = this.entries.findIndex(([id]) => id === start.replace("(", ""));
    const from = start === "0-0" ? 0 : at < 0 ? Infinity : at + (isBehind ? 1 : 0);
    const found = this.entries.slice(from, from + Number(count));
    this.onRange();
    return Promise.resolve(found);
  }
}

const MESSAGE: ClusterMessage = {
  ...{ uid: "u", nsp: "/", type: 6 },
  data: { opts: { rooms: [], except: [] }, close: false },
};

async function open(
  redis: FakeRedis,
  recovers = true,
  streams = new Streams(redis.client(), resolveOptions({})),
  meanwhile: () => void = () => {},
) {
  const recovery = recovers ? { maxDisconnectionDuration: 1000 } : undefined;
  const scope = { name: "/", recovery };
  const settings = resolveOptions({});
  const bus = new RedisStreamsBus(streams, settings, scope);
  const received: string[] = [];
  const errors: string[] = [];
  const receiver = {
    ...{ uid: "u", nsp: "/", rooms: new Map(), sids: new Map() },
    receive: (_message: unknown, offset: string) => void received.push(offset),
    failed: (error: unknown) => void errors.push((error as Error).message),
  } satisfies Receiver;
  const opened = bus.open(receiver);
  meanwhile();
  await opened;
  await until(() => redis.reading !== undefined, "the reader");
  return { bus, received, errors };
}

describe("RedisStreamsBus", () => {
  it("tells of what was recorded when the server has received it as well", async () => {
    const redis = new FakeRedis();
    redis.add("1-0");
    const { bus, received } = await open(redis);
    assert.equal(bus.start, "1-0");
    redis.add("2-0");
    redis.add("3-0", "/other");
    let isTold = false;
    const recorded = bus.recordedAfter("1-0").finally(() => isTold = true);
    await until(() => redis.ranges === 1, "the range");
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(isTold, false);
    redis.reading!.resolve([["socket.io", redis.entries.slice(1)]]);
    assert.deepEqual((await recorded)?.map(({ offset }) => offset), ["2-0"]);
    assert.deepEqual(received, ["2-0"]);
    assert.deepEqual(await bus.recordedAfter("3-0"), []);
    await bus.close();
  });

  it("tells that a message was not recorded when it can have received it no more", async () => {
    const redis = new FakeRedis();
    redis.add("1-0");
    const { bus, received } = await open(redis);
    // It is recorded, but the answer is lost.
    redis.add("2-0");
    redis.failures = 2;
    let isTold = false;
    const failed = assert.rejects(bus.publish(MESSAGE, false), /XADD/).then(() => isTold = true);
    await until(() => redis.lastIds === 4, "an answer");
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([isTold, received], [false, []]);
    redis.reading!.resolve([["socket.io", redis.entries.slice(1)]]);
    await failed;
    assert.deepEqual(received, ["2-0"]);
    await bus.close();
  });

  it("waits for no answer behind its end", async () => {
    const redis = new FakeRedis();
    const { bus } = await open(redis);
    redis.failures = Infinity;
    const failed = assert.rejects(bus.publish(MESSAGE, false), /XADD/);
    await until(() => redis.lastIds > 1, "a question");
    await bus.close();
    await failed;
    const { lastIds } = redis;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(redis.lastIds, lastIds);
  });

  it("takes no entry of its own server, and tells of no failure late, without recovery", async () => {
    const redis = new FakeRedis();
    const { bus, received, errors } = await open(redis, false);
    for (const [id, uid] of [["1-0", "u"], ["2-0", "x"]] as const) {
      redis.entries.push([id, [
        "uid",
        uid,
        "nsp",
        "/",
        "type",
        "3",
        "data",
        uid === "u" ? "{" : "{}",
      ]]);
    }
    redis.reading!.resolve([["socket.io", redis.entries]]);
    await until(() => received.length > 0, "an entry");
    assert.deepEqual([received, errors], [["2-0"], []]);
    const { lastIds } = redis;
    await assert.rejects(async () => await bus.publish(MESSAGE, false), /XADD/);
    assert.equal(redis.lastIds, lastIds);
    await bus.close();
  });

  it("tells of what it cannot read, and why", async () => {
    const redis = new FakeRedis();
    const { bus, received, errors } = await open(redis);
    redis.entries.push(["1-0", ["uid", "x", "nsp", "/", "type", "3", "data", "{"]]);
    redis.add("2-0");
    redis.reading!.resolve([["socket.io", redis.entries]]);
    await until(() => received.length > 0, "an entry");
    redis.say(new Uint8Array([0xc1]));
    assert.equal(errors.length, 2);
    assert.match(errors[0]!, /^Cannot read the entry 1-0: .*JSON/);
    assert.match(errors[1]!, /^Cannot read what came by a channel: Cannot decode /);
    redis.session = "wQ==";
    await assert.rejects(bus.takeSession("0123456789"), ({ name, message, cause }: Error) => {
      assert.match(message, /^Cannot read the session sio:session:0123456789: Cannot decode /);
      assert.deepEqual([name, cause instanceof SyntaxError], ["ClusterError", true]);
      return true;
    });
    redis.session = null;
    assert.equal(await bus.takeSession("0123456789"), undefined);
    assert.equal(await bus.takeSession("x"), undefined);
    await bus.close();
  });

  it("compares ids only", async () => {
    const { bus } = await open(new FakeRedis());
    assert.equal(bus.isReached("10-0", "9-5"), true);
    assert.equal(bus.isReached("9-5", "10-0"), false);
    for (const [one, other] of [["x", "1-0"], ["1-0", "x"]] as const) {
      assert.throws(() => bus.isReached(one, other), /"x" is not the id of an entry/);
    }
    await bus.close();
  });

  it("starts where its receiver came, though others use the reader", async () => {
    const redis = new FakeRedis();
    redis.add("1-0");
    const settings = resolveOptions({});
    const streams = new Streams(redis.client(), settings);
    const { bus } = await open(redis, true, streams);
    const late = await open(redis, true, streams, () => {
      redis.add("2-0");
      redis.reading!.resolve([["socket.io", redis.entries.slice(1)]]);
    });
    assert.deepEqual([bus.start, late.bus.start], ["1-0", "1-0"]);
    await late.bus.received("2-0");
    assert.deepEqual(late.received, ["2-0"]);
    const last = await open(redis, true, streams);
    assert.equal(last.bus.start, "2-0");
    for (const { bus } of [late, last]) await bus.close();
    await bus.close();
  });

  it("ends what waits for entries that do not come any more", async () => {
    const redis = new FakeRedis();
    redis.add("1-0");
    const { bus } = await open(redis);
    redis.add("2-0");
    const recorded = bus.recordedAfter("1-0");
    await until(() => redis.ranges === 1, "the range");
    await new Promise((resolve) => setTimeout(resolve));
    const ended = assert.rejects(recorded, /closed/);
    await bus.close();
    await ended;
    assert.equal(redis.closed, 2);
  });

  it("tells once of a server that is too slow, and waits for nothing that was dropped", async () => {
    const redis = new FakeRedis();
    for (let i = 1; i <= 400; i++) redis.add(`${i}-0`);
    const all = redis.entries;
    redis.entries = all.slice(0, 1);
    const { bus, received, errors } = await open(redis);
    const passed = bus.received("50-0");
    for (const from of [100, 200, 300]) {
      redis.entries = all.slice(from, from + 100);
      const reading = redis.reading!;
      reading.resolve([["socket.io", redis.entries]]);
      await until(() => redis.reading !== reading, "the next");
    }
    await passed;
    assert.equal(received.length, 300);
    assert.deepEqual(errors, ["Messages may be lost: socket.io no longer holds 1-0"]);
    await bus.close();
  });

  it("reads as many pages as there are, and not what comes meanwhile", async () => {
    const redis = new FakeRedis();
    for (let i = 1; i <= 2500; i++) redis.add(`${i}-0`);
    const { bus } = await open(redis);
    redis.onRange = () => {
      for (let i = 0; i < 1000; i++) redis.add(`${redis.entries.length + 1}-0`);
    };
    const recorded = bus.recordedAfter("1-0");
    await until(() => redis.ranges === 3, "three ranges");
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(redis.ranges, 3);
    redis.reading!.resolve([["socket.io", redis.entries.slice(2500, 3000)]]);
    const offsets = (await recorded)?.map(({ offset }) => offset);
    assert.deepEqual(offsets, redis.entries.slice(1, 3000).map(([id]) => id));
    await bus.close();
  });

  it("knows from the start only as long as nothing was dropped", async () => {
    const redis = new FakeRedis();
    const { bus } = await open(redis);
    assert.deepEqual(await bus.recordedAfter("0-0"), []);
    assert.equal(await bus.recordedAfter("0-0", "none"), undefined);
    for (let i = 1; i <= 1000; i++) redis.add(`${i}-0`);
    assert.equal(await bus.recordedAfter("0-0"), undefined);
    assert.equal(await bus.recordedAfter("5-1"), undefined);
    await bus.close();
  });
});
