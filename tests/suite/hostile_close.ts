import { connect as connectTcp, type Socket as TcpSocket } from "node:net";
import { Server } from "../../mod.ts";
import { assert, it } from "../harness/mod.ts";
import { once, until, within } from "../harness/once.ts";
import { engineUrl, RawPolling, RawWebSocket } from "../harness/raw.ts";

/** Requests that are begun and never ended. */
const UNFINISHED: Readonly<Record<string, (path: string) => string>> = {
  "half of the headers": (path) => `POST ${path} HTTP/1.1\r\nHost: x\r\n`,
  "a byte of an announced body": (path) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n4`,
  "a byte of a body in chunks": (path) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n4\r\n`,
  "a byte of a body that is too long": (path) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n4`,
};

/** Sends the beginning of a request and leaves it at that. */
async function begin(port: number, text: string): Promise<TcpSocket> {
  const socket = connectTcp(port, "127.0.0.1");
  await once(socket, "connect");
  await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  return socket;
}

/** A server that is closed while clients are in the middle of something. */
export function hostileClose(): void {
  for (const [what, request] of Object.entries(UNFINISHED)) {
    it(`close() does not wait for who has sent ${what}`, async () => {
      const io = new Server();
      const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
      const url = `http://127.0.0.1:${port}`;
      const polling = await RawPolling.connect(url);
      const socket = await begin(port, request(polling.url.slice(url.length)));
      const gone = once(socket, "close");
      socket.on("error", () => {});
      // Answered behind the request before, which the server has seen by then.
      await polling.post("42[]");
      await within(io.close(), "the server to close", 3000);
      socket.resume();
      await gone;
    });
  }

  it("close() does not wait for long for who does not read the answer to its poll", async () => {
    const io = new Server();
    const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
    const url = `http://127.0.0.1:${port}`;
    const polling = await RawPolling.connect(url);
    const [socket] = [...io.sockets.sockets.values()];
    const tcp = await begin(
      port,
      `GET ${polling.url.slice(url.length)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    tcp.pause();
    tcp.on("error", () => {});
    await until(() => socket?.conn.writable === true, "the poll");
    const gone = once(tcp, "close");
    io.emit("much", "x".repeat(15_000_000));
    await within(io.close(), "the server to close", 5000);
    tcp.resume();
    await gone;
  });

  it("close() in the middle of everything leaves nothing, and answers everybody", async () => {
    const io = new Server({
      allowRequest: (request) => request.headers.has("x-wait") ? asked.promise : true,
      connectionStateRecovery: true,
    });
    const asked = Promise.withResolvers<boolean>();
    const middleware = Promise.withResolvers<void>();
    let waiting = 0;
    io.use(async (socket) => {
      if (socket.handshake.auth["wait"] !== true) return;
      waiting++;
      await middleware.promise;
    });
    io.of(async () => {
      waiting++;
      await middleware.promise;
      return true;
    });
    const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
    const url = `http://127.0.0.1:${port}`;
    const inside = await RawWebSocket.connect(url);
    const poll = (await RawPolling.connect(url)).get();
    const entering = await RawWebSocket.open(url);
    entering.send('40{"wait":true}');
    entering.send("40/dynamic,");
    const moving = await RawPolling.connect(url);
    const upgrade = await RawWebSocket.open(url, { sid: moving.handshake.sid });
    upgrade.send("2probe");
    assert.equal(await upgrade.next(), "3probe");
    const held = fetch(engineUrl(url, { transport: "polling" }), { headers: { "x-wait": "1" } })
      .then((response) => response.status, () => 503);
    await until(() => waiting === 2, "clients to wait");
    const closing = io.close();
    asked.resolve(true);
    middleware.resolve();
    await within(closing, "the server to close");
    assert.equal(await poll, "1");
    assert.equal(await held, 503);
    for (const socket of [inside, entering, upgrade]) await socket.closed;
    assert.deepEqual(
      [io.engine.clientsCount, io.sockets.sockets.size, io.sockets.adapter.sids.size],
      [0, 0, 0],
    );
  });
}
