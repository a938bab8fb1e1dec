import { bunHost } from "../../../server/bun.ts";
import { Engine, type SocketHandlers } from "../../../server/engine/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { RawWebSocket } from "../../harness/raw.ts";
import { serve } from "../../harness/serve.ts";

/** Answers requests for the program's own WebSockets. */
const upgrade = (request: Request, server: unknown) => {
  const { upgrade } = server as { upgrade(request: Request, options: object): boolean };
  return upgrade.call(server, request, { data: {} })
    ? undefined as unknown as Response
    : new Response("no");
};

/** What tells how long a message was, to the client that sent it. */
const measuring: SocketHandlers = {
  message: (socket, data) => void (socket as WebSocket).send(`${data.length}`),
};

describe("the WebSocket handlers for Bun", () => {
  it("serve the sockets of a module that `bun --hot` has replaced, and no others", () => {
    const host = bunHost();
    if (host === undefined) return; // on Deno
    const foreign: unknown[] = [];
    const settings = { maxPayload: 1000, maxBackpressure: 1000, compression: false };
    const handlers = host.handlers(settings, {
      message: (socket) => foreign.push((socket as { data: unknown }).data),
    }) as { message(socket: unknown, frame: string): void };
    const heard: string[] = [];
    const former = {
      get [Symbol.for("sockeye.BunSocket")]() {
        return true;
      },
      handler: { message: (frame: string) => heard.push(frame) },
    };
    handlers.message({ data: former }, "4a");
    const others = [undefined, null, "text", {}, { handler: former.handler }];
    for (const data of others) handlers.message({ data }, "4b");
    assert.deepEqual(heard, ["4a"]);
    assert.deepEqual(foreign, others);
  });

  const SIZES: [own: number, foreign: number | undefined][] = [
    [1000, 2000],
    [2000, 1000],
    [1000, undefined],
  ];
  for (const [own, foreign = own] of SIZES) {
    it(`hold own sockets to ${own} bytes and foreign ones to ${foreign}`, async () => {
      if (bunHost() === undefined) return;
      const engine = new Engine({ maxHttpBufferSize: own });
      engine.on("connection", (session) => {
        session.on("message", (data) => session.send(`${data.length}`));
      });
      const websocket = { ...measuring, ...foreign !== own && { maxPayloadLength: foreign } };
      await using server = await serve(engine.handler(upgrade, { websocket }));
      for (const [path, most] of [["/engine.io/", own], ["/other", foreign]] as const) {
        const prefix = path === "/other" ? "" : "4";
        for (const text of ["x".repeat(most - prefix.length), "€".repeat((most - 1) / 3)]) {
          await using socket = await RawWebSocket.open(server.url, {}, path);
          if (prefix !== "") await socket.next();
          socket.send(prefix + text);
          assert.equal(await socket.next(), `${prefix}${text.length}`);
          socket.send(`${prefix}${text}yyy`);
          assert.equal((await socket.closed).code, 1009);
        }
      }
      await engine.close();
    });
  }

  it("measure a frame in whatever form the foreign socket takes it", async () => {
    if (bunHost() === undefined) return;
    const engine = new Engine();
    const message = (socket: unknown, data: unknown) =>
      void (socket as WebSocket).send(`${(data as ArrayBuffer).byteLength}`);
    const websocket: SocketHandlers = {
      maxPayloadLength: 100,
      open: (socket) => void ((socket as WebSocket).binaryType = "arraybuffer"),
      message,
    };
    await using server = await serve(engine.handler(upgrade, { websocket }));
    await using socket = await RawWebSocket.open(server.url, {}, "/other");
    socket.send(new Uint8Array(100));
    assert.equal(await socket.next(), "100");
    socket.send(new Uint8Array(101));
    assert.equal((await socket.closed).code, 1009);
    await engine.close();
  });

  it("refuse settings of foreign sockets that ours cannot have, and take the same ones", () => {
    if (bunHost() === undefined) return;
    const engine = new Engine({ maxBackpressure: 5000 });
    const refused = {
      idleTimeout: 30,
      sendPings: true,
      backpressureLimit: 4000,
      closeOnBackpressureLimit: false,
      perMessageDeflate: true,
      publishToSelf: true,
    };
    for (const [name, value] of Object.entries(refused)) {
      assert.throws(
        () => engine.handler(undefined, { websocket: { ...measuring, [name]: value } }),
        { name: "TypeError", message: new RegExp(`^websocket\\.${name} must be left out or be`) },
      );
    }
    const same = { idleTimeout: 0, sendPings: false, backpressureLimit: 5000 };
    engine.handler(undefined, { websocket: { ...measuring, ...same } });
  });

  it("are missed where a WebSocket is asked for, and it is said once what to do", async () => {
    if (bunHost() === undefined) return;
    const { fetch } = new Engine().handler();
    const ask = async (server?: object) => {
      const url = "http://localhost/engine.io/?EIO=4&transport=websocket";
      const headers = { upgrade: "websocket", connection: "upgrade" };
      const { status } = await fetch(new Request(url, { headers }), server);
      assert.equal(status, 400);
    };
    const withoutHandlers = {
      requestIP: () => null,
      upgrade() {
        throw new TypeError("no websocket object");
      },
    };
    const said: string[] = [];
    const { error } = console;
    console.error = (...texts: unknown[]) => void said.push(texts.join(" "));
    try {
      for (const server of [undefined, withoutHandlers, undefined, withoutHandlers]) {
        await ask(server);
      }
    } finally {
      console.error = error;
    }
    assert.equal(said.length, 2);
    assert.match(said[0]!, /^WebSockets are refused: give handler\.fetch the server of Bun/);
    assert.match(said[1]!, /^WebSockets are refused: give Bun\.serve all .* no websocket object$/);
  });

  it("are missed where others are given to Bun, and it is said what to do", async () => {
    if (bunHost() === undefined) return;
    const said = Promise.withResolvers<string>();
    const { error } = console;
    console.error = (...texts: unknown[]) => said.resolve(texts.join(" "));
    try {
      const handler = new Engine().handler();
      await using server = await serve(Object.assign(() => handler(new Request("http://a")), {
        ...handler,
        websocket: { message() {} },
      }));
      await using _socket = await RawWebSocket.open(server.url, {}, "/engine.io/");
      assert.match(await said.promise, /not those of io\.handler\(\).* io\.handler\(next, \{ web/);
    } finally {
      console.error = error;
    }
  });
});
