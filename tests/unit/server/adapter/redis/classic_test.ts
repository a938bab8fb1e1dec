import { decodeValue, encodeValue } from "../../../../../parser/msgpack/mod.ts";
import { PacketType } from "../../../../../parser/mod.ts";
import type { Target } from "../../../../../server/adapter/mod.ts";
import {
  createAdapter,
  type RedisAdapter,
  type RedisAdapterOptions,
} from "../../../../../server/adapter/redis/mod.ts";
import { type FakeClient, FakeRedis } from "../../../../harness/fake_redis.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { until } from "../../../../harness/once.ts";
import { FakeRecipient, FakeScope } from "../fakes.ts";

class Scope extends FakeScope {
  readonly told: unknown[][] = [];

  override serverSideEvent(args?: readonly unknown[]): void {
    this.told.push([...args ?? []]);
  }
}

interface Opened extends AsyncDisposable {
  readonly redis: FakeRedis;
  readonly sub: FakeClient;
  readonly pub: FakeClient;
  readonly adapter: RedisAdapter;
  readonly scope: Scope;
  readonly socket: FakeRecipient;
  /** The messages of the errors that came. */
  readonly errors: string[];
}

async function open(options: RedisAdapterOptions = {}): Promise<Opened> {
  const redis = new FakeRedis();
  const [pub, sub] = [redis.client(), redis.client()];
  const scope = new Scope(false);
  const adapter = createAdapter(pub, sub, options)(scope) as RedisAdapter;
  const errors: string[] = [];
  adapter.on("error", ({ message }) => errors.push(message));
  await adapter.init();
  const socket = new FakeRecipient("socket");
  scope.sockets.set(socket.id, socket);
  adapter.addAll(socket.id, new Set(["socket", "room"]));
  return {
    ...{ redis, sub, pub, adapter, scope, socket, errors },
    [Symbol.asyncDispose]: async () => await adapter.close(),
  };
}

const CHANNEL = "socket.io#/test#";
const REQUESTS = "socket.io-request#/test#";
const RESPONSES = "socket.io-response#/test#";

function target(rooms: string[], flags: Target["flags"] = {}): Target {
  return { rooms: new Set(rooms), except: new Set(["x"]), flags };
}

function event(...data: [string, ...unknown[]]) {
  return { type: PacketType.Event, nsp: "/test", data } as const;
}

/** What was published, decoded, with `UID` for the id of the server and `ID` for that of a request. */
function published({ redis, adapter }: Opened): unknown[] {
  return redis.published.splice(0).map(([channel, payload]) => {
    const value = typeof payload === "string" ? payload : JSON.stringify(decodeValue(payload));
    const text = value.replaceAll(new RegExp(`${adapter.uid}\\.[0-9a-f-]+`, "g"), "ID")
      .replaceAll(adapter.uid, "UID");
    const form = typeof payload === "string" ? "json" : "msgpack";
    return [channel, form, JSON.parse(text)];
  });
}

describe("the adapter over Redis pub/sub", () => {
  it("publishes what npm's adapter publishes, on its channels", async () => {
    await using opened = await open();
    const { adapter } = opened;
    const packet = { type: 2, nsp: "/test", data: ["say", 1] };
    const opts = (rooms: string[]) => ({ rooms, except: ["x"], flags: {} });
    const cases: [() => unknown, unknown[]][] = [
      [() => adapter.broadcast(event("say", 1), target([])), [
        [CHANNEL, "msgpack", ["UID", packet, opts([])]],
      ]],
      [() => adapter.broadcast(event("say", 1), target(["a#b"])), [
        [`${CHANNEL}a#b#`, "msgpack", ["UID", packet, opts(["a#b"])]],
      ]],
      [() => adapter.broadcast(event("say", 1), target(["a", "b"])), [
        [CHANNEL, "msgpack", ["UID", packet, opts(["a", "b"])]],
      ]],
      [() => adapter.broadcast(event("say", 1), target([], { local: true })), []],
      [() => adapter.addSockets(target(["a"]), ["b"]), [
        [REQUESTS, "json", { uid: "UID", type: 2, opts: opts(["a"]), rooms: ["b"] }],
      ]],
      [() => adapter.delSockets(target(["a"]), ["b"]), [
        [REQUESTS, "json", { uid: "UID", type: 3, opts: opts(["a"]), rooms: ["b"] }],
      ]],
      [() => adapter.disconnectSockets(target(["a"]), true), [
        [REQUESTS, "json", { uid: "UID", type: 4, opts: opts(["a"]), close: true }],
      ]],
      [() => adapter.serverSideEmit(["tell", 1]), [
        [REQUESTS, "json", { uid: "UID", type: 6, data: ["tell", 1] }],
      ]],
      [() => adapter.broadcastWithAck(event("say", 1), target(["a"]), () => {}, () => {}), [
        [REQUESTS, "msgpack", { uid: "UID", requestId: "ID", type: 7, packet, opts: opts(["a"]) }],
      ]],
    ];
    for (const [work, expected] of cases) {
      work();
      assert.deepEqual(published(opened), expected, String(work));
    }
    adapter.serverSideEmit(["tell", new Uint8Array([1])]);
    const [[, payload]] = opened.redis.published as [[string, Uint8Array]];
    assert.deepEqual((decodeValue(payload) as { data: unknown }).data, [
      "tell",
      new Uint8Array([1]),
    ]);
  });

  it("hears emitters of any language", async () => {
    await using opened = await open();
    const { redis, socket } = opened;
    const data = (value: number) => ["say", value];
    const said: [string, unknown][] = [
      [CHANNEL, ["emitter", { type: 2, data: data(1), nsp: "/test" }, {
        rooms: [],
        flags: {},
        except: [],
      }]],
      [CHANNEL, ["other", { type: 5, data: data(2), nsp: "/test" }, { rooms: null, flags: null }]],
      [`${CHANNEL}room#`, [null, { type: 2, data: data(3), nsp: "/test" }, { rooms: ["room"] }]],
      [CHANNEL, ["", { type: 2, data: data(4), nsp: "/test" }, null]],
      [CHANNEL, ["", { type: 2, data: data(5), nsp: "/test" }]],
      // Not for this socket, nor this namespace.
      [CHANNEL, ["", { type: 2, data: data(6), nsp: "/test" }, { except: ["room"] }]],
      [CHANNEL, ["", { type: 2, data: data(7) }, {}]],
      [`${CHANNEL}other#`, ["", { type: 2, data: data(8), nsp: "/test" }, { rooms: ["room"] }]],
      ["socket.io#/testing#", ["", { type: 2, data: data(9), nsp: "/testing" }, {}]],
    ];
    for (const [channel, message] of said) redis.publish(channel, encodeValue(message));
    assert.deepEqual(socket.heard, [1, 2, 3, 4, 5]);
    redis.publish(REQUESTS, JSON.stringify({ type: 2, opts: { rooms: ["room"] }, rooms: ["in"] }));
    assert.ok(opened.adapter.rooms.has("in"));
    redis.publish(REQUESTS, JSON.stringify({ uid: "emitter", type: 6, data: ["tell", 1] }));
    assert.deepEqual(opened.scope.told, [["tell", 1]]);
    assert.deepEqual(opened.errors, []);
  });

  it("answers the questions of older servers of npm", async () => {
    await using opened = await open();
    const { redis, socket, adapter } = opened;
    adapter.addAll("socket", new Set(["more"]));
    let id = 0;
    const ask = (request: object) => {
      redis.publish(REQUESTS, JSON.stringify({ uid: "other", requestId: `r${++id}`, ...request }));
      return published(opened);
    };
    const answer = (fields: object) => [[RESPONSES, "json", { requestId: `r${id}`, ...fields }]];
    assert.deepEqual(ask({ type: 0, rooms: [] }), answer({ sockets: ["socket"] }));
    assert.deepEqual(ask({ type: 0, rooms: ["room", "more"] }), answer({ sockets: ["socket"] }));
    assert.deepEqual(ask({ type: 0, rooms: ["other"] }), answer({ sockets: [] }));
    assert.deepEqual(ask({ type: 1 }), answer({ rooms: ["room", "more", "socket"] }));
    assert.deepEqual(ask({ type: 2, sid: "socket", room: "late" }), answer({}));
    assert.ok(adapter.rooms.has("late"));
    assert.deepEqual(ask({ type: 3, sid: "socket", room: "late" }), answer({}));
    assert.ok(!adapter.rooms.has("late"));
    assert.deepEqual(ask({ type: 4, sid: "nobody", close: true }), []);
    assert.deepEqual(ask({ type: 4, sid: "socket", close: true }), answer({}));
    assert.deepEqual(socket.disconnected, [true]);
    assert.deepEqual(opened.errors, []);
  });

  it("answers once what it is asked twice", async () => {
    await using opened = await open();
    const requests = [
      { uid: "other", requestId: "a", type: 1 },
      { uid: "other", requestId: "b", type: 5, opts: { rooms: [], except: [] } },
      { uid: "another", requestId: "a", type: 1 },
    ];
    for (const request of [...requests, ...requests]) {
      opened.redis.publish(REQUESTS, JSON.stringify(request));
    }
    await Promise.resolve();
    assert.equal(opened.redis.published.length, 3);
    assert.deepEqual(opened.errors, []);
  });

  it("tells an error of a connection to one namespace, also when that has ended", async () => {
    const redis = new FakeRedis();
    const [pub, sub] = [redis.client(), redis.client()];
    const create = createAdapter(pub, sub);
    const told: string[] = [];
    const adapters = ["one", "two"].map((name) => {
      const adapter = create(new Scope(false)) as RedisAdapter;
      adapter.on("error", ({ message }) => told.push(`${name}: ${message}`));
      return adapter;
    });
    for (const adapter of adapters) await adapter.init();
    pub.emit("error", new Error("lost"));
    assert.deepEqual(told, ["one: lost"]);
    await adapters[0]!.close();
    pub.emit("error", new Error("lost"));
    assert.deepEqual(told, ["one: lost", "two: lost"]);
    await adapters[1]!.close();
    assert.deepEqual([pub.listenerCount("error"), sub.listenerCount("error")], [1, 1]);
  });

  it("says which client was not connected, and hears once it is", async () => {
    for (const name of ["pubClient", "subClient"] as const) {
      const redis = new FakeRedis();
      const clients = { pubClient: redis.client(), subClient: redis.client() };
      clients[name].status = "end";
      const adapter = createAdapter(clients.pubClient, clients.subClient)(
        new Scope(false),
      ) as RedisAdapter;
      adapter.on("error", () => {});
      adapter.init();
      await assert.rejects(adapter.ready, {
        name: "ClusterError",
        message: `${name} is not connected: await ${name}.connect() first`,
      });
      clients[name].status = "ready";
      clients[name].emit("ready");
      await until(() => clients.subClient.names.psubscribe.size === 1, "the subscription");
      await adapter.close();
      assert.equal(clients.subClient.names.psubscribe.size, 0);
    }
  });

  it("closes at once if its client has ended", async () => {
    const { redis, sub, adapter } = await open();
    redis.isAway = true;
    sub.status = "end";
    const begin = performance.now();
    await adapter.close();
    assert.ok(performance.now() - begin < 1000);
  });

  it("answers on the channel of the asker if that is wanted", async () => {
    await using opened = await open({ publishOnSpecificResponseChannel: true, key: "k" });
    const request = { uid: "other", requestId: "r", type: 1 };
    opened.redis.publish("k-request#/test#", JSON.stringify(request));
    assert.equal(opened.redis.published[0]![0], "k-response#/test#other#");
  });

  it("says what is wrong with what others publish, and goes on", async () => {
    await using opened = await open();
    const { redis, errors, socket } = opened;
    const packet = { type: 2, data: ["say", 1], nsp: "/test" };
    const cases: [string, string | Uint8Array, RegExp][] = [
      [CHANNEL, "", /Cannot read cluster message: /],
      [CHANNEL, new Uint8Array([0x93, 0xc1]), /Cannot read cluster message: /],
      [CHANNEL, "\ufffd\ufffd", /bytes, which Bun\.RedisClient cannot receive; set plainText/],
      [CHANNEL, encodeValue({}), /it is no list/],
      [CHANNEL, encodeValue(["uid"]), /it has no packet/],
      [CHANNEL, encodeValue(["uid", { ...packet, type: 3 }, {}]), /no event, but has the type 3/],
      [CHANNEL, encodeValue(["uid", packet, 5]), /it has no target/],
      [CHANNEL, encodeValue(["uid", packet, { rooms: "room" }]), /its rooms are no list/],
      [CHANNEL, encodeValue(["uid", { ...packet, data: "say" }, {}]), /"packet" of its type 3/],
      [CHANNEL, encodeValue(["uid", { ...packet, nsp: 5 }, {}]), /it is about no namespace/],
      [REQUESTS, "{", /Cannot read cluster message: /],
      [REQUESTS, encodeValue([1]), /it has no fields/],
      [REQUESTS, "{}", /its request type undefined is unknown/],
      [REQUESTS, '{"type":99}', /its request type 99 is unknown/],
      [REQUESTS, '{"type":"toString"}', /its request type "toString" is unknown/],
      [REQUESTS, '{"type":5,"requestId":"r"}', /"opts" of its type 7 is missing/],
      [REQUESTS, '{"type":5,"opts":{}}', /"requestId" of its type 7 is missing/],
      [REQUESTS, '{"type":6,"data":[]}', /"packet" of its type 9 is missing or wrong/],
      [REQUESTS, '{"type":7,"packet":{"data":["a"]},"opts":{}}', /"requestId" of its type 3/],
      [REQUESTS, '{"type":2,"opts":{},"rooms":"a"}', /"rooms" of its type 4 is missing or wrong/],
      [RESPONSES, "{", /Cannot read cluster message: /],
      [RESPONSES, encodeValue(null), /it has no fields/],
      [RESPONSES, `{"requestId":"${opened.adapter.uid}.1","type":0}`, /response type 0 is unknown/],
      [RESPONSES, `{"requestId":"${opened.adapter.uid}.1"}`, /"sockets" of its type 8/],
    ];
    for (const [channel, payload, message] of cases) {
      redis.publish(channel, payload);
      assert.equal(errors.length, 1, `${channel} ${payload}`);
      assert.match(errors.pop()!, message);
    }
    // Answers to others are heard by all, and of no interest.
    redis.publish(RESPONSES, '{"requestId":"other.1","sockets":["id"]}');
    redis.publish(RESPONSES, '{"requestId":5}');
    redis.publish(RESPONSES, "{}");
    redis.publish(CHANNEL, encodeValue(["uid", packet, {}]));
    assert.deepEqual([errors, socket.heard], [[], [1]]);
  });

  it("tells the rooms of all servers, or who did not answer", async () => {
    await using opened = await open({ requestsTimeout: 50 });
    const { redis, adapter, sub } = opened;
    assert.deepEqual([...await adapter.allRooms()], ["room", "socket"]);
    const other = createAdapter(redis.client(), redis.client())(new FakeScope(false));
    await other.init();
    other.addAll("id", new Set(["id", "theirs"]));
    assert.deepEqual([...await adapter.allRooms()], ["room", "socket", "theirs", "id"]);
    redis.client().subscribe(REQUESTS);
    await assert.rejects(adapter.allRooms(), {
      name: "ClusterError",
      message: "timeout reached while waiting for allRooms response",
    });
    const asked = assert.rejects(adapter.allRooms(), /the adapter has been closed/);
    await until(() => redis.published.length > 4, "the question");
    await adapter.close();
    await asked;
    await assert.rejects(adapter.allRooms(), /the adapter has been closed/);
    assert.equal(sub.names.subscribe.size, 0);
    await other.close();
  });

  it("unsubscribes when it closes, and from what others have not", async () => {
    const opened = await open();
    const { redis, sub, pub, adapter } = opened;
    const second = createAdapter(pub, sub)(new FakeScope(false));
    await second.init();
    assert.deepEqual([...sub.names.psubscribe], ["socket.io#/test#*"]);
    assert.equal(sub.names.subscribe.size, 4);
    await adapter.close();
    assert.equal(sub.names.subscribe.size, 3);
    assert.equal(sub.names.psubscribe.size, 1);
    await second.close();
    assert.equal(sub.names.subscribe.size + sub.names.psubscribe.size, 0);
    // Errors of a client that nobody listens to would end the process.
    assert.deepEqual([sub.listeners, pub.listeners], [1, 1]);
    assert.deepEqual([sub.listenerCount("error"), pub.listenerCount("error")], [1, 1]);
    redis.publish(CHANNEL, encodeValue([]));
    assert.deepEqual(opened.errors, []);
  });

  it("reports what cannot be published, and errors that nobody else listens to", async () => {
    await using opened = await open();
    const { redis, adapter, errors, pub, sub } = opened;
    redis.failure = new Error("Redis is full");
    adapter.broadcast(event("say", 1), target([]));
    adapter.serverSideEmit(["tell"]);
    await until(() => errors.length === 2, "two errors");
    const told = "Cannot publish an event of namespace /test: Redis is full";
    assert.deepEqual(errors, [told, told]);
    await assert.rejects(adapter.fetchSockets(target([])), /Redis is full/);
    const silent: [error: Error, reason: string][] = [
      [Object.assign(new Error(""), { name: "TimeoutError" }), "TimeoutError"],
      [new AggregateError([new Error("refused"), new Error("no route")]), "refused, no route"],
    ];
    for (const [error, reason] of silent) {
      redis.failure = error;
      adapter.broadcast(event("say", 1), target([]));
      await until(() => errors.length === 3, "an error");
      assert.equal(errors.pop(), `Cannot publish an event of namespace /test: ${reason}`);
    }
    redis.failure = new Error("Redis is full");
    await assert.rejects(Promise.resolve(adapter.serverCount()), /Redis is full/);
    redis.failure = undefined;
    pub.emit("error", new Error("lost"));
    assert.equal(errors.pop(), "lost");
    sub.on("error", () => {});
    sub.emit("error", new Error("the program knows"));
    assert.equal(errors.length, 2);
    assert.throws(() => adapter.broadcast(event("say", 1n), target([])), TypeError);
    const cycle: unknown[] = [];
    cycle.push(cycle);
    assert.throws(() => adapter.serverSideEmit(["tell", cycle]), TypeError);
  });

  it("closes though Redis does not answer", async () => {
    const { redis, adapter } = await open();
    redis.isAway = true;
    adapter.broadcast(event("say", 1), target([]));
    await adapter.close();
    assert.equal(redis.published.length, 0);
  });

  it("does not take its own broadcasts for those of others", async () => {
    await using opened = await open();
    const { adapter, socket } = opened;
    adapter.broadcast(event("say", 1), { rooms: new Set() });
    adapter.broadcast(event("say", 2), { rooms: new Set(["room"]) });
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(socket.heard, [1, 2]);
  });
});

describe("createAdapter()", () => {
  it("refuses what is of no use", () => {
    const [pub, sub] = [new FakeRedis().client(), new FakeRedis().client()];
    const cases: [RedisAdapterOptions | object, RegExp][] = [
      [{ key: "" }, /^TypeError: Cannot use key: /],
      [{ key: 5 }, /^TypeError: Cannot use key: /],
      [
        { requestTimeout: 1 },
        /^TypeError: Unknown option "requestTimeout": did you mean "requestsT/,
      ],
      [{ channelPrefix: "a" }, /^TypeError: Unknown option "channelPrefix": did you mean "key"\?/],
      ["x" as never, /^TypeError: Options must be an object, not string/],
      [null as never, /^TypeError: Options must be an object, not null/],
      [{ parser: {} }, /^TypeError: Cannot use parser: /],
      [{ parser: null }, /^TypeError: Cannot use parser: /],
    ];
    for (const [options, message] of cases) {
      assert.throws(() => createAdapter(pub, sub, options as RedisAdapterOptions), message);
    }
    assert.throws(() => createAdapter({} as never, sub), /^TypeError: Cannot use pubClient: /);
    assert.throws(() => createAdapter(pub, {} as never), /^TypeError: Cannot use subClient: /);
    assert.throws(
      () => createAdapter(pub, sub, { requestsTimeout: 0 })(new FakeScope(false)),
      RangeError,
    );
  });

  it("makes adapters that are called by their names", async () => {
    await using opened = await open();
    assert.equal(opened.adapter.constructor.name, "RedisAdapter");
  });

  it("refuses what a parser returns that is neither text nor bytes", async () => {
    const parser = { encode: () => 5, decode: () => 5 };
    await using opened = await open({ parser });
    assert.throws(
      () => opened.adapter.broadcast(event("say", 1), target([])),
      /^TypeError: Cannot encode message: /,
    );
  });
});
