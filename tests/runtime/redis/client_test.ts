import { Redis } from "ioredis";
import { pairsOf, type RedisClient, wrapClient } from "../../../server/adapter/redis/client/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { until } from "../../harness/once.ts";
import { ALL_PACKAGES, openClient, type Package } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";

const { url, SKIP } = await find("redis");

interface Opened extends Disposable {
  readonly pub: RedisClient;
  readonly sub: RedisClient;
  readonly raw: unknown;
  /** Of channels and keys of this test alone. */
  readonly key: string;
}

async function open(name: Package, plainText = false): Promise<Opened> {
  const [pub, sub] = await Promise.all([openClient(name, url), openClient(name, url)]);
  return {
    pub: wrapClient(pub.client, { name: "pubClient", plainText }),
    sub: wrapClient(sub.client, { name: "subClient", plainText }),
    raw: sub.client,
    key: `sockeye-${crypto.randomUUID()}`,
    [Symbol.dispose]() {
      pub.close();
      sub.close();
    },
  };
}

const BYTES = new Uint8Array([0, 255, 0x80, 13, 10]);

for (const name of ALL_PACKAGES) {
  describe(`a client of ${name}`, SKIP, () => {
    it("carries texts and bytes on a channel", async () => {
      using opened = await open(name);
      const { pub, sub, key } = opened;
      const heard: [number[], string][] = [];
      const listener = (bytes: Uint8Array, channel: string) => heard.push([[...bytes], channel]);
      await sub.subscribe(key, listener);
      assert.equal(await pub.numsub(key), 1);
      await pub.publish(key, "ü");
      await pub.publish(key, BYTES);
      await pub.publish(key, "base64,?");
      await until(() => heard.length === 3, "all");
      assert.deepEqual(heard, [[[195, 188], key], [[...BYTES], key], [
        [...new TextEncoder().encode("base64,?")],
        key,
      ]]);
      await sub.unsubscribe(key, listener);
      assert.equal(await pub.numsub(key), 0);
    });

    it("calls each listener of a channel until it is removed", async () => {
      using opened = await open(name);
      const { pub, sub, key } = opened;
      const again = wrapClient(opened.raw, { name: "subClient" });
      const heard: string[] = [];
      const one = () => heard.push("one");
      const two = () => heard.push("two");
      await Promise.all([sub.subscribe(key, one), again.subscribe(key, two)]);
      await pub.publish(key, "");
      await until(() => heard.length === 2, "both");
      const gone = sub.unsubscribe(key, one);
      await pub.publish(key, "");
      await until(() => heard.length === 3, "the other");
      await gone;
      // Changes of mind, without waiting.
      again.unsubscribe(key, two);
      again.subscribe(key, two);
      sub.subscribe(key, one);
      sub.unsubscribe(key, one);
      await again.subscribe(key, two);
      assert.equal(await pub.numsub(key), 1);
      await pub.publish(key, "");
      await until(() => heard.length === 4, "again");
      await again.unsubscribe(key, two);
      await again.unsubscribe(key, two);
      assert.equal(await pub.numsub(key), 0);
      assert.deepEqual(heard, ["one", "two", "two", "two"]);
    });

    it("hears a channel again when it had lost its connection", async () => {
      using opened = await open(name);
      const { pub, sub, key } = opened;
      const heard: string[] = [];
      const errors: Error[] = [];
      using _stop = { [Symbol.dispose]: sub.onError((error) => errors.push(error)) };
      const id = await sub.command("", ["CLIENT", "ID"]);
      await sub.subscribe(key, (bytes) => heard.push(new TextDecoder().decode(bytes)));
      await pub.command("", ["CLIENT", "KILL", "ID", String(id)]);
      let count = 0;
      await until(() => {
        pub.numsub(key).then((known) => count = known);
        return count === 1;
      }, "the subscription");
      await pub.publish(key, "again");
      await until(() => heard.length === 1, "the message");
      assert.deepEqual(heard, ["again"]);
    });

    it("sends commands, also by a connection of its own", async () => {
      using opened = await open(name);
      const { pub, sub, key } = opened;
      await sub.subscribe(`${key}:channel`, () => {});
      const copy = await pub.duplicate(() => {});
      try {
        await pub.command(key, ["XADD", key, "1-0", "a", "b"]);
        const read = ["XREAD", "BLOCK", "0", "STREAMS", key] as const;
        const blocked = copy.command(key, [...read, "1-0"]);
        await pub.command(key, ["XADD", key, "2-0", "c", "d"]);
        assert.deepEqual(pairsOf(await blocked), [[key, [["2-0", ["c", "d"]]]]]);
        assert.deepEqual(pairsOf(null), []);
        await pub.command(key, ["SET", `${key}:value`, "x", "PX", "5000"]);
        assert.equal(await pub.command(key, ["GETDEL", `${key}:value`]), "x");
        assert.equal(await pub.command(key, ["GETDEL", `${key}:value`]), null);
        await assert.rejects(pub.command(key, ["GETDEL"]), /wrong number of arguments/);
      } finally {
        await pub.command(key, ["DEL", key]);
        copy.close();
        copy.close();
      }
    });

    it("publishes bytes as text where that is asked for", async () => {
      using text = await open(name, true);
      using any = await open(name);
      const heard: number[][] = [];
      const listener = (bytes: Uint8Array) => heard.push([...bytes]);
      await text.sub.subscribe(text.key, listener);
      await text.pub.publish(text.key, BYTES);
      await until(() => heard.length === 1, "the message");
      await any.sub.subscribe(text.key, listener);
      await text.pub.publish(text.key, BYTES);
      await until(() => heard.length === 3, "the message");
      assert.deepEqual(heard, [[...BYTES], [...BYTES], [...BYTES]]);
    });

    if (name === "Bun.RedisClient") {
      it("says that it hears neither patterns nor shards", async () => {
        using opened = await open(name);
        const { sub, key } = opened;
        assert.deepEqual([sub.hasPatterns, sub.hasShards, sub.plainText], [false, false, true]);
        await assert.rejects(sub.psubscribe(key, () => {}), TypeError);
        await assert.rejects(sub.ssubscribe(key, () => {}), TypeError);
      });
      return;
    }

    it("hears patterns and shards", async () => {
      using opened = await open(name);
      const { pub, sub, key } = opened;
      const heard: unknown[] = [];
      const pattern = (bytes: Uint8Array, channel: string) => heard.push(["p", channel, ...bytes]);
      const shard = (bytes: Uint8Array, channel: string) => heard.push(["s", channel, ...bytes]);
      await sub.psubscribe(`${key}*`, pattern);
      await sub.ssubscribe(key, shard);
      assert.deepEqual([await pub.numsub(key), await pub.shardnumsub(key)], [0, 1]);
      await pub.publish(`${key}#`, BYTES);
      await pub.spublish(key, BYTES);
      await until(() => heard.length === 2, "both");
      assert.deepEqual(heard, [["p", `${key}#`, ...BYTES], ["s", key, ...BYTES]]);
      await sub.punsubscribe(`${key}*`, pattern);
      await sub.sunsubscribe(key, shard);
      assert.equal(await pub.shardnumsub(key), 0);
    });
  });
}

describe("a client of ioredis with a prefix for keys", SKIP, () => {
  it("hears shards under the names that were given", async () => {
    const [raw, rawSub] = [0, 1].map(() => new Redis(url, { keyPrefix: "prefix:" })) as [
      Redis,
      Redis,
    ];
    try {
      const [pub, sub] = [raw, rawSub].map((client) => wrapClient(client, { name: "client" })) as [
        RedisClient,
        RedisClient,
      ];
      const key = `sockeye-${crypto.randomUUID()}`;
      const heard: string[] = [];
      const listener = (_bytes: Uint8Array, channel: string) => heard.push(channel);
      await sub.subscribe(key, listener);
      await sub.ssubscribe(key, listener);
      assert.deepEqual([await pub.numsub(key), await pub.shardnumsub(key)], [1, 1]);
      await pub.publish(key, "");
      await pub.spublish(key, "");
      await until(() => heard.length === 2, "both");
      assert.deepEqual(heard, [key, key]);
    } finally {
      raw.disconnect();
      rawSub.disconnect();
    }
  });
});

describe("pairsOf()", () => {
  it("reads the maps of both versions of the protocol", () => {
    const pairs = [["a", 1], ["b", [2]]];
    const replies = [
      pairs,
      ["a", 1, "b", [2]],
      { a: 1, b: [2] },
      new Map<unknown, unknown>([["a", 1], ["b", [2]]]),
    ];
    for (const reply of replies) assert.deepEqual(pairsOf(reply), pairs);
    for (const reply of [null, undefined, [], {}, "OK"]) assert.deepEqual(pairsOf(reply), []);
  });
});

describe("wrapClient()", () => {
  it("says what it expects of a value that is no client", () => {
    for (const value of [undefined, null, 1, "redis://", {}, { publish() {} }, class {}]) {
      assert.throws(() => wrapClient(value, { name: "subClient" }), {
        name: "TypeError",
        message: "Cannot use subClient: it is no client of the packages redis (4 or later) or " +
          "ioredis (5 or later), and no Bun.RedisClient",
      });
    }
  });
});
