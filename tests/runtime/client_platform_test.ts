import { Socket as EngineSocket } from "../../client/engine/mod.ts";
import { Server } from "../../mod.ts";
import { plain, serveBodies } from "../harness/bodies.ts";
import { Clients, startOfficial } from "../harness/client_peers.ts";
import { LossyProxy } from "../harness/lossy_proxy.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

/** A server that echoes, and remembers its sockets. */
function echoServer(options: ConstructorParameters<typeof Server>[0] = {}): Server {
  const server = new Server(options);
  server.on("connection", (socket) => {
    socket.on("echo", (value, answer) => answer(value));
  });
  return server;
}

describe("the client and its platform", () => {
  it("ends the connection when the page is left, where that is wanted, and tells nobody", async () => {
    const server = echoServer({ pingInterval: 100, pingTimeout: 1000 });
    await using served = await serve(server);
    await using clients = new Clients(served.url);
    const options = { transports: ["websocket"], reconnection: false };
    const staying = await clients.connect(options);
    const leaving = await clients.connect({ ...options, closeOnBeforeunload: true });
    const peer = server.of("/").sockets.get(leaving.id!)!;
    const left = once(peer, "disconnect");
    const told = once(leaving, "disconnect");
    globalThis.dispatchEvent(new Event("beforeunload"));
    assert.match(String((await left)[0]), /^transport/);
    assert.equal(leaving.connected, true);
    assert.equal(await staying.emitWithAck("echo", 1), 1);
    // Nothing but the silence of the server is heard, by a page that stays after all.
    assert.deepEqual(await told, ["ping timeout", undefined]);
  });

  it("says so by long polling before the page is gone, which runs no further", async () => {
    // The page stays after all, and hears nothing but the silence of the server.
    const server = echoServer({ pingInterval: 100, pingTimeout: 1000 });
    await using served = await serve(server);
    await using clients = new Clients(served.url);
    const options = { transports: ["polling"], reconnection: false, closeOnBeforeunload: true };
    const socket = await clients.connect(options);
    const left = once(server.of("/").sockets.get(socket.id!)!, "disconnect");
    const { fetch } = globalThis;
    const sent: unknown[] = [];
    globalThis.fetch = (input, init: RequestInit & { keepalive?: boolean } = {}) => {
      if (init.method) sent.push([init.method, init.body, init.keepalive]);
      return fetch(input, init);
    };
    try {
      globalThis.dispatchEvent(new Event("beforeunload"));
      assert.deepEqual(sent, [["POST", "1", true]]);
    } finally {
      globalThis.fetch = fetch;
    }
    assert.equal((await left)[0], "transport close");
  });

  it("writes into no connection that died while the page was frozen", async () => {
    await using served = await serve(echoServer());
    await using clients = new Clients(served.url);
    const socket = await clients.connect({ transports: ["websocket"] });
    const { id } = socket;
    const lost = once(socket, "disconnect");
    const { now } = Date;
    Date.now = () => now() + 60_000;
    let answer: Promise<unknown>;
    try {
      answer = socket.emitWithAck("echo", "thawed");
    } finally {
      Date.now = now;
    }
    assert.equal(socket.sendBuffer.length, 1);
    assert.equal((await lost)[0], "ping timeout");
    assert.equal(await answer, "thawed");
    assert.notEqual(socket.id, id);
  });

  it("loses and doubles nothing if a connection breaks under long polling", async () => {
    const server = echoServer({ connectionStateRecovery: {} });
    const paid: unknown[] = [];
    server.on("connection", (socket) => {
      socket.on("say", (value) => void socket.emit("said", value));
      socket.on("pay", (value) => void paid.push(value));
    });
    await using served = await serve(server);
    await using proxy = await LossyProxy.start(served.port);
    await using clients = new Clients(proxy.url);
    const socket = await clients.connect({ transports: ["polling"] });
    const { id } = socket;
    const heard: unknown[] = [];
    socket.on("said", (value) => heard.push(value));
    // The runtime asks again by itself, since it knows the connection to be an old one.
    for (const lost of ["lost-1", "lost-2", "lost-3"]) {
      socket.emit("say", `before ${lost}`);
      await until(() => heard.includes(`before ${lost}`), "an answer");
      proxy.loseAnswer = lost;
      socket.emit("say", lost);
      await until(() => proxy.broken > 0, "the end of the connection");
      proxy.broken = 0;
      await until(() => heard.includes(lost), "the answer that was lost");
    }
    assert.deepEqual(
      heard,
      ["before lost-1", "lost-1", "before lost-2", "lost-2", "before lost-3", "lost-3"],
    );
    proxy.loseAnswerTo = "pay";
    const lost = once(socket, "disconnect");
    socket.emit("pay", 100);
    await lost;
    assert.equal(proxy.broken, 1);
    await until(() => socket.connected, "a connection");
    assert.equal(await socket.emitWithAck("echo", 1), 1);
    assert.deepEqual([paid, proxy.requests, socket.id], [[100], 1, id]);
  });

  for (const forceBase64 of [true, false]) {
    it(`sends binary data as ${forceBase64 ? "text" : "it is"}`, async () => {
      const sent: string[] = [];
      const Native = WebSocket;
      globalThis.WebSocket = class extends Native {
        override send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob): void {
          sent.push(typeof data === "string" ? data : "binary");
          super.send(data);
        }
      };
      try {
        await using peer = await startOfficial();
        await using clients = new Clients(peer.url);
        const socket = await clients.connect({ transports: ["websocket"], forceBase64 });
        const bytes = await socket.emitWithAck("echo", new Uint8Array([1, 2, 255]));
        assert.deepEqual([...bytes], [1, 2, 255]);
        const { query } = await socket.emitWithAck("handshake");
        assert.equal(query.b64, forceBase64 ? "1" : undefined);
        assert.ok(sent.includes(forceBase64 ? "bAQL/" : "binary"), sent.join());
        assert.ok(!sent.includes(forceBase64 ? "binary" : "bAQL/"), sent.join());
      } finally {
        globalThis.WebSocket = Native;
      }
    });
  }

  it("gives up a request that takes longer than it may", async () => {
    await using served = await serveBodies();
    await using clients = new Clients(served.url);
    const options = { transports: ["polling"], reconnection: false, requestTimeout: 20 };
    const socket = clients.open(options);
    const [error] = await once<[Error & { description: Error }]>(socket, "connect_error");
    assert.equal(error.message, "xhr poll error");
    assert.equal(error.description.name, "AbortError");
    await until(() => socket.io.engine?.readyState === "closed", "the end of the connection");
  });

  it("leaves no request behind when it is closed and the server answers nothing any more", async () => {
    const open = { sid: "s", upgrades: [], pingInterval: 5_000, pingTimeout: 5_000 };
    let posts = 0;
    await using served = await serve(plain(async (request) => {
      if (request.method === "GET" && !request.url.includes("sid=")) {
        return new Response("0" + JSON.stringify(open));
      }
      if (request.method === "POST") posts++;
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      return new Response("ok");
    }));
    const { fetch, setTimeout } = globalThis;
    let pending = 0;
    let giveUp: (() => void) | undefined;
    globalThis.fetch = (...args) => {
      pending++;
      return fetch(...args).finally(() => pending--);
    };
    try {
      const socket = new EngineSocket(served.url, { transports: ["polling"] });
      await once(socket, "open");
      const limited = (callback: () => void) => {
        giveUp = callback;
        return setTimeout(callback, 5_000);
      };
      globalThis.setTimeout = limited as typeof setTimeout;
      socket.close();
      globalThis.setTimeout = setTimeout;
      await until(() => posts === 1, "the farewell");
      assert.equal(pending, 2);
      giveUp?.();
      await until(() => pending === 0, "the end of all requests");
    } finally {
      Object.assign(globalThis, { fetch, setTimeout });
    }
  });
});
