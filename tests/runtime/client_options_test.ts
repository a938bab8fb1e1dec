import * as official from "socket.io-msgpack-parser";
import { protocol, Socket as EngineSocket } from "../../client/engine/mod.ts";
import { io, Manager, WebSocketTransport } from "../../client/mod.ts";
import { Server } from "../../mod.ts";
import { cborParser } from "../../parser/cbor/mod.ts";
import { msgpackParser } from "../../parser/msgpack/mod.ts";
import { plain, serveBodies } from "../harness/bodies.ts";
import { Clients } from "../harness/client_peers.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

const OPEN = { sid: "s", upgrades: [], pingInterval: 5_000, pingTimeout: 5_000, maxPayload: 100 };

const POLLING = { transports: ["polling"], reconnection: false };

describe("the options of the client", () => {
  for (
    const [name, parser, parsers] of [
      ["msgpack", msgpackParser, [msgpackParser]],
      ["CBOR", cborParser, [cborParser]],
      ["the official module of msgpack", official, [msgpackParser]],
    ] as const
  ) {
    it(`take a parser: ${name}`, async () => {
      const server = new Server({ parsers: [...parsers] });
      server.on("connection", (socket) => {
        socket.on("echo", (...args) => args.pop()(...args));
      });
      await using served = await serve(server);
      await using clients = new Clients(served.url);
      for (const transport of ["polling", "websocket"]) {
        const socket = await clients.connect({ transports: [transport], parser });
        const { bytes, text } = await socket.emitWithAck("echo", {
          bytes: new Uint8Array([1, 2]),
          text: "ä",
        });
        assert.deepEqual([...bytes, text], [1, 2, "ä"]);
      }
    });
  }

  it("try the next transport where the first one is not to be had", async () => {
    const server = new Server({ transports: ["websocket"] });
    await using served = await serve(server);
    await using clients = new Clients(served.url);
    const failing = clients.open({ reconnection: false });
    assert.equal((await once<[Error]>(failing, "connect_error"))[0].message, "xhr poll error");
    const socket = await clients.connect({ tryAllTransports: true });
    assert.equal(socket.io.engine?.transport?.name, "websocket");
  });

  it("take transports as classes", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    const socket = await clients.connect({ transports: [WebSocketTransport] });
    assert.ok(socket.io.engine?.transport instanceof WebSocketTransport);
  });

  it("count as not given where they are null or undefined", async () => {
    await using served = await serve(new Server());
    const nothing = null as unknown as undefined;
    for (const options of [{ path: undefined }, { path: "" }, { path: nothing, host: nothing }]) {
      const socket = io(served.url, { ...options, forceNew: true, reconnection: false } as object);
      await once(socket, "connect");
      socket.disconnect();
    }
    for (const socket of [io(nothing, nothing), io(nothing, { autoConnect: false })]) {
      assert.deepEqual([socket.nsp, socket.io.opts.path], ["/", "/socket.io"]);
      socket.disconnect();
    }
    assert.equal(new Manager(nothing, { autoConnect: false }).opts.autoConnect, false);
  });

  it("tell apart the connections that they lead to", () => {
    const off = { autoConnect: false };
    const [first, second, same] = [1, 2, 1].map((port, i) =>
      io(`http://localhost/${i}`, { ...off, port }).io
    );
    assert.notEqual(first, second);
    assert.equal(first, same);
    assert.notEqual(io({ ...off, hostname: "a" }).io, io({ ...off, hostname: "b" }).io);
    const url = "http://localhost:1003/";
    const shared = io(url, off).io;
    for (const path of ["/socket.io", "/socket.io/", ""]) {
      assert.equal(io(`${url}path${path}`, { ...off, path }).io, shared);
    }
    assert.notEqual(io(`${url}other`, { ...off, path: "/engine.io" }).io, shared);
    const { nsp, io: manager } = io(new URL(`${url}of-a-url`), off);
    assert.deepEqual([nsp, manager === shared], ["/of-a-url", true]);
  });

  it("give settings to one transport", async () => {
    const server = new Server();
    await using served = await serve(server);
    const requests: string[] = [];
    server.engine.use((request, next) => {
      const { hostname, searchParams } = new URL(request.url);
      const header = request.headers.get("x-polling");
      const parameters = ["transport", "both", "only"].map((name) => searchParams.get(name));
      requests.push([hostname, ...parameters, header].join(" "));
      return next();
    });
    const { port } = new URL(served.url);
    await using clients = new Clients(`http://nowhere.invalid:${port}`);
    const common = { hostname: "127.0.0.1" };
    const socket = clients.open({
      query: { both: "yes" },
      transportOptions: {
        polling: { ...common, extraHeaders: { "x-polling": "yes" } },
        websocket: { ...common, query: { only: "websocket" } },
      },
    });
    await once(socket.io.engine!, "upgrade");
    assert.equal(requests[0], "127.0.0.1 polling yes  yes");
    assert.equal(
      requests.find((name) => name.includes("websocket")),
      "127.0.0.1 websocket yes websocket ",
    );
  });

  it("keep cookies where credentials are wanted", async () => {
    for (const withCredentials of [true, false]) {
      const server = new Server({ cookie: { name: "place" } });
      await using served = await serve(server);
      await using clients = new Clients(served.url);
      const cookies: (string | null)[] = [];
      server.engine.use((request, next) => {
        cookies.push(request.headers.get("cookie"));
        return next();
      });
      const socket = await clients.connect({ withCredentials, transports: ["polling"] });
      assert.equal(cookies[0], null);
      assert.equal(cookies.at(-1)?.startsWith("place=") ?? false, withCredentials);
      assert.ok(socket.connected);
    }
  });

  it("send the kept cookies in front of those of the program", async () => {
    for (const name of ["cookie", "Cookie", "COOKIE"]) {
      const server = new Server({ cookie: { name: "place" } });
      await using served = await serve(server);
      await using clients = new Clients(served.url);
      const cookies = new Map<string | null, string | null>();
      server.engine.use((request, next) => {
        const { searchParams } = new URL(request.url);
        if (searchParams.has("sid")) {
          cookies.set(searchParams.get("transport"), request.headers.get("cookie"));
        }
        return next();
      });
      const extraHeaders = { [name]: "auth=secret" };
      const both = clients.open({ withCredentials: true, extraHeaders });
      await once(both.io.engine!, "upgrade");
      for (const transport of ["polling", "websocket"]) {
        assert.match(cookies.get(transport) ?? "", /^place=[^;]+; auth=secret$/);
      }
      const transportOptions = { polling: { extraHeaders } };
      const one = clients.open({ withCredentials: true, transportOptions });
      await once(one.io.engine!, "upgrade");
      assert.match(cookies.get("polling") ?? "", /^place=[^;]+; auth=secret$/);
      assert.match(cookies.get("websocket") ?? "", /^place=[^;]+$/);
    }
  });

  it("may have a header of a wrong name, which ends neither a program nor its connection", async () => {
    const server = new Server({ cookie: { name: "place" } });
    server.on("connection", (socket) => socket.on("echo", (value, answer) => answer(value)));
    await using served = await serve(server);
    await using clients = new Clients(served.url);
    const socket = clients.open({
      withCredentials: true,
      transportOptions: { websocket: { extraHeaders: { "bad header": "x" } } },
    });
    await Promise.race([
      once(socket.io.engine!, "upgrade"),
      once(socket.io.engine!, "upgradeError"),
    ]);
    assert.equal(await socket.emitWithAck("echo", 1), 1);
  });

  it("have a type of their own for what is posted, in whatever case its name is written", async () => {
    for (const name of ["content-type", "Content-Type"]) {
      const server = new Server();
      await using served = await serve(server);
      await using clients = new Clients(served.url);
      const types: unknown[] = [];
      server.engine.use((request, next) => {
        if (request.method === "POST") types.push(request.headers.get("content-type"));
        return next();
      });
      const extraHeaders = { [name]: "application/json" };
      await clients.connect({ transports: ["polling"], extraHeaders });
      assert.equal(types[0], "application/json");
    }
  });

  it("that are none are refused by name, and so is what is no address", () => {
    for (const transports of ["websocket", ["flashsocket"], [null, "jsonp"], [], {}]) {
      const options = { transports: transports as string[], forceNew: true };
      assert.throws(() => io("http://127.0.0.1:1", options), {
        name: "TypeError",
        message: `Cannot use option "transports": ${transports}`,
      });
    }
    assert.throws(() => io(5 as unknown as string), {
      name: "TypeError",
      message: "Cannot use address 5",
    });
  });

  it("may name transports that nobody knows beside one that is known", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    const transports = ["flashsocket", "websocket", "jsonp-polling", "polling"];
    const socket = await clients.connect({ transports });
    assert.equal(socket.io.engine?.transport.name, "websocket");
  });

  it("may be refused at connect(), and put right", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    const socket = clients.open({ transports: ["flashsocket"], autoConnect: false });
    assert.throws(() => socket.connect(), TypeError);
    assert.throws(() => socket.connect(), TypeError);
    socket.io.opts.transports = ["websocket"];
    socket.connect();
    await once(socket, "connect");
  });

  it("that are refused as it connects again make the attempt fail", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    const socket = await clients.connect({ transports: ["websocket"] });
    socket.io.opts.transports = ["flashsocket"];
    const attempts: number[] = [];
    socket.io.on("reconnect_attempt", (attempt) => void attempts.push(attempt));
    const failed = once<[Error]>(socket.io, "reconnect_error");
    const told = once<[Error]>(socket, "connect_error");
    socket.io.engine?.close();
    assert.equal((await failed)[0].message, 'Cannot use option "transports": flashsocket');
    assert.equal((await told)[0], (await failed)[0]);
    socket.io.opts.transports = ["polling"];
    await once(socket, "connect");
    assert.ok(attempts.length > 1, attempts.join());
  });

  it("of a wrong kind are named: auth, parser", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    const [error] = await once<[Error]>(
      clients.open({ auth: "token" as unknown as object }),
      "connect_error",
    );
    assert.deepEqual([error.name, error.message], ["TypeError", 'Cannot use option "auth"']);
    assert.throws(() => clients.open({ parser: {} as typeof msgpackParser }), {
      name: "TypeError",
      message: 'Cannot use option "parser"',
    });
  });

  it("that only Node.js can fulfil are refused by name", () => {
    for (const option of [{ agent: {} }, { ca: "x" }, { rejectUnauthorized: false }]) {
      const [name = ""] = Object.keys(option);
      const options = { autoConnect: true, ...option };
      assert.throws(() => io("http://127.0.0.1:1", { forceNew: true, ...options }), {
        name: "TypeError",
        message: `Cannot use option "${name}": see transportOptions.websocket/polling.platform, ` +
          "docs/client.md",
      });
    }
  });

  it("of a manager are read and changed by its methods", () => {
    const manager = new Manager("http://127.0.0.1:1", { autoConnect: false });
    const initial = [
      manager.reconnection(),
      manager.reconnectionAttempts(),
      manager.reconnectionDelay(),
      manager.reconnectionDelayMax(),
      manager.randomizationFactor(),
      manager.timeout(),
    ];
    assert.deepEqual(initial, [true, Infinity, 1_000, 5_000, 0.5, 20_000]);
    manager.reconnection(false).reconnectionAttempts(1).reconnectionDelay(2).reconnectionDelayMax(3)
      .randomizationFactor(0).timeout(false);
    assert.deepEqual([manager.reconnection(), manager.timeout(), manager.delay(5)], [
      false,
      false,
      3,
    ]);
  });

  it("limit how often a dead server is tried", async () => {
    const manager = new Manager("http://127.0.0.1:1", {
      reconnectionAttempts: 2,
      reconnectionDelay: 1,
      transports: ["websocket"],
    });
    const events: unknown[] = [];
    manager.on("error", () => events.push("error"));
    manager.on("reconnect_attempt", (n) => events.push(n));
    manager.on("reconnect_error", () => events.push("reconnect_error"));
    await once(manager, "reconnect_failed");
    assert.deepEqual(events, [
      "error",
      1,
      "error",
      "reconnect_error",
      2,
      "error",
      "reconnect_error",
    ]);
    assert.equal(manager._reconnecting, false);
  });

  it("limit the time that opening takes", async () => {
    await using served = await serveBodies();
    await using clients = new Clients(served.url);
    const socket = clients.open({ ...POLLING, timeout: 10 });
    assert.equal((await once<[Error]>(socket, "connect_error"))[0].message, "timeout");
    assert.equal(socket.io.engine?.readyState, "closed");
  });
});

describe("a server that misbehaves", () => {
  it("is left when it is silent for too long", async () => {
    const open = { ...OPEN, pingInterval: 20, pingTimeout: 500 };
    await using served = await serveBodies("0" + JSON.stringify(open), '40{"sid":"x"}');
    await using clients = new Clients(served.url);
    const socket = await clients.connect(POLLING);
    assert.equal((await once(socket, "disconnect"))[0], "ping timeout");
    await until(() => served.posts.includes("1"), "the close packet");
  });

  it("is told apart if it is of version 2", async () => {
    await using served = await serveBodies("0" + JSON.stringify(OPEN), "40");
    await using clients = new Clients(served.url);
    const [error] = await once<[Error]>(clients.open(POLLING), "connect_error");
    assert.equal(error.message, "The server speaks Socket.IO v2");
  });

  for (const [text, message] of [['"no"', "no"], ['{"message":"no"}', "no"], ["{}", ""]] as const) {
    it(`tells why when it refuses a namespace by ${text}`, async () => {
      await using served = await serveBodies("0" + JSON.stringify(OPEN), `44${text}`);
      await using clients = new Clients(served.url);
      const socket = clients.open(POLLING);
      const [error] = await once<[Error]>(socket, "connect_error");
      assert.equal(error.message, message);
    });
  }

  for (const bad of ["44", "44null", "40null", "42[]", "42[null]", '42[{"a":1}]']) {
    it(`is left, and the socket told, when it sends ${bad} before it lets in`, async () => {
      await using served = await serveBodies("0" + JSON.stringify(OPEN), bad);
      await using clients = new Clients(served.url);
      const [error] = await once<[Error]>(clients.open(POLLING), "connect_error");
      assert.equal(error.message, "parse error");
      assert.ok(error.cause instanceof SyntaxError);
    });
  }

  for (const bad of ["9", "4x", '42["connect"]', "42[", "bAQ=="]) {
    it(`is left when it sends ${bad}`, async () => {
      await using served = await serveBodies("0" + JSON.stringify(OPEN), '40{"sid":"x"}', bad);
      await using clients = new Clients(served.url);
      const socket = await clients.connect(POLLING);
      const [reason, error] = await once<[string, Error]>(socket, "disconnect");
      assert.equal(reason, "parse error");
      assert.ok(error instanceof SyntaxError, String(error));
    });
  }

  for (const open of ["{}", "5", '"x"', "null", "x", '{"sid":1}']) {
    it(`is left when its handshake is ${open}`, async () => {
      await using served = await serveBodies("0" + open);
      await using clients = new Clients(served.url);
      const socket = clients.open(POLLING);
      const [error] = await once<[Error]>(socket, "connect_error");
      assert.ok(error instanceof SyntaxError, String(error));
      assert.equal(socket.io.engine?.readyState, "closed");
    });
  }

  it("is not left when it offers no list of transports, or has more patience than timers", async () => {
    const odd = { ...OPEN, upgrades: {}, pingInterval: 1e12 };
    await using served = await serveBodies("0" + JSON.stringify(odd), '40{"sid":"x"}', '42["a"]');
    await using clients = new Clients(served.url);
    const socket = clients.open(POLLING);
    await once(socket, "a");
    assert.equal(socket.connected, true);
  });

  it("is left when it closes", async () => {
    await using served = await serveBodies("0" + JSON.stringify(OPEN), '40{"sid":"x"}', "1");
    await using clients = new Clients(served.url);
    const socket = await clients.connect(POLLING);
    assert.deepEqual(await once(socket, "disconnect"), [
      "transport close",
      { description: "transport closed by the server" },
    ]);
  });

  it("is quoted with status and text where it refuses", async () => {
    await using served = await serve(plain(() => new Response("no", { status: 503 })));
    await using clients = new Clients(served.url);
    type Context = Response & { responseText: string };
    const [error] = await once<[Error & { type: string; description: number; context: Context }]>(
      clients.open(POLLING),
      "connect_error",
    );
    assert.equal(error.message, "xhr poll error");
    assert.equal(error.type, "TransportError");
    assert.equal(error.description, 503);
    assert.equal(error.context.status, 503);
    assert.equal(error.context.responseText, "no");
  });
});

describe("the engine client, alone", () => {
  it("sends and hears text and binary data, and closes when all is sent", async () => {
    const bodies = ["0" + JSON.stringify(OPEN), "4hello\x1ebAQI=\x1e2"];
    await using served = await serveBodies(...bodies);
    const socket = new EngineSocket(served.url, POLLING);
    const heard: unknown[] = [];
    socket.on("message", (data) => heard.push(data));
    const ping = once(socket, "ping");
    await once(socket, "open");
    assert.equal(socket.id, "s");
    let sent = false;
    socket.send("text", {}, () => sent = true).send(new Uint8Array([3])).write("x".repeat(95));
    await ping;
    assert.equal(sent, true);
    assert.deepEqual(heard, ["hello", new Uint8Array([1, 2])]);
    const closed = once(socket, "close");
    assert.equal(socket.close().readyState === "open", false);
    assert.equal((await closed)[0], "forced close");
    await until(() => served.posts.includes("1"), "the close packet");
    assert.equal(
      served.posts.join("\x1e").split("\x1e").sort().join(),
      [
        "1",
        "3",
        "4text",
        "4" + "x".repeat(95),
        "bAw==",
      ].sort().join(),
    );
  });

  it("says that it gives up to move where it is closed on the way", async () => {
    await using served = await serve(new Server());
    assert.equal(protocol, 4);
    const socket = new EngineSocket(served.url, { path: "/socket.io" });
    socket.send("0");
    assert.equal(socket.writeBuffer.length, 1);
    const heard: string[] = [];
    socket.on("upgrading", () => socket.close());
    socket.on("upgrade", () => heard.push("upgrade"));
    socket.on("upgradeError", ({ message }) => heard.push(message));
    assert.deepEqual((await once(socket, "close"))[0], "forced close");
    assert.deepEqual(heard, ["probe error: closed"]);
    assert.equal(socket.writeBuffer.length, 0);
  });
});
