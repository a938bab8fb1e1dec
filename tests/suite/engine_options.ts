import { connect as connectTcp } from "node:net";
import { deflateRawSync } from "node:zlib";
import { assert, describe, it, mock } from "../harness/mod.ts";
import { until, within } from "../harness/once.ts";
import { engineUrl, RawPolling, RawWebSocket } from "../harness/raw.ts";
import { RUNTIME, serve } from "../harness/serve.ts";
import { Engine } from "../../server/engine/mod.ts";
import { type EchoServer, startEcho } from "./engine_server.ts";

const ORIGIN = "https://a.example";
const BUN = RUNTIME === "bun";
const POLLING = { transport: "polling" };

/** What the options of an engine change. */
export function optionsSuite(): void {
  describe("Engine option cors", () => {
    it("is in every answer", async () => {
      await using server = await startEcho({ cors: { origin: ORIGIN, credentials: true } });
      const headers = { origin: ORIGIN };
      const peer = await RawPolling.open(server.url, { headers });
      await peer.post("4a");
      const answers = [
        await fetch(engineUrl(server.url, POLLING), { headers }),
        await fetch(peer.url, { headers }),
        await fetch(peer.url, { method: "POST", body: "6", headers }),
        await fetch(engineUrl(server.url, { transport: "tin" }), { headers }),
      ];
      for (const answer of answers) {
        assert.equal(answer.headers.get("access-control-allow-origin"), ORIGIN);
        assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
        assert.equal(answer.headers.get("vary"), "Origin");
        await answer.text();
      }
    });

    it("answers a preflight, before every middleware", async () => {
      await using server = await startEcho({ cors: {} });
      server.engine.use(() => new Response("no", { status: 418 }));
      const answer = await fetch(engineUrl(server.url, POLLING), { method: "OPTIONS" });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    });

    it("decides about the origin of a WebSocket", async () => {
      await using server = await startEcho({ cors: { origin: [ORIGIN] } });
      assert.match(await upgrade(server.url, { Origin: ORIGIN }), /^HTTP\/1.1 101/);
      assert.match(await upgrade(server.url, {}), /^HTTP\/1.1 101/);
      const refused = await upgrade(server.url, { Origin: "https://b.example" });
      assert.match(refused, /^HTTP\/1.1 403/);
      assert.match(refused, /\{"code":4,"message":"Forbidden"\}/);
    });

    it("refuses, without it, a WebSocket of another page that comes with cookies", async () => {
      await using server = await startEcho();
      const { host } = new URL(server.url);
      const cookie = { Cookie: "a=1" };
      const cases: [Record<string, string>, number][] = [
        [{ Origin: ORIGIN, ...cookie }, 403],
        [{ Origin: "null", ...cookie }, 403],
        // Of jsdom, which has none.
        [{ Origin: ORIGIN, Cookie: "" }, 101],
        [{ Origin: ORIGIN }, 101],
        [{ Origin: `http://${host}`, ...cookie }, 101],
        [{ Origin: ORIGIN, "X-Forwarded-Host": "a.example", ...cookie }, 101],
        [{ Origin: ORIGIN, "X-Forwarded-Host": "b.example, A.example:80", ...cookie }, 101],
        [{ Origin: `${ORIGIN}:8443`, "X-Forwarded-Host": "a.example", ...cookie }, 101],
        [{ Origin: ORIGIN, "X-Forwarded-Host": "b.a.example, xa.example", ...cookie }, 403],
        [{ Origin: "http://127.0.0.1", ...cookie }, 101],
        [{ Origin: "http://[::1]", ...cookie }, 403],
        [{ Origin: "http://a.example", "X-Forwarded-Host": "a.example.", ...cookie }, 101],
        [{ Origin: "http://null", ...cookie }, 403],
        [{ Origin: "http://", "X-Forwarded-Host": "b.example,,", ...cookie }, 403],
        [{ Origin: "app://a.example", "X-Forwarded-Host": "a.example", ...cookie }, 403],
        [cookie, 101],
      ];
      for (const [headers, status] of cases) {
        const answer = await upgrade(server.url, headers);
        assert.ok(answer.startsWith(`HTTP/1.1 ${status}`), JSON.stringify(headers));
      }
    });

    it("refuses whomever its function calls back with an error for", async () => {
      await using server = await startEcho({
        cors: {
          origin: (origin, callback) =>
            origin === ORIGIN ? callback(null, true) : callback(new Error("Not allowed by CORS")),
        },
      });
      const written = mock.method(console, "error", () => {});
      try {
        await assertRefused(server, { Origin: "https://b.example" });
        await assertRefused(server, {});
        assert.equal(written.mock.callCount(), 0);
      } finally {
        written.mock.restore();
      }
      const peer = await RawPolling.open(server.url, { headers: { Origin: ORIGIN } });
      for (const method of ["GET", "POST"]) {
        const foreign = await fetch(peer.url, { method, headers: { Origin: "https://b.example" } });
        assert.equal(foreign.status, 400);
        await foreign.text();
      }
      assert.match(await upgrade(server.url, { Origin: ORIGIN }), /^HTTP\/1.1 101/);
    });

    it("refuses everybody if its function fails", async () => {
      const broken = new Error("broken");
      await using server = await startEcho({ cors: { origin: () => Promise.reject(broken) } });
      const written = mock.method(console, "error", () => {});
      try {
        await assertRefused(server, { Origin: ORIGIN });
        assert.ok(written.mock.calls.every((call) => call.arguments.at(-1) === broken));
        assert.notEqual(written.mock.callCount(), 0);
      } finally {
        written.mock.restore();
      }
    });

    it("is for the answers of middlewares, too, as far as they say nothing themselves", async () => {
      await using server = await startEcho({
        cors: { origin: ["http://good.example"], credentials: true },
      });
      const own: Record<string, HeadersInit> = {
        plain: {},
        vary: { vary: "Accept" },
        "other vary": { vary: "X-Original-Origin" },
        "same vary": { vary: "accept, origin" },
        origin: { "access-control-allow-origin": "http://other.example", vary: "Origin" },
      };
      server.engine.use(async (request, next) => {
        const { searchParams } = new URL(request.url);
        const kind = searchParams.get("kind");
        if (kind === "copy") {
          const response = await next();
          return new Response(response.body, response);
        }
        return new Response("tea", { status: 418, statusText: "Teapot", headers: own[kind!]! });
      });
      const ask = async (kind: string) => {
        const query = { transport: "polling", kind };
        const headers = { origin: "http://good.example" };
        const response = await fetch(engineUrl(server.url, query), { headers });
        await response.body?.cancel();
        return [
          response.status,
          response.headers.get("access-control-allow-origin"),
          response.headers.get("access-control-allow-credentials"),
          response.headers.get("vary"),
        ];
      };
      assert.deepEqual(await ask("plain"), [418, "http://good.example", "true", "Origin"]);
      assert.deepEqual(await ask("vary"), [418, "http://good.example", "true", "Accept, Origin"]);
      const good = [418, "http://good.example", "true"];
      assert.deepEqual(await ask("other vary"), [...good, "X-Original-Origin, Origin"]);
      assert.deepEqual(await ask("same vary"), [...good, "accept, origin"]);
      assert.deepEqual(await ask("origin"), [418, "http://other.example", "true", "Origin"]);
      assert.deepEqual(await ask("copy"), [200, "http://good.example", "true", "Origin"]);
    });

    it("refuses by an error before every middleware, and serves files all the same", async () => {
      const engine = new Engine({ cors: { origin: (_, callback) => callback(new Error("no")) } });
      engine.files = (_request, name) =>
        Promise.resolve(name === "a.js" ? new Response("file") : undefined);
      const names: unknown[] = [];
      engine.on("connection_error", ({ context }) => names.push(context["name"], context["error"]));
      const paths: string[] = [];
      engine.use(({ url }, next) => {
        paths.push(new URL(url).pathname);
        return next();
      });
      const ask = (path: string) => engine.fetch(new Request(`http://host/engine.io/${path}`));
      assert.equal((await ask("?EIO=4&transport=polling")).status, 400);
      assert.equal((await ask("a.js?EIO=4&transport=polling")).status, 400);
      assert.equal((await ask("a.js")).status, 200);
      assert.deepEqual(paths, ["/engine.io/a.js"]);
      assert.deepEqual(
        names.map(String),
        Array(2).fill(["MIDDLEWARE_FAILURE", "Error: no"]).flat(),
      );
      await engine.close();
    });
  });

  describe("Engine option cookie", () => {
    it("is set by the handshake and by nothing else", async () => {
      await using server = await startEcho({ cookie: true });
      const answer = await fetch(engineUrl(server.url, POLLING));
      const { sid } = JSON.parse((await answer.text()).slice(1));
      assert.equal(answer.headers.get("set-cookie"), `io=${sid}; Path=/; HttpOnly; SameSite=Lax`);
      const post = await fetch(engineUrl(server.url, { ...POLLING, sid }), {
        method: "POST",
        body: "6",
      });
      assert.equal(post.headers.get("set-cookie"), null);
      await post.text();
      assert.match(await upgrade(server.url, {}), /set-cookie: io=[\w-]{20}; Path=\//i);
    });
  });

  describe("Engine option allowRequest", () => {
    const answers: [string, unknown, number, string][] = [
      [
        "a callback that says yes",
        (_: Request, fn: (m: null, ok: boolean) => void) => fn(null, true),
        200,
        "",
      ],
      [
        "a callback that says no",
        (_: Request, fn: (m: string, ok: boolean) => void) => fn("go away", false),
        403,
        "go away",
      ],
      [
        "a callback without a text",
        (_: Request, fn: (m: null, ok: boolean) => void) => fn(null, false),
        403,
        "Forbidden",
      ],
      [
        "a late callback",
        (_: Request, fn: (m: null, ok: boolean) => void) =>
          void setTimeout(() => fn(null, true), 1),
        200,
        "",
      ],
      [
        "a late callback that says no, whatever is returned before",
        (_: Request, fn: (m: string, ok: boolean) => void) => setTimeout(() => fn("no", false), 1),
        403,
        "no",
      ],
      ["a result that is not true", (...args: unknown[]) => args, 403, "Forbidden"],
      ["a promise of true", () => Promise.resolve(true), 200, ""],
      ["a promise of a text", () => Promise.resolve("no seats"), 403, "no seats"],
      ["nothing at all", () => {}, 403, "Forbidden"],
    ];
    for (const [what, allowRequest, status, message] of answers) {
      it(`goes by ${what}`, async () => {
        await using server = await startEcho({ allowRequest: allowRequest as () => boolean });
        const answer = await fetch(engineUrl(server.url, POLLING));
        assert.equal(answer.status, status);
        const body = await answer.text();
        if (status === 403) assert.deepEqual(JSON.parse(body), { code: 4, message });
        assert.ok(
          (await upgrade(server.url, {})).startsWith(`HTTP/1.1 ${status === 200 ? 101 : 403}`),
        );
      });
    }

    it("is told the address of the client", async () => {
      const addresses: string[] = [];
      await using server = await startEcho({
        allowRequest: (_request, _callback, { remoteAddress }) => {
          addresses.push(remoteAddress);
          return addresses.length < 3 || "too often";
        },
      });
      await RawPolling.open(server.url);
      await using _socket = await RawWebSocket.open(server.url);
      const answer = await fetch(engineUrl(server.url, POLLING));
      assert.deepEqual(await answer.json(), { code: 4, message: "too often" });
      assert.deepEqual(addresses, Array(3).fill("127.0.0.1"));
    });

    it("refuses if it fails, and is asked for an upgrade too", async () => {
      let fail = false;
      await using server = await startEcho({
        allowRequest: (request) => {
          if (fail) throw new Error(request.method);
          return true;
        },
      });
      const peer = await RawPolling.open(server.url);
      fail = true;
      const { error } = console;
      console.error = () => {};
      try {
        assert.equal((await fetch(engineUrl(server.url, POLLING))).status, 403);
        const { sid } = peer.handshake;
        assert.match(await upgrade(server.url, {}, { sid }), /^HTTP\/1.1 403/);
      } finally {
        console.error = error;
      }
      assert.equal((await peer.post("4a")).status, 200);
    });
  });

  describe("Engine option maxConnectionsPerAddress", () => {
    it("refuses one too many, on each transport, until one has left", async () => {
      await using server = await startEcho({ maxConnectionsPerAddress: 2 });
      const peer = await RawPolling.open(server.url);
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      const answer = await fetch(engineUrl(server.url, POLLING));
      assert.equal(answer.status, 403);
      assert.deepEqual(await answer.json(), { code: 4, message: "Too many connections" });
      assert.match(await upgrade(server.url, {}), /^HTTP\/1.1 403/);
      // An upgrade is no other connection.
      await using moved = await RawWebSocket.open(server.url, { sid: peer.handshake.sid });
      moved.send("2probe");
      assert.equal(await moved.next(), "3probe");
      await peer.post("1");
      await until(() => server.engine.clientsCount === 1, "one to have left");
      await RawPolling.open(server.url);
    });

    it("holds for those that come at once", async () => {
      await using server = await startEcho({
        maxConnectionsPerAddress: 5,
        allowRequest: async () => await Promise.resolve(true),
      });
      const sockets = await Promise.all(
        Array.from({ length: 20 }, () => RawWebSocket.open(server.url).catch(() => undefined)),
      );
      const polls = await Promise.all(
        Array.from({ length: 20 }, () => RawPolling.open(server.url).catch(() => undefined)),
      );
      assert.deepEqual(polls.filter((poll) => poll !== undefined), []);
      assert.equal(server.engine.clientsCount, 5);
      for (const socket of sockets) await socket?.[Symbol.asyncDispose]();
      await until(() => server.engine.clientsCount === 0, "all to have left");
      await RawPolling.open(server.url);
    });
  });

  describe("Engine option generateId", () => {
    it("makes the ids, at once or later", async () => {
      let count = 0;
      await using server = await startEcho({
        generateId: () => ++count % 2 === 1 ? `id ${count}` : Promise.resolve(`id ${count}`),
      });
      for (const sid of ["id 1", "id 2"]) {
        const peer = await RawPolling.open(server.url);
        assert.equal(peer.handshake.sid, sid);
        assert.equal((await peer.post("4a")).status, 200);
      }
    });

    it("lets one in of those that get the same id at once", async () => {
      const both = Promise.withResolvers<string>();
      let asked = 0;
      await using server = await startEcho({
        maxConnectionsPerAddress: 2,
        reportError() {},
        generateId: () => {
          asked++;
          if (asked === 2) both.resolve("same");
          return asked > 2 ? `id ${asked}` : both.promise;
        },
      });
      const open = () => RawWebSocket.open(server.url).catch(() => undefined);
      const sockets = (await Promise.all([open(), open()])).filter((one) => one !== undefined);
      // Bun has opened one before it looks at the other, which is refused then.
      const first = sockets.length === 1
        ? undefined
        : await Promise.race(sockets.map((socket) => socket.closed.then(() => socket)));
      await using survivor = sockets.find((socket) => socket !== first)!;
      assert.match(String(await survivor.next()), /^0.*"same"/);
      survivor.send("4a");
      assert.equal(await survivor.next(), "4a");
      assert.equal(server.engine.clientsCount, 1);
      await survivor[Symbol.asyncDispose]();
      await until(() => server.engine.clientsCount === 0, "it to have left");
      for (let i = 0; i < 2; i++) await RawPolling.open(server.url);
    });

    it("lets one poll of those that get the same id at once", async () => {
      const both = Promise.withResolvers<string>();
      let asked = 0;
      const reported: unknown[] = [];
      await using server = await startEcho({
        generateId: () => {
          if (++asked === 2) both.resolve("same");
          return both.promise;
        },
        reportError: (error) => reported.push(error),
      });
      const ask = async () => (await fetch(engineUrl(server.url, POLLING))).status;
      assert.deepEqual((await Promise.all([ask(), ask()])).sort(), [200, 400]);
      assert.deepEqual([server.engine.clientsCount, reported.length], [1, 1]);
    });

    it("refuses the handshake if it fails or repeats itself", async () => {
      const ids = [() => "same", () => "same", () => "", () => Promise.reject(new Error("no"))];
      await using server = await startEcho({ generateId: () => (ids.shift() ?? (() => "x"))() });
      const names: unknown[] = [];
      server.engine.on("connection_error", ({ context }) => names.push(context["name"]));
      const { error } = console;
      console.error = () => {};
      try {
        const statuses: number[] = [];
        for (let i = 0; i < 4; i++) {
          statuses.push((await fetch(engineUrl(server.url, POLLING))).status);
        }
        assert.deepEqual(statuses, [200, 400, 400, 400]);
      } finally {
        console.error = error;
      }
      assert.deepEqual(names, Array(3).fill("ID_GENERATION_ERROR"));
    });
  });

  describe("Engine.use()", () => {
    it("runs in order, around what comes next, on polling and WebSocket", async () => {
      await using server = await startEcho();
      const log: string[] = [];
      for (const name of ["a", "b"]) {
        server.engine.use(async (_request, next) => {
          log.push(name);
          const response = await next();
          log.push(`${name} behind`);
          return response;
        });
      }
      await RawPolling.open(server.url);
      assert.deepEqual(log.splice(0), ["a", "b", "b behind", "a behind"]);
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      assert.deepEqual(log.slice(0, 2), ["a", "b"]);
    });

    it("may answer by itself, or change the answer", async () => {
      await using server = await startEcho();
      server.engine.use(async (request, next) => {
        if (request.headers.has("x-no")) return new Response("no", { status: 401 });
        const response = await next();
        response.headers.set("x-seen", "yes");
        return response;
      });
      const url = engineUrl(server.url, POLLING);
      assert.equal((await fetch(url, { headers: { "x-no": "1" } })).status, 401);
      assert.equal((await fetch(url)).headers.get("x-seen"), "yes");
      assert.match(await upgrade(server.url, { "X-No": "1" }), /^HTTP\/1.1 401/);
      assert.equal(server.engine.clientsCount, 1);
    });

    it("adds headers to the answer of a WebSocket, with those of cookie and cors", async () => {
      const cors = { origin: ORIGIN };
      await using server = await startEcho({ cookie: true, cors, allowRequest: () => true });
      server.engine.use(async (_request, next) => {
        const response = await next();
        response.headers.append("set-cookie", "mine=1");
        response.headers.set("x-seen", "yes");
        return response;
      });
      server.engine.use((_request, next) => void next());
      server.engine.use(async (_request, next) => {
        const { body, headers } = await next();
        return new Response(body, { headers: { ...Object.fromEntries(headers), "x-new": "1" } });
      });
      const answer = await upgrade(server.url, { Origin: ORIGIN });
      assert.match(answer, /^HTTP\/1.1 101/);
      assert.match(answer, /\r\nx-seen: yes\r\n/i);
      assert.match(answer, /\r\nx-new: 1\r\n/i);
      assert.match(answer, /\r\nset-cookie: io=[^\r]+\r\n/i);
      assert.match(answer, /\r\nset-cookie: mine=1\r\n/i);
      assert.match(answer, new RegExp(`\r\naccess-control-allow-origin: ${ORIGIN}\r\n`, "i"));
      const peer = await RawPolling.open(server.url, { headers: { origin: ORIGIN } });
      const { sid } = peer.handshake;
      const moved = await upgrade(server.url, { Origin: ORIGIN }, { sid });
      assert.match(moved, /^HTTP\/1.1 101[^]*\r\nx-seen: yes\r\n/i);
    });

    it("may turn a WebSocket away after next(), before there is a session", async () => {
      await using server = await startEcho();
      let sessions = 0;
      server.engine.on("connection", () => void sessions++);
      const middleware = async (_request: Request, next: () => Promise<Response>) => {
        await next();
        return new Response("no", { status: 401 });
      };
      server.engine.use(middleware);
      assert.match(await upgrade(server.url, {}), /^HTTP\/1.1 401/);
      assert.deepEqual([server.engine.clientsCount, sessions], [0, 0]);
      const answer = await fetch(engineUrl(server.url, POLLING));
      assert.deepEqual([answer.status, await answer.text()], [401, "no"]);
    });

    it("refuses the request if it fails", async () => {
      await using server = await startEcho();
      const names: unknown[] = [];
      server.engine.on("connection_error", ({ context }) => names.push(context["name"]));
      server.engine.use(() => {
        throw new Error("broken");
      });
      const { error } = console;
      console.error = () => {};
      try {
        const answer = await fetch(engineUrl(server.url, POLLING));
        assert.deepEqual(await answer.json(), { code: 3, message: "Bad request" });
        assert.match(await upgrade(server.url, {}), /^HTTP\/1.1 400/);
      } finally {
        console.error = error;
      }
      assert.deepEqual(names, ["MIDDLEWARE_FAILURE", "MIDDLEWARE_FAILURE"]);
      assert.throws(() => server.engine.use("x" as never), TypeError);
    });
  });

  describe("Engine events", () => {
    it("show the headers of the handshake, of every answer and of the upgrade", async () => {
      await using server = await startEcho();
      const { engine } = server;
      engine.on("initial_headers", (headers) => headers.set("x-initial", "1"));
      engine.on("headers", (headers, request) => headers.set("x-method", request.method));
      const first = await fetch(engineUrl(server.url, POLLING));
      assert.equal(first.headers.get("x-initial"), "1");
      assert.equal(first.headers.get("x-method"), "GET");
      const { sid } = JSON.parse((await first.text()).slice(1));
      const url = engineUrl(server.url, { ...POLLING, sid });
      const post = await fetch(url, { method: "POST", body: "4a" });
      assert.equal(post.headers.get("x-initial"), null);
      assert.equal(post.headers.get("x-method"), "POST");
      await post.text();
      assert.equal((await fetch(url)).headers.get("x-method"), "GET");
      const answer = await upgrade(server.url, {});
      assert.match(answer, /x-initial: 1/i);
      assert.match(answer, /x-method: GET/i);
    });
  });

  describe("Engine.handler()", () => {
    it("leaves to others what is not for the engine, files below the path included", async () => {
      const engine = new Engine({ cors: {} });
      engine.files = (_request, name) =>
        Promise.resolve(name === "a.js" ? new Response("file") : undefined);
      await using server = await serve(
        Object.assign(engine.handler(({ url }) => new Response(new URL(url).pathname))),
      );
      const text = async (path: string) => await (await fetch(server.url + path)).text();
      assert.equal(await text("/other"), "/other");
      assert.equal(await text("/engine.iox/"), "/engine.iox/");
      const file = await fetch(server.url + "/engine.io/a.js");
      assert.equal(await file.text(), "file");
      assert.equal(file.headers.get("access-control-allow-origin"), "*");
      assert.match(await text("/engine.io/b.js"), /Transport unknown/);
      assert.match(await text("/engine.io/a.js?transport=polling&EIO=4"), /^0/);
      await engine.close();
    });

    it("is what both runtimes take", () => {
      const handler = new Engine({ maxHttpBufferSize: 1e9 }).handler();
      assert.equal(typeof handler, "function");
      const spread = { ...handler };
      assert.deepEqual(Object.keys(spread).sort(), [
        "fetch",
        "idleTimeout",
        "maxRequestBodySize",
        "websocket",
      ]);
      assert.equal(spread.idleTimeout, 45);
      assert.equal(spread.maxRequestBodySize, 1e9);
      assert.equal(typeof spread.websocket.message, "function");
    });
  });

  describe("Engine.listen()", () => {
    it("starts a server on a free port and ends it", async () => {
      const engine = new Engine();
      const { port, hostname } = await engine.listen({ port: 0, hostname: "127.0.0.1" });
      assert.equal(hostname, "127.0.0.1");
      const url = `http://127.0.0.1:${port}/engine.io/?EIO=4&transport=polling`;
      assert.equal((await fetch(url)).status, 200);
      await engine.close();
      await assert.rejects(fetch(url));
    });
  });

  describe("Engine option transports", () => {
    it("turns transports off", async () => {
      await using polling = await startEcho({ transports: ["polling"] });
      assert.deepEqual((await RawPolling.open(polling.url)).handshake.upgrades, []);
      assert.match(await upgrade(polling.url, {}), /Transport unknown/);
      await using websocket = await startEcho({ transports: ["websocket"] });
      assert.equal((await fetch(engineUrl(websocket.url, POLLING))).status, 400);
      assert.match(await upgrade(websocket.url, {}), /^HTTP\/1.1 101/);
    });

    it("hides upgrades", async () => {
      await using server = await startEcho({ allowUpgrades: false });
      assert.deepEqual((await RawPolling.open(server.url)).handshake.upgrades, []);
      assert.deepEqual(server.engine.upgrades("polling"), []);
    });
  });

  describe("Engine option perMessageDeflate", () => {
    const EXTENSION = { "Sec-WebSocket-Extensions": "permessage-deflate" };

    it("is off by default", async () => {
      await using server = await startEcho();
      assert.doesNotMatch(await upgrade(server.url, EXTENSION), /permessage-deflate/i);
    });

    it("compresses on Bun, and says on Deno that it cannot", async () => {
      const { warn } = console;
      const warnings: string[] = [];
      console.warn = (text) => void warnings.push(text);
      await using server = await startEcho({ perMessageDeflate: { threshold: 10 } });
      console.warn = warn;
      assert.equal(/permessage-deflate/i.test(await upgrade(server.url, EXTENSION)), BUN);
      assert.match(warnings.join(), BUN ? /^$/ : /^Option "perMessageDeflate" has no effect/);
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      for (const text of ["4short", "4" + "long".repeat(1000)]) {
        socket.send(text);
        assert.equal(await socket.next(), text);
      }
    });
  });

  describe("A compressed frame", () => {
    it("is cut at the limit while it is inflated", async () => {
      if (!BUN) return;
      await using server = await startEcho({ perMessageDeflate: true });
      const bomb = deflateRawSync(new Uint8Array(50_000_000), { level: 9 });
      const header = new Uint8Array([0xc2, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      new DataView(header.buffer).setUint32(6, bomb.length);
      const request = upgradeRequest(server.url, {
        "Sec-WebSocket-Extensions": "permessage-deflate",
      });
      await raw(server.url, request, header, bomb);
      await until(() => server.ends.length > 0, "the end of the session");
      assert.match(server.ends.join(), /^transport error/);
    });
  });

  describe("Engine.handler() with WebSockets of the program", () => {
    it("passes them on, on Bun, and keeps its own to itself", async () => {
      if (!BUN) return;
      const log: string[] = [];
      const engine = new Engine();
      engine.on("connection", (session) => session.on("message", (data) => session.send(data)));
      const next = (request: Request, server: unknown) =>
        (server as { upgrade(request: Request, options: object): boolean }).upgrade(request, {
            data: { theirs: true },
          })
          ? undefined as unknown as Response
          : new Response("no");
      const handler = engine.handler(next, {
        websocket: {
          open: () => void log.push("open"),
          message: (socket, data) => {
            log.push(`message ${data}`);
            (socket as WebSocket).send(`theirs ${data}`);
          },
          close: () => void log.push("close"),
          pong: () => void log.push("pong"),
        },
      });
      await using server = await serve(handler);
      await using theirs = await RawWebSocket.open(server.url, {}, "/other");
      theirs.send("x");
      assert.equal(await theirs.next(), "theirs x");
      await using ours = await RawWebSocket.open(server.url, {}, "/engine.io/");
      assert.match(String(await ours.next()), /^0/);
      ours.send("4y");
      assert.equal(await ours.next(), "4y");
      theirs.socket.close();
      await until(() => log.includes("close"), "the end");
      assert.deepEqual(log, ["open", "message x", "close"]);
      await engine.close();
    });
  });

  describe("Broken requests", () => {
    it("get an answer or an end, and nobody else notices", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      const path = "/socket.io/?EIO=4&transport=websocket";
      const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
      const requests = [
        `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tin\r\n${key}\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket, websocket\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\nHost: a\r\n${"x: y\r\n".repeat(5000)}\r\n`,
        `GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nOrigin: a\u0001b\r\n\r\n`,
        `GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${
          " ,".repeat(5000)
        }\r\n\r\n`,
        "GET /socket.io/?%ff%fe&sid=%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u0000\u0001\u0002\r\n\r\n",
      ];
      for (const request of requests) {
        const answer = await raw(server.url, request);
        assert.ok(!answer.startsWith("HTTP/1.1 101"), answer);
      }
      // What is no WebSocket frame, right behind the request for one.
      const frames = [[0xc1, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0], [
        0x81,
        0xff,
        0x7f,
        ...Array(11).fill(255),
      ], [0x81, 0x81, 0, 0, 0, 0, 0xff]];
      for (const frame of frames) {
        const before = server.ends.length;
        await raw(server.url, upgradeRequest(server.url, {}), new Uint8Array(frame));
        await until(() => server.ends.length > before, `an end behind ${frame}`);
      }
      assert.equal((await peer.post("4a")).status, 200);
      assert.equal(await peer.get(), "4a");
      // One of the requests was no more than strange.
      assert.equal(server.engine.clientsCount, 2);
    });
  });
}

/** No transport takes such a request: all answer 400 with the usual body, and no session begins. */
async function assertRefused(server: EchoServer, headers: Record<string, string>): Promise<void> {
  const body = '{"code":3,"message":"Bad request"}';
  for (const method of ["GET", "OPTIONS"]) {
    const answer = await fetch(engineUrl(server.url, POLLING), { method, headers });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
    assert.equal(await answer.text(), body);
  }
  const refused = await upgrade(server.url, headers);
  assert.match(refused, /^HTTP\/1.1 400/);
  assert.ok(refused.includes(body), refused);
  assert.equal(server.engine.clientsCount, 0);
}

/** The head of the answer to a request for a WebSocket, with the body of a refusal. */
function upgrade(
  url: string,
  headers: Record<string, string>,
  query: Record<string, string> = {},
): Promise<string> {
  return raw(url, upgradeRequest(url, headers, query));
}

function upgradeRequest(
  url: string,
  headers: Record<string, string>,
  query: Record<string, string> = {},
): string {
  const { host, pathname, search } = new URL(engineUrl(url, { transport: "websocket", ...query }));
  return [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "\r\n",
  ].join("\r\n");
}

/** The first thing that a raw request is answered, or nothing if it is cut off. */
function raw(url: string, request: string, ...more: Uint8Array[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  const answer = new Promise<string>((resolve) => {
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (!text.includes("\r\n\r\n")) return;
      const refused = /content-length: (\d+)/i.exec(text);
      const body = text.length - text.indexOf("\r\n\r\n") - 4;
      if (refused !== null && body < Number(refused[1])) return;
      if (more.length === 0) socket.destroy();
      resolve(text);
    });
    socket.on("close", () => resolve(text));
  });
  socket.write(request, "latin1");
  for (const bytes of more) socket.write(bytes);
  return within(answer, "an answer");
}
