import { inspect } from "node:util";
import { Emitter as PostgresEmitter } from "../../../emitter/postgres/mod.ts";
import { Emitter, type EmitterOptions, type Failure } from "../../../emitter/redis/mod.ts";
import { Emitter as StreamsEmitter } from "../../../emitter/redis_streams/mod.ts";
import { FakePool, FakeRedis } from "../../harness/fake_brokers.ts";
import { assert, describe, it } from "../../harness/mod.ts";

function make(options: EmitterOptions = {}, redis = new FakeRedis()) {
  return { redis, emitter: new Emitter(redis, options) };
}

describe("Emitter", () => {
  it("refuses reserved names", () => {
    const { emitter, redis } = make();
    const forClients = [
      ...["connect", "connect_error", "disconnect", "disconnecting"],
      ...["newListener", "removeListener"],
    ];
    for (const name of forClients) {
      const expected = new Error(`"${name}" is a reserved event name`);
      assert.throws(() => emitter.emit(name), expected);
      assert.throws(() => emitter.to("a").emit(name), expected);
    }
    for (const name of ["connect", "connection", "new_namespace", "session_expired"]) {
      const expected = new Error(`"${name}" is a reserved event name`);
      assert.throws(() => emitter.serverSideEmit(name), expected);
    }
    assert.deepEqual(redis.published, []);
    emitter.serverSideEmit("disconnect");
    emitter.emit("connection");
    assert.equal(redis.published.length, 2);
  });

  it("refuses what cannot travel", () => {
    const { emitter, redis } = make();
    const pool = new FakePool();
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const acks = /^Cannot send a function: acknowledgements are not supported by emitters$/;
    for (const each of [emitter, new PostgresEmitter(pool)]) {
      assert.throws(() => each.emit("say", () => {}), { name: "TypeError", message: acks });
      assert.throws(() => each.serverSideEmit("ask", 1, () => {}), {
        name: "TypeError",
        message: acks,
      });
      for (const value of [1n, cyclic, { deep: [1n, new Uint8Array(1)] }]) {
        assert.throws(() => each.emit("say", value), TypeError);
        assert.throws(() => each.serverSideEmit("tell", value), TypeError);
      }
      for (const name of [undefined, null, Symbol("say"), {}, NaN]) {
        assert.throws(() => each.emit(name as unknown as string), {
          name: "TypeError",
          message: /^The name of an event must be a string or a number, not /,
        });
      }
      assert.throws(() => each.of(/x/ as unknown as string), {
        name: "TypeError",
        message: "The name of a namespace must be a string, not /x/",
      });
    }
    const wrong = make({ parser: { encode: (value) => value } }, redis).emitter;
    assert.throws(() => wrong.emit("say"), {
      name: "TypeError",
      message: "Cannot encode: the parser returned neither text nor bytes",
    });
    assert.deepEqual([redis.published, pool.queries], [[], []]);
  });

  it("refuses clients and options that are of no use", () => {
    for (const client of [undefined, null, "redis://127.0.0.1", {}, new FakePool()]) {
      assert.throws(() => new Emitter(client as never), {
        name: "TypeError",
        message: /^Cannot use the client of an emitter: /,
      });
    }
    for (const client of [undefined, null, "postgres://127.0.0.1", {}, new FakeRedis()]) {
      assert.throws(() => new PostgresEmitter(client as never), {
        name: "TypeError",
        message: /^Cannot use client of PostgreSQL: /,
      });
    }
    const redis: [object, RegExp][] = [
      [{ key: 1 }, /^Cannot use key: /],
      [{ parser: {} }, /^Cannot use parser: /],
      [{ parser: null }, /^Cannot use parser: /],
      [{ onError: "log" }, /^Cannot use onError: /],
      [{ onErrors() {} }, /^Unknown option "onErrors": did you mean "onError"\?$/],
      ["x" as never, /^Options must be an object, not string$/],
      [null as never, /^Options must be an object, not null$/],
    ];
    for (const [options, message] of redis) {
      assert.throws(() => new Emitter(new FakeRedis(), options), { name: "TypeError", message });
    }
    const streams: [object, RegExp][] = [
      [{ streamName: 1 }, /^Cannot use streamName: /],
      [{ channelPrefix: 5 }, /^Cannot use channelPrefix: /],
      [{ streamCount: 0 }, /^Cannot use streamCount: /],
      [{ maxLen: "many" }, /^Cannot use maxLen: /],
      [{ maxlen: 5 }, /^Unknown option "maxlen": did you mean "maxLen"\?$/],
      [{ onErrors() {} }, /^Unknown option "onErrors": did you mean "onError"\?$/],
      [null as never, /^Options must be an object, not null$/],
    ];
    for (const [options, message] of streams) {
      assert.throws(() => new StreamsEmitter(new FakeRedis(), options), { message });
    }
    const postgres: [object, RegExp][] = [
      [{ channelPrefix: 1 }, /^Cannot use channelPrefix: /],
      [{ tableName: "a; DROP TABLE b" }, /^Cannot use tableName: /],
      [{ payloadThreshold: 9000 }, /^Cannot use payloadThreshold: /],
      [{ onError: 1 }, /^Cannot use onError: /],
    ];
    for (const [options, message] of postgres) {
      assert.throws(() => new PostgresEmitter(new FakePool(), options), { message });
    }
    assert.throws(() => new PostgresEmitter(new FakePool(), "/", "/" as never), TypeError);
    assert.throws(() => new PostgresEmitter(new FakePool(), {}, {} as never), TypeError);
  });

  it("takes namespace and options in either order, for PostgreSQL", async () => {
    const pool = new FakePool();
    const options = { channelPrefix: "key" };
    const emitters = [
      new PostgresEmitter(pool),
      new PostgresEmitter(pool, "/chat"),
      new PostgresEmitter(pool, "chat", options),
      new PostgresEmitter(pool, options),
      new PostgresEmitter(pool, options, "/chat"),
      new PostgresEmitter(pool, undefined, options),
      new PostgresEmitter(pool, options).of("chat"),
    ];
    for (const emitter of emitters) {
      emitter.emit("say");
      await emitter.flush();
    }
    assert.deepEqual(pool.queries.map(([, [channel]]) => channel), [
      ...["socket.io#/", "socket.io#/chat", "key#/chat", "key#/"],
      ...["key#/chat", "key#/", "key#/chat"],
    ]);
    assert.equal(pool.listeners, 1);
    // One connection is enough for who does not listen.
    new PostgresEmitter(Object.assign(new FakePool(), { options: { max: 1 } }));
  });

  it("tells of failures, and goes on", async () => {
    const told: [Error, Failure | undefined][] = [];
    let isAway = true;
    const redis = new FakeRedis(() => isAway ? Promise.reject("away") : Promise.resolve(1));
    const { emitter } = make({ onError: (error, failure) => told.push([error, failure]) }, redis);
    const methods: Failure["method"][] = [
      ...["emit", "socketsJoin", "socketsLeave", "disconnectSockets", "serverSideEmit"] as const,
    ];
    assert.equal(emitter.to("a").emit("say"), true);
    emitter.socketsJoin("a");
    emitter.of("/chat").socketsLeave("a");
    emitter.disconnectSockets();
    emitter.serverSideEmit("tell");
    await emitter.flush();
    isAway = false;
    emitter.emit("say");
    await emitter.flush();
    assert.deepEqual(told.map(([, failure]) => failure?.method), methods);
    assert.deepEqual(told.map(([, failure]) => failure?.nsp), ["/", "/", "/chat", "/", "/"]);
    assert.ok(told.every(([error]) => error instanceof Error && error.message === "away"));
    redis.fail(new Error("lost"));
    assert.deepEqual(told.at(-1), [new Error("lost"), undefined]);
    new Emitter(redis);
    assert.equal(redis.listenerCount(), 1);
  });

  it("writes failures to the console, also those of onError", async () => {
    const { error } = console;
    const lines: unknown[][] = [];
    console.error = (...args) => lines.push(args);
    try {
      const away = new Error("away");
      const redis = new FakeRedis(() => Promise.reject(away));
      const { emitter } = make({}, redis);
      emitter.of("chat").emit("say");
      await emitter.flush();
      redis.fail(away);
      const cause = new Error("from onError");
      const throwing = () => {
        throw cause;
      };
      for (const onError of [throwing, () => Promise.reject(cause)]) {
        const failing = make({ onError }, new FakeRedis(() => Promise.reject(away))).emitter;
        failing.socketsJoin("a");
        await failing.flush();
      }
      await Promise.resolve();
      assert.deepEqual(lines, [
        ['Error of an emitter, emit in namespace "/chat":', away],
        ["Error of an emitter, the connection:", away],
        ['Error of an emitter, socketsJoin in namespace "/":', away],
        ["Error in onError of an emitter:", cause],
        ['Error of an emitter, socketsJoin in namespace "/":', away],
        ["Error in onError of an emitter:", cause],
      ]);
    } finally {
      console.error = error;
    }
  });

  it("flushes what was sent by then, of all namespaces", async () => {
    const answers: PromiseWithResolvers<unknown>[] = [];
    const redis = new FakeRedis(() => {
      const answer = Promise.withResolvers<unknown>();
      answers.push(answer);
      return answer.promise;
    });
    const { emitter } = make({}, redis);
    emitter.emit("say");
    emitter.of("/chat").emit("say");
    let flushed = false;
    const first = emitter.flush().then(() => flushed = true);
    emitter.emit("say");
    answers[0]!.resolve(1);
    await answers[0]!.promise;
    assert.equal(flushed, false);
    answers[1]!.resolve(1);
    await first;
    const second = emitter.flush();
    answers[2]!.resolve(1);
    await second;
    await emitter.flush();
  });

  it("waits for a Blob, and keeps the order", async () => {
    const { emitter, redis } = make();
    emitter.to("1").emit("say", new Blob(["x"]));
    emitter.to("2").emit("say");
    emitter.to("3").emit("say", new Blob(["y"]), 1n);
    emitter.to("4").emit("say");
    const { error } = console;
    const lines: unknown[][] = [];
    console.error = (...args) => lines.push(args);
    try {
      await emitter.flush();
    } finally {
      console.error = error;
    }
    emitter.to("5").emit("say");
    assert.deepEqual(
      redis.published.map(([channel]) => channel),
      [1, 2, 4, 5].map((room) => `socket.io#/#${room}#`),
    );
    assert.equal(lines.length, 1);
  });

  it("says of PostgreSQL one after the other, and never the same twice at once", async () => {
    let running = 0;
    const pool = new FakePool(async () => {
      assert.equal(++running, 1);
      await Promise.resolve();
      running--;
    });
    const emitter = new PostgresEmitter(pool);
    const said = [1, 2, 2, 3, new Uint8Array(1), 4, 5, 5];
    for (const value of said) emitter.emit("say", value);
    await emitter.flush();
    const texts = pool.queries.map(([text, values]) => {
      if (text.includes("json_array")) return JSON.parse(values[1] as string) as string[];
      if (!text.includes("INSERT")) return [values[1] as string];
      // The channel, and of each message what is stored, and the two parts of what is said.
      return values.slice(1).flatMap((value, i) =>
        i % 3 !== 0 ? [] : value === null ? [values[i + 2] as string] : ["bytes"]
      );
    });
    for (const batch of texts) assert.equal(new Set(batch).size, batch.length);
    assert.deepEqual(
      texts.flat().map((text) =>
        text === "bytes" ? text : JSON.parse(text).data.packet.data[1] as number
      ),
      said.map((value) => value instanceof Uint8Array ? "bytes" : value),
    );
    assert.ok(texts.length < said.length);
  });

  it("shows whom it is for", () => {
    const { emitter } = make();
    const shown = inspect(emitter.of("chat").to("a").except("b").volatile);
    assert.match(shown, /^BroadcastOperator \{/);
    for (const part of ["nsp: '/chat'", "rooms: [ 'a' ]", "except: [ 'b' ]", "volatile: true"]) {
      assert.ok(shown.replaceAll('"', "'").includes(part), shown);
    }
  });
});
