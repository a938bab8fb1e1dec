import { connect as connectTcp } from "node:net";
import { assert, describe, it } from "../harness/mod.ts";
import { until, within } from "../harness/once.ts";
import { engineUrl, RawPolling, RawWebSocket } from "../harness/raw.ts";
import { type EchoServer, startEcho } from "./engine_server.ts";

/** How a session moves from long polling to a WebSocket, and how it does not. */
export function upgradeSuite(): void {
  describe("The upgrade", () => {
    it("moves the session, and lets the client off its poll", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      const events: string[] = [];
      for (const event of ["upgrading", "upgrade"] as const) {
        session.on(event, ({ name }) => events.push(`${event} ${name}`));
      }
      await using socket = await probe(server, peer);
      assert.equal(session.upgrading, true);
      assert.equal(await peer.get(), "6");
      socket.send("5");
      socket.send("4hello");
      assert.equal(await socket.next(), "4hello");
      assert.equal(session.transport.name, "websocket");
      assert.equal(session.upgrading, false);
      assert.deepEqual(events, ["upgrading websocket", "upgrade websocket"]);
      assert.equal((await fetch(peer.url)).status, 400);
    });

    it("is told of once the client has probed, and may end the session then", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      const states: string[] = [];
      session.on("upgrading", () => states.push(session.close(true).readyState));
      const { sid } = peer.handshake;
      await using socket = await RawWebSocket.open(server.url, { sid });
      await until(() => session.upgrading, "the request");
      assert.deepEqual(states, []);
      socket.send("2probe");
      await within(socket.closed, "the end of the WebSocket");
      assert.deepEqual(states, ["closed"]);
    });

    it("lets a poll go that waits already", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      const poll = peer.get();
      await until(() => session.writable, "the poll");
      await using _socket = await probe(server, peer);
      assert.equal(await poll, "6");
    });

    it("keeps what waits for the WebSocket, in order", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      await using socket = await probe(server, peer);
      session.send("1").send(new Uint8Array([2])).send("3");
      socket.send("5");
      assert.equal(await socket.next(), "41");
      assert.deepEqual(await socket.next(), new Uint8Array([2]));
      assert.equal(await socket.next(), "43");
    });

    it("lets messages leave with a poll meanwhile", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      await using socket = await probe(server, peer);
      session.send("1");
      assert.equal(await peer.get(), "41");
      socket.send("5");
      socket.send("42");
      assert.equal(await socket.next(), "42");
    });

    it("refuses a poll that waits when the upgrade completes", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      await using socket = await probe(server, peer);
      await peer.get();
      const poll = fetch(peer.url);
      await until(() => session.writable, "the poll");
      socket.send("5");
      assert.equal((await poll).status, 400);
      socket.send("4x");
      assert.equal(await socket.next(), "4x");
    });

    for (const first of ["5", "4x", "2", "2probe!", "3probe", new Uint8Array([1])]) {
      it(`closes a WebSocket that begins with ${JSON.stringify(first)}`, async () => {
        await using server = await startEcho();
        const { peer, session } = await open(server);
        const socket = await RawWebSocket.open(server.url, { sid: session.id });
        socket.send(first);
        await within(socket.closed, "the end of the WebSocket");
        await until(() => !session.upgrading, "the end of the upgrade");
        await stillPolls(peer);
      });
    }

    it("closes a second WebSocket, during the upgrade and after it", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      await using socket = await probe(server, peer);
      const second = await RawWebSocket.open(server.url, { sid: session.id });
      await within(second.closed, "the end of the second");
      socket.send("5");
      socket.send("4x");
      assert.equal(await socket.next(), "4x");
      const third = await RawWebSocket.open(server.url, { sid: session.id });
      await within(third.closed, "the end of the third");
      socket.send("4y");
      assert.equal(await socket.next(), "4y");
    });

    it("gives up after the timeout and goes on by polling", async () => {
      await using server = await startEcho({ upgradeTimeout: 500 });
      const { peer, session } = await open(server);
      const socket = await probe(server, peer);
      await within(socket.closed, "the end of the WebSocket");
      assert.equal(session.upgrading, false);
      await stillPolls(peer);
      await using again = await probe(server, peer);
      again.send("5");
      again.send("4x");
      assert.equal(await again.next(), "4x");
    });

    it("goes on by polling if the WebSocket ends, wherever it was", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      (await RawWebSocket.open(server.url, { sid: session.id })).socket.close();
      await until(() => !session.upgrading, "the end of the first");
      (await probe(server, peer)).socket.close();
      await until(() => !session.upgrading, "the end of the second");
      await stillPolls(peer);
    });

    it("survives a reset at each step", async () => {
      await using server = await startEcho();
      const frames = [[], [masked("2probe")], [masked("2probe"), masked("5")]];
      for (let step = 0; step < 5; step++) {
        const { session } = await open(server);
        await reset(server.url, session.id, step, frames[step - 2] ?? []);
      }
      const { peer } = await open(server);
      await stillPolls(peer);
    });

    it("ends with the session", async () => {
      await using server = await startEcho();
      const { peer, session } = await open(server);
      const socket = await probe(server, peer);
      session.close(true);
      assert.equal(server.engine.clientsCount, 0);
      await within(socket.closed, "the end of the WebSocket");
      assert.equal(await peer.get(), '{"code":1,"message":"Session ID unknown"}');
    });
  });
}

async function open(server: EchoServer) {
  const connected = server.session();
  const peer = await RawPolling.open(server.url);
  return { peer, session: await connected };
}

async function probe(server: EchoServer, { handshake: { sid } }: RawPolling) {
  const socket = await RawWebSocket.open(server.url, { sid });
  socket.send("2probe");
  assert.equal(await socket.next(), "3probe");
  return socket;
}

async function stillPolls(peer: RawPolling): Promise<void> {
  assert.equal((await peer.post("4still")).status, 200);
  let body = await peer.get();
  while (body === "6") body = await peer.get();
  assert.equal(body, "4still");
}

/** Cuts a raw connection: before the request, amid it, behind the answer, behind some frames. */
async function reset(url: string, sid: string, step: number, frames: Uint8Array[]): Promise<void> {
  const { hostname, port, pathname, search } = new URL(
    engineUrl(url, { transport: "websocket", sid }),
  );
  const socket = connectTcp(Number(port), hostname);
  socket.on("error", () => {});
  await within(new Promise<void>((resolve) => socket.once("connect", () => resolve())), "connect");
  const request = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "\r\n",
  ].join("\r\n");
  if (step === 1) socket.write(request.slice(0, 20));
  if (step >= 2) {
    socket.write(request);
    await within(new Promise((resolve) => socket.once("data", resolve)), "the answer");
    for (const frame of frames) socket.write(frame);
  }
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.resetAndDestroy();
  await within(closed, "the reset");
}

/** A masked text frame; the mask is zero. */
function masked(text: string): Uint8Array {
  const data = new TextEncoder().encode(text);
  return Uint8Array.of(0x81, 0x80 | data.length, 0, 0, 0, 0, ...data);
}
