import type { ConnectionError } from "../../../../server/engine/engine_events.ts";
import {
  Engine,
  type EngineOptions,
  type Middleware,
  type Session,
} from "../../../../server/engine/mod.ts";
import { afterEach, assert, describe, it } from "../../../harness/mod.ts";
import { once, until, within } from "../../../harness/once.ts";
import { FakeWebTransport } from "./fake_webtransport.ts";

const URL_OF = "https://host/engine.io/?EIO=4&transport=";

const bytesOf = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

describe("Engine.onWebTransportSession()", () => {
  const engines: Engine[] = [];
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });

  function start(options: EngineOptions = {}): Engine {
    const engine = new Engine({ transports: ["polling", "websocket", "webtransport"], ...options });
    engines.push(engine);
    return engine;
  }

  async function connect(engine: Engine): Promise<{ client: FakeWebTransport; session: Session }> {
    const client = new FakeWebTransport().open("0");
    const [[session]] = await Promise.all([
      once<[Session]>(engine, "connection"),
      engine.onWebTransportSession(client, { remoteAddress: "192.0.2.1" }),
    ]);
    assert.match(String(await client.next()), /^0\{/);
    return { client, session };
  }

  async function poll(engine: Engine): Promise<{ sid: string; upgrades: string[] }> {
    const response = await engine.fetch(new Request(URL_OF + "polling"));
    return JSON.parse((await response.text()).slice(1));
  }

  const ended = (client: FakeWebTransport) => within(client.closed, "the end of the session");

  it("opens a session", async () => {
    const engine = start({ pingInterval: 1000, pingTimeout: 500, initialPacket: "hello" });
    const client = new FakeWebTransport().open("0", "4early");
    const messages: unknown[] = [];
    engine.on("connection", (session) => session.on("message", (data) => messages.push(data)));
    const connection = once<[Session]>(engine, "connection");
    await engine.onWebTransportSession(client, { remoteAddress: "192.0.2.1" });
    const [session] = await connection;
    assert.deepEqual(JSON.parse(String(await client.next()).slice(1)), {
      sid: session.id,
      upgrades: [],
      pingInterval: 1000,
      pingTimeout: 500,
      maxPayload: 1_000_000,
    });
    assert.equal(await client.next(), "4hello");
    client.send("4two");
    client.send(new Uint8Array([1, 2]));
    await until(() => messages.length === 3, "three messages");
    assert.deepEqual(messages, ["early", "two", new Uint8Array([1, 2])]);
    session.send("x").send(new Uint8Array(70_000));
    assert.equal(await client.next(), "4x");
    assert.deepEqual(await client.next(), new Uint8Array(70_000));
    assert.equal(session.transport.name, "webtransport");
    assert.equal(session.remoteAddress, "192.0.2.1");
    assert.equal(session.request.url, client.url);
    assert.equal(engine.clientsCount, 1);
  });

  it("pings", async () => {
    const engine = start({ pingInterval: 5, pingTimeout: 5 });
    const { client, session } = await connect(engine);
    const end = once(session, "close");
    assert.equal(await client.next(), "2");
    assert.equal((await end)[0], "ping timeout");
    await ended(client);
  });

  it("offers itself to clients on long polling, and to no others", async () => {
    assert.deepEqual((await poll(start())).upgrades, ["websocket", "webtransport"]);
    const few = start({ transports: ["webtransport", "polling"] });
    assert.deepEqual((await poll(few)).upgrades, ["webtransport"]);
    assert.deepEqual(few.upgrades("websocket"), []);
    const none = start({ allowUpgrades: false });
    assert.deepEqual((await poll(none)).upgrades, []);
  });

  it("is never asked for by a request", async () => {
    const response = await start().fetch(new Request(URL_OF + "webtransport"));
    assert.equal(response.status, 400);
    assert.equal((await response.json()).code, 0);
  });

  it("moves a session from long polling, with what still waits", async () => {
    const engine = start();
    const connection = once<[Session]>(engine, "connection");
    const { sid } = await poll(engine);
    const [session] = await connection;
    const polled = engine.fetch(new Request(`${URL_OF}polling&sid=${sid}`));
    const client = new FakeWebTransport().open(`0{"sid":"${sid}"}`, "2probe");
    await engine.onWebTransportSession(client);
    assert.equal(session.upgrading, true);
    assert.equal(await client.next(), "3probe");
    assert.equal(await (await polled).text(), "6");
    session.send("waits");
    const upgrade = once(session, "upgrade");
    client.send("5");
    await upgrade;
    assert.equal(await client.next(), "4waits");
    assert.equal(session.transport.name, "webtransport");
    assert.equal(engine.clientsCount, 1);
    const heard = once(session, "message");
    client.send("4back");
    assert.deepEqual(await heard, ["back"]);
  });

  it("lets long polling go on if the upgrade fails", async () => {
    const engine = start();
    const connection = once<[Session]>(engine, "connection");
    const { sid } = await poll(engine);
    const [session] = await connection;
    const client = new FakeWebTransport().open(`0{"sid":"${sid}"}`, "4no probe");
    await engine.onWebTransportSession(client);
    await until(() => !session.upgrading, "the end of the upgrade");
    session.send("still here");
    const polled = await engine.fetch(new Request(`${URL_OF}polling&sid=${sid}`));
    assert.equal(await polled.text(), "4still here");
  });

  it("moves a session once, and one at a time", async () => {
    const engine = start();
    const { sid } = await poll(engine);
    const errors: ConnectionError[] = [];
    engine.on("connection_error", (error) => errors.push(error));
    const first = new FakeWebTransport().open(`0{"sid":"${sid}"}`);
    await engine.onWebTransportSession(first);
    const second = new FakeWebTransport().open(`0{"sid":"${sid}"}`);
    await engine.onWebTransportSession(second);
    await ended(second);
    const { session } = await connect(engine);
    const third = new FakeWebTransport().open(`0{"sid":"${session.id}"}`);
    await engine.onWebTransportSession(third);
    await ended(third);
    assert.deepEqual(errors.map(({ code, context }) => [code, context["previousTransport"]]), [
      [3, "polling"],
      [3, "webtransport"],
    ]);
    assert.equal(session.readyState, "open");
  });

  it("moves no client of protocol 3", async () => {
    const engine = start({ allowEIO3: true });
    const connection = once<[Session]>(engine, "connection");
    await engine.fetch(new Request(URL_OF.replace("4", "3") + "polling"));
    const [session] = await connection;
    const client = new FakeWebTransport().open(`0{"sid":"${session.id}"}`);
    await engine.onWebTransportSession(client);
    await ended(client);
    assert.equal(session.upgrading, false);
  });

  it("lets go of the stream of a client that it refuses", async () => {
    const client = new FakeWebTransport().open("4x");
    client.close = () => {};
    await start().onWebTransportSession(client);
    await within(client.stopped, "the end of the stream");
  });

  const refused: [string, EngineOptions, FakeWebTransport, number | undefined][] = [
    ["another path", {}, new FakeWebTransport("https://host/other/").open("0"), undefined],
    ["no address", {}, new FakeWebTransport("nowhere").open("0"), undefined],
    ["protocol 3", { allowEIO3: true }, new FakeWebTransport(URL_OF.replace("4", "3")), 5],
    ["what is not enabled", { transports: ["polling"] }, new FakeWebTransport().open("0"), 0],
    ["who is not allowed", { allowRequest: () => false }, new FakeWebTransport().open("0"), 4],
    ["who gets no id", { generateId: () => "" }, new FakeWebTransport().open("0"), 3],
    ["an empty sid", {}, new FakeWebTransport().open('0{"sid":""}'), 1],
    ...["nobody", "__proto__", "constructor", "toString", "hasOwnProperty"].map((sid) =>
      [`sid ${sid}`, {}, new FakeWebTransport().open(`0{"sid":"${sid}"}`), 1] as [
        string,
        EngineOptions,
        FakeWebTransport,
        number,
      ]
    ),
    ["a sid that is no text", {}, new FakeWebTransport().open('0{"sid":["x"]}'), 3],
    ["no JSON", {}, new FakeWebTransport().open("0{sid"), 3],
    ["null", {}, new FakeWebTransport().open("0null"), 3],
    ["a message first", {}, new FakeWebTransport().open("4x"), 3],
    ["a probe first", {}, new FakeWebTransport().open("2probe"), 3],
    ["binary data first", {}, new FakeWebTransport().open(new Uint8Array([48])), 3],
  ];
  for (const [name, options, client, code] of refused) {
    it(`refuses ${name}`, async () => {
      const engine = start(options);
      const errors: ConnectionError[] = [];
      engine.on("connection_error", (error) => errors.push(error));
      await engine.onWebTransportSession(client);
      await ended(client);
      assert.equal(errors[0]?.code, code);
      assert.equal(engine.clientsCount, 0);
    });
  }

  for (const hex of ["00", "80", "7f 7fffffffffffffff", "ff 00000000000f4241", "02 30ff"]) {
    it(`ends a session whose first bytes are ${hex}`, async () => {
      const engine = start();
      const client = new FakeWebTransport().open();
      client.bytes(bytesOf(hex));
      await engine.onWebTransportSession(client);
      await ended(client);
      assert.equal(engine.clientsCount, 0);
    });

    it(`ends a session in the middle of which comes ${hex}`, async () => {
      const engine = start();
      const { client, session } = await connect(engine);
      const end = once(session, "close");
      client.bytes(bytesOf(hex));
      const [reason, details] = await end;
      assert.equal(reason, "transport error");
      assert.match((details as { description: string }).description, /^Cannot decode frame: /);
      await ended(client);
    });
  }

  it("ends a session by parse error for an unknown packet", async () => {
    const { client, session } = await connect(start());
    const end = once(session, "close");
    client.send("9");
    assert.equal((await end)[0], "parse error");
    await ended(client);
  });

  it("asks middlewares and allowRequest, which see the URL", async () => {
    const seen: string[] = [];
    const engine = start({ allowRequest: (request) => seen.push(request.url) > 0 });
    engine.use(async (request, next) => {
      seen.push(request.method);
      return await next();
    });
    const { client } = await connect(engine);
    assert.deepEqual(seen, ["GET", client.url]);
  });

  it("takes no more sessions from one address than allowed", async () => {
    const addresses: string[] = [];
    const engine = start({
      maxConnectionsPerAddress: 1,
      allowRequest: (_request, _callback, { remoteAddress }) => addresses.push(remoteAddress) > 0,
    });
    await connect(engine);
    const refused = once<[{ message: string }]>(engine, "connection_error");
    const client = new FakeWebTransport().open("0");
    await engine.onWebTransportSession(client, { remoteAddress: "192.0.2.1" });
    assert.equal((await refused)[0].message, "Too many connections");
    await ended(client);
    assert.equal(engine.clientsCount, 1);
    assert.deepEqual(addresses, ["192.0.2.1", "192.0.2.1"]);
  });

  it("ends a session that a middleware answers by itself, or fails about", async () => {
    const middlewares: [Middleware, number][] = [
      [() => new Response("stay out", { status: 401 }), 4],
      [() => new Response("fine"), 4],
      [async (_, next) => (await next()) && new Response(null, { status: 403 }), 4],
      [async () => {}, 3],
      [(_, next) => void next(new Error("no")), 3],
    ];
    for (const [middleware, code] of middlewares) {
      const engine = start();
      engine.use(middleware);
      const error = once<[ConnectionError]>(engine, "connection_error");
      const client = new FakeWebTransport().open("0");
      await engine.onWebTransportSession(client);
      await ended(client);
      assert.equal((await error)[0].code, code);
      assert.equal(engine.clientsCount, 0);
    }
  });

  it("looks at the origin where there is a request", async () => {
    const engine = start({ cors: { origin: "https://friend" } });
    const from = (origin: string) => new Request(URL_OF + "webtransport", { headers: { origin } });
    const stranger = new FakeWebTransport().open("0");
    await engine.onWebTransportSession(stranger, { request: from("https://stranger") });
    await ended(stranger);
    assert.equal(engine.clientsCount, 0);
    const friend = new FakeWebTransport().open("0");
    await engine.onWebTransportSession(friend, { request: from("https://friend") });
    assert.equal(engine.clientsCount, 1);
    assert.match(String(await friend.next()), /^0\{/);
  });

  it("goes by an error that the origin function calls back with, with and without an origin", async () => {
    const engine = start({ cors: { origin: (_, callback) => callback(new Error("no")) } });
    const reasons: unknown[] = [];
    engine.on("connection_error", ({ context }) => reasons.push(String(context["error"])));
    for (const headers of [{ origin: "https://stranger" }, undefined]) {
      const client = new FakeWebTransport().open("0");
      const request = new Request(URL_OF + "webtransport", headers && { headers });
      await engine.onWebTransportSession(client, { request });
      await ended(client);
    }
    assert.equal(engine.clientsCount, 0);
    assert.deepEqual(reasons, ["Error: no", "Error: no"]);
  });

  it("ends whoever takes longer than upgradeTimeout", async () => {
    const engine = start({ upgradeTimeout: 5 });
    const { sid } = await poll(engine);
    const probing = new FakeWebTransport().open(`0{"sid":"${sid}"}`);
    const clients = [new FakeWebTransport(), new FakeWebTransport().open(), probing];
    for (const client of clients) void engine.onWebTransportSession(client);
    await Promise.all(clients.map(ended));
    const asked = Promise.withResolvers<boolean>();
    const slow = start({ upgradeTimeout: 5, allowRequest: () => asked.promise });
    const client = new FakeWebTransport().open("0");
    const decided = slow.onWebTransportSession(client);
    await ended(client);
    asked.resolve(true);
    await decided;
    assert.equal(slow.clientsCount, 0);
  });

  it("makes no session of a client that has left while its id was made", async () => {
    const made = Promise.withResolvers<string>();
    const asked = Promise.withResolvers<void>();
    const generateId = () => {
      asked.resolve();
      return made.promise;
    };
    const engine = start({ generateId });
    let connections = 0;
    engine.on("connection", () => connections++);
    const client = new FakeWebTransport().open("0");
    const decided = engine.onWebTransportSession(client);
    await asked.promise;
    client.close();
    await ended(client);
    made.resolve("id");
    await decided;
    assert.equal(connections, 0);
  });

  it("counts upgradeTimeout no further than to the first packet", async () => {
    const engine = start({ upgradeTimeout: 5 });
    const { session } = await connect(engine);
    const later = new FakeWebTransport().open();
    void engine.onWebTransportSession(later);
    await ended(later);
    assert.equal(session.readyState, "open");
  });

  it("tells whether a client left or was lost", async () => {
    const ends: [(client: FakeWebTransport) => void, string][] = [
      [(client) => client.close(), "transport close"],
      [(client) => client.finish(), "transport close"],
      [(client) => client.send("1"), "transport close"],
      [(client) => client.close(new Error("idle")), "transport error"],
    ];
    const engine = start();
    for (const [leave, expected] of ends) {
      const { client, session } = await connect(engine);
      const end = once(session, "close");
      leave(client);
      assert.equal((await end)[0], expected);
    }
    assert.equal(engine.clientsCount, 0);
  });

  it("sends what waits before it closes", async () => {
    const { client, session } = await connect(start());
    session.send("a").send("b").close();
    assert.equal(session.readyState, "closed");
    assert.deepEqual([await client.next(), await client.next()], ["4a", "4b"]);
    assert.equal(await client.next(), undefined);
    await ended(client);
  });

  it("waits only so long for a client that does not read to the end", async () => {
    const { client, session } = await connect(start());
    session.send("unread").send(new Uint8Array(100_000)).close();
    await ended(client);
  });

  it("ends a client that does not read", async () => {
    const engine = start({ maxBackpressure: 10_000 });
    const { client, session } = await connect(engine);
    const end = once(session, "close");
    for (let i = 0; i < 12; i++) session.send("x".repeat(1000));
    const [reason, details] = await end;
    assert.equal(reason, "transport error");
    assert.match((details as { description: string }).description, /too much is waiting/);
    await ended(client);
  });

  it("drops volatile messages while others wait", async () => {
    const { client, session } = await connect(start());
    await until(() => session.writable, "an empty queue");
    session.send("a").send("gone", { volatile: true });
    assert.equal(await client.next(), "4a");
    await until(() => session.writable, "an empty queue");
    session.send("b", { volatile: true });
    assert.equal(await client.next(), "4b");
  });

  it("ends with the engine, and takes nobody afterwards", async () => {
    const engine = start();
    const { client, session } = await connect(engine);
    const newcomer = new FakeWebTransport().open();
    const decided = engine.onWebTransportSession(newcomer);
    const end = once(session, "close");
    await engine.close();
    await decided;
    assert.equal((await end)[0], "server shutting down");
    await Promise.all([ended(client), ended(newcomer)]);
    const late = new FakeWebTransport().open("0");
    await engine.onWebTransportSession(late);
    await ended(late);
    assert.equal(engine.clientsCount, 0);
  });

  it("ends with the engine even if the platform does not end a session", async () => {
    const engine = start();
    const client = new FakeWebTransport().open();
    client.close = () => {};
    const decided = engine.onWebTransportSession(client);
    await until(() => client.incomingBidirectionalStreams.locked, "the stream being taken");
    await within(engine.close(), "the end of the engine");
    await decided;
  });
});
