import type { Receiver } from "../../../../../server/adapter/cluster/mod.ts";
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
  /** All clients that are closed. */
  closed = 0;
  /** Called ahead of each answer to a range. */
  onRange: () => void = () => {};

  client(): RedisClient {
    const members = {
      onError: () => () => {},
      duplicate: () => Promise.resolve(this.client()),
      subscribe: () => Promise.resolve(),
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
    if (name === "XREVRANGE") return Promise.resolve(this.entries.slice(-1));
    if (name === "XREAD") return (this.reading = Promise.withResolvers<unknown>()).promise;
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

async function open(redis: FakeRedis) {
  const settings = resolveOptions({});
  const bus = new RedisStreamsBus(new Streams(redis.client(), settings), settings, "/");
  const received: string[] = [];
  const errors: string[] = [];
  const receiver = {
    ...{ uid: "u", nsp: "/", rooms: new Map(), sids: new Map() },
    receive: (_message: unknown, offset: string) => void received.push(offset),
    failed: (error: unknown) => void errors.push((error as Error).message),
  } satisfies Receiver;
  await bus.open(receiver);
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
