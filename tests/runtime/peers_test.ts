import { Server } from "../../mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients, ROADS } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import { RawPolling, RawWebSocket } from "../harness/raw.ts";
import { serve, type Served } from "../harness/serve.ts";

/** A server that echoes, with an acknowledgement where one is asked. */
async function serveEcho(): Promise<Served & { io: Server }> {
  const io = new Server({ cors: { origin: "*" } });
  io.on("connection", (socket) => {
    socket.onAny((event, ...args) => {
      const answer = args.at(-1);
      if (typeof answer === "function") answer(...args.slice(0, -1));
      else socket.emit(event, ...args);
    });
  });
  return Object.assign(await serve(io), { io });
}

describe("npm socket.io-client", () => {
  for (const [road, options] of Object.entries(ROADS)) {
    it(`${road}: events, acknowledgements and binary come back as they were`, async () => {
      await using server = await serveEcho();
      await using clients = new OfficialClients(server.url);
      const socket = await clients.connect(options);
      if (road === "polling, then an upgrade") {
        await until(() => socket.io.engine.transport.name === "websocket", "the upgrade");
      }
      const bytes = new Uint8Array([0, 1, 254, 255]);
      socket.emit("echo", "ä\u2028😀", { deep: [1, null, bytes] });
      const [text, { deep }] = await once<[string, { deep: unknown[] }]>(socket, "echo");
      assert.equal(text, "ä\u2028😀");
      assert.deepEqual(deep.slice(0, 2), [1, null]);
      assert.deepEqual(Uint8Array.from(deep[2] as Uint8Array), bytes);
      assert.equal(await socket.emitWithAck("ask", 42), 42);
      assert.equal(
        socket.io.engine.transport.name,
        road === "polling only" ? "polling" : "websocket",
      );
    });

    it(`${road}: the server notices that it leaves`, async () => {
      await using server = await serveEcho();
      await using clients = new OfficialClients(server.url);
      const connection = once<[{ once(): unknown }]>(server.io, "connection");
      const socket = await clients.connect(options);
      const [peer] = await connection;
      const left = once(peer, "disconnect");
      socket.disconnect();
      assert.equal((await left)[0], "client namespace disconnect");
      assert.equal(server.io.of("/").sockets.size, 0);
    });
  }

  it("is refused by a middleware with message and data", async () => {
    await using server = await serveEcho();
    server.io.use((_socket, next) => next(Object.assign(new Error("no"), { data: { code: 1 } })));
    await using clients = new OfficialClients(server.url);
    const [error] = await once<[Error & { data: unknown }]>(clients.open(), "connect_error");
    assert.deepEqual([error.message, error.data], ["no", { code: 1 }]);
  });
});

describe("Engine.IO by hand", () => {
  it("polling: a handshake, an event and its echo", async () => {
    await using server = await serveEcho();
    const polling = await RawPolling.connect(server.url);
    assert.deepEqual(polling.handshake.upgrades, ["websocket"]);
    assert.deepEqual(await polling.post('42["a",1]\x1e42["b"]'), { status: 200, body: "ok" });
    const packets: string[] = [];
    while (packets.length < 2) packets.push(...await polling.packets());
    assert.deepEqual(packets, ['42["a",1]', '42["b"]']);
    await polling.post("1");
  });

  it("WebSocket: a handshake, an event with a binary attachment and its echo", async () => {
    await using server = await serveEcho();
    await using socket = await RawWebSocket.connect(server.url);
    socket.send('451-["a",{"_placeholder":true,"num":0}]');
    socket.send(new Uint8Array([1, 2, 3]));
    assert.equal(await socket.next(), '451-["a",{"_placeholder":true,"num":0}]');
    assert.deepEqual(await socket.next(), new Uint8Array([1, 2, 3]));
  });
});
