import { Server } from "../../../mod.ts";
import { Engine } from "../../../server/engine/mod.ts";
import { SERVER_OPTION_NAMES } from "../../../server/options.ts";
import { assert, describe, it } from "../../harness/mod.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

const WRONG: readonly [options: unknown, message: RegExp, error: ErrorConstructor][] = [
  [{ path: 7 }, /^Option "path" must be a string, not number$/, TypeError],
  [{ path: "live" }, /^Option "path" must begin with a slash: "live"$/, RangeError],
  [{ serveClient: "yes" }, /^Option "serveClient" must be a boolean, not string$/, TypeError],
  [{ adapter: {} }, /^Option "adapter" must be a function, not object$/, TypeError],
  [{ parser: "json" }, /^Option "parser" must be object or function, not string$/, TypeError],
  [{ parsers: [] }, /^Option "parsers" must be a list of parsers$/, TypeError],
  [{ connectTimeout: -1 }, /^Option "connectTimeout" must not be negative: -1$/, RangeError],
  [{ connectTimeout: NaN }, /^Option "connectTimeout" must not be negative: NaN$/, RangeError],
  [{ maxAttachments: 0 }, /^Option "maxAttachments" must be a positive integer: 0$/, RangeError],
  [
    { maxEmptyNamespaces: 0 },
    /^Option "maxEmptyNamespaces" must be a positive integer: 0$/,
    RangeError,
  ],
  [{ maxHeldBytes: 0 }, /^Option "maxHeldBytes" must be a positive integer: 0$/, RangeError],
  [{ maxNamespaces: 1.5 }, /^Option "maxNamespaces" must be a positive integer: 1.5$/, RangeError],
  [{ cleanupEmptyChildNamespaces: 1 }, /must be a boolean, not number$/, TypeError],
  [{ connectionStateRecovery: "on" }, /must be boolean or object, not string$/, TypeError],
  [
    { connectionStateRecovery: { maxDisconnectionDuration: -5 } },
    /^Option "maxDisconnectionDuration" must not be negative: -5$/,
    RangeError,
  ],
  [
    { connectionStateRecovery: { skipMiddleware: true } },
    /^Unknown option "skipMiddleware": did you mean "skipMiddlewares"\?$/,
    TypeError,
  ],
  [{ reportError: "log" }, /^Option "reportError" must be a function, not string$/, TypeError],
  [{ pingInterval: "25" }, /^Option "pingInterval" must be a number, not string$/, TypeError],
  [{ transports: ["carrier pigeon"] }, /there is no transport "carrier pigeon"$/, RangeError],
  [
    { cors: "*" },
    /^Option "cors" must be object or function or boolean, not string$/,
    TypeError,
  ],
  [
    { pingIntervall: 1 },
    /^Unknown option "pingIntervall": did you mean "pingInterval"\?$/,
    TypeError,
  ],
  [
    { connectionStateRecovery: { maxDisconnectDuration: 5 } },
    /^Unknown option "maxDisconnectDuration": did you mean "maxDisconnectionDuration"\?$/,
    TypeError,
  ],
  [{ cors: { origins: "*" } }, /^Unknown option "origins": did you mean "origin"\?$/, TypeError],
  [{ cors: { allowHeaders: [] } }, /"allowHeaders": did you mean "allowedHeaders"\?$/, TypeError],
  [{ servClient: true }, /^Unknown option "servClient": did you mean "serveClient"\?$/, TypeError],
  [{ parser: {}, parsers: [{}] }, /^Options "parser" and "parsers" exclude each other$/, TypeError],
];

describe("new Server()", () => {
  for (const [options, message, type] of WRONG) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => new Server(options as never), (error: Error) => {
        assert.match(error.message, message);
        assert.equal(error instanceof type, true);
        return true;
      });
    });
  }

  it("takes options that are undefined, and names that are like no option", async () => {
    const options = { pingInterval: undefined, adapter: undefined, somethingElse: 1 };
    const io = new Server(options as never);
    assert.equal(io.engine.opts.pingInterval, 25_000);
    assert.equal(io.opts, options);
    await io.close();
  });

  it("takes null for an option that is not set", async () => {
    const names = [
      ...SERVER_OPTION_NAMES,
      ...["path", "pingInterval", "transports", "cors", "cookie", "allowRequest", "generateId"],
      ...["perMessageDeflate", "httpCompression", "initialPacket", "maxConnectionsPerAddress"],
    ];
    const io = new Server(Object.fromEntries(names.map((name) => [name, null])) as never);
    const plain = new Server();
    assert.deepEqual(io.engine.opts, plain.engine.opts);
    assert.deepEqual(io.adapter(), plain.adapter());
    await Promise.all([io.close(), plain.close()]);
  });

  it("takes every option of CORS, and names that are like none", async () => {
    const cors = {
      ...{ origin: "*", methods: "GET", allowedHeaders: "a", exposedHeaders: "b", maxAge: 1 },
      ...{ credentials: true, preflightContinue: false, optionsSuccessStatus: 200, other: 1 },
    };
    const io = new Server({ cors });
    assert.equal(io.engine.opts.cors, cors);
    await io.close();
  });

  it("takes no for an answer about CORS, and a plain yes", async () => {
    for (const [given, cors] of [[false, undefined], [true, {}]] as const) {
      const io = new Server({ cors: given });
      assert.deepEqual(io.engine.opts.cors, cors);
      await io.close();
    }
  });

  it("says what listen() takes, instead of options or a callback", async () => {
    const io = new Server();
    for (const given of [{ cors: {} }, () => {}, null, { fetch: () => new Response() }]) {
      await assert.rejects(io.listen(LOCAL, given as never), {
        name: "TypeError",
        message: /^The second argument of listen\(\) must be what handler\(next\) returns/,
      });
    }
    await io.listen(LOCAL, io.handler());
    await io.close();
  });

  it("has the defaults of the reference", async () => {
    const io = new Server();
    assert.deepEqual([io.path(), io.connectTimeout(), io.serveClient()], [
      "/socket.io",
      45_000,
      true,
    ]);
    const { pingInterval, pingTimeout, upgradeTimeout, maxHttpBufferSize, transports } =
      io.engine.opts;
    assert.deepEqual({ pingInterval, pingTimeout, upgradeTimeout, maxHttpBufferSize, transports }, {
      pingInterval: 25_000,
      pingTimeout: 20_000,
      upgradeTimeout: 10_000,
      maxHttpBufferSize: 1_000_000,
      transports: ["polling", "websocket"],
    });
    await io.close();
  });

  it("connectTimeout(), serveClient() and adapter() set and tell", async () => {
    const io = new Server();
    assert.equal(io.connectTimeout(10), io);
    assert.equal(io.connectTimeout(), 10);
    assert.equal(io.serveClient(false), io);
    assert.equal(io.serveClient(), false);
    const Before = io.adapter();
    const { adapter } = io.of("/");
    assert.equal(io.adapter(Before), io);
    assert.notEqual(io.of("/").adapter, adapter);
    await io.close();
  });

  it("an adapter can be a class or a function, made once for each namespace", async () => {
    const made: string[] = [];
    const Base = new Server().adapter() as new (scope: { name: string }) => object;
    class Own extends Base {
      constructor(scope: { name: string }) {
        super(scope);
        made.push(`class ${scope.name}`);
      }
    }
    const byClass = new Server({ adapter: Own as never });
    byClass.of("/a");
    byClass.of("/a");
    const byFunction = new Server({
      adapter: (scope) => {
        made.push(`function ${scope.name}`);
        return new Base(scope) as never;
      },
    });
    assert.deepEqual(made, ["class /", "class /a", "function /"]);
    await Promise.all([byClass.close(), byFunction.close()]);
  });

  it("bind() refuses what is no engine of ours", async () => {
    const io = new Server();
    const engines = [{ on() {}, handleRequest() {} }, {}, null];
    for (const engine of engines) {
      const message =
        /^Cannot bind: this is no engine of @sockeye\/io\/engine.* io\.handler\(next\)/;
      assert.throws(() => io.bind(engine as never), { name: "TypeError", message });
    }
    assert.equal(io.bind(new Engine()), io);
    await io.close();
  });

  it("listen() refuses what is no address, and to listen twice", async () => {
    const io = new Server();
    await assert.rejects(io.listen((() => {}) as never), /request handler function/);
    const node = { listen: () => {}, on: () => {} };
    for (const server of [node, Object.create(node)]) {
      await assert.rejects(io.attach(server), { name: "TypeError", message: /no HTTP server/ });
      await assert.rejects(io.listen(server), { name: "TypeError", message: /no HTTP server/ });
    }
    const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
    assert.equal(port > 0, true);
    assert.notEqual(io.httpServer, undefined);
    await assert.rejects(io.listen(0), { message: "The server listens already" });
    await io.close();
    const again = await io.listen({ port: 0, hostname: "127.0.0.1" });
    assert.equal(again.port > 0, true);
    await io.close();
  });

  it("listen() is ended by a close() that comes before it has finished", async () => {
    const io = new Server();
    const listening = io.listen({ port: 0, hostname: "127.0.0.1" });
    await assert.rejects(io.listen(0), { message: "The server listens already" });
    await io.close();
    const { port } = await listening;
    assert.equal(io.httpServer, undefined);
    await assert.rejects(fetch(`http://127.0.0.1:${port}`));
    await assert.rejects(io.listen({ port: -1 }));
    const closing = io.close();
    await io.listen({ port: 0, hostname: "127.0.0.1" });
    await closing;
    assert.notEqual(io.httpServer, undefined);
    await io.close();
    await io.listen({ port: 0, hostname: "127.0.0.1" });
    await io.close();
  });

  it("a listen() that fails behind a close() does not undo the next one", async () => {
    const io = new Server();
    let fail!: (error: Error) => void;
    const listen = io.engine.listen.bind(io.engine);
    io.engine.listen = () => new Promise((_, reject) => fail = reject);
    const failing = io.listen(0);
    await io.close();
    io.engine.listen = listen;
    await io.listen({ port: 0, hostname: "127.0.0.1" });
    fail(new Error("in use"));
    await assert.rejects(failing, { message: "in use" });
    await assert.rejects(io.listen(0), { message: "The server listens already" });
    await io.close();
  });

  it("says of an adapter that it is none for this server", () => {
    class Foreign {
      constructor(namespace: { server: { encoder: object } }) {
        void namespace.server.encoder;
      }
    }
    const failing = () => {
      throw new TypeError("my own");
    };
    assert.throws(() => new Server({ adapter: failing }), { name: "TypeError", message: "my own" });
    for (const adapter of [Foreign, () => ({}), () => undefined]) {
      assert.throws(() => new Server({ adapter: adapter as never }), {
        name: "TypeError",
        message: /^Cannot use adapter: it is not one for this server/,
      });
    }
  });
});
