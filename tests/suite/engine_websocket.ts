import { assert, describe, it } from "../harness/mod.ts";
import { once, until, within } from "../harness/once.ts";
import { engineUrl, RawPolling, RawWebSocket } from "../harness/raw.ts";
import { FAST_ROADS, RUNTIME } from "../harness/serve.ts";
import { Message } from "../../parser/engine/mod.ts";
import { startEcho } from "./engine_server.ts";

/** What a WebSocket does, frame by frame. */
export function websocketSuite(): void {
  describe("Engine.IO over WebSocket", () => {
    it("opens a session", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      const { sid, upgrades } = JSON.parse(String(await socket.next()).slice(1));
      const session = await connected;
      assert.equal(sid, session.id);
      assert.deepEqual(upgrades, []);
      assert.equal(session.transport.name, "websocket");
      assert.equal(session.protocol, 4);
      assert.match(session.remoteAddress, /127\.0\.0\.1$/);
      assert.equal(session.request.headers["host"], new URL(server.url).host);
      assert.equal(session.request.url, engineUrl(server.url, { transport: "websocket" }));
    });

    it("returns text and binary, in order", async () => {
      await using server = await startEcho();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      for (let i = 0; i < 50; i++) {
        socket.send(`4${i}€😀`);
        socket.send(new Uint8Array([i, 255]));
      }
      for (let i = 0; i < 50; i++) {
        assert.equal(await socket.next(), `4${i}€😀`);
        assert.deepEqual(await socket.next(), new Uint8Array([i, 255]));
      }
    });

    it("takes any binary data from the program, and keeps the place of a Blob", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      const session = await connected;
      const bytes = new Uint8Array([0, 1, 2, 3]);
      session.send(bytes.buffer).send(bytes.subarray(1, 3)).send(new DataView(bytes.buffer, 2));
      session.send(new Blob([bytes])).send("after");
      for (const [from, to] of [[0, 4], [1, 3], [2, 4], [0, 4]]) {
        assert.deepEqual(await socket.next(), bytes.slice(from, to));
      }
      assert.equal(await socket.next(), "4after");
    });

    it("sends the frames of one message one behind the other", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      const session = await connected;
      for (let i = 0; i < 10; i++) session.send(new Message([`4a${i}`, new Uint8Array([i])]));
      for (let i = 0; i < 10; i++) {
        assert.equal(await socket.next(), `4a${i}`);
        assert.deepEqual(await socket.next(), new Uint8Array([i]));
      }
    });

    it("tells when messages were handed over", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      const session = await connected;
      const flushed = once(server.engine, "flush");
      const drained = once(session, "drain");
      await within(new Promise<void>((resolve) => session.send("a", resolve)), "the callback");
      assert.deepEqual((await flushed)[0], session);
      await drained;
      assert.deepEqual(session.writeBuffer, []);
      void socket;
    });

    for (const frame of ["abc", "", "9", "2", "3x".repeat(0) + "8"]) {
      it(`closes at the frame ${JSON.stringify(frame)}`, async () => {
        await using server = await startEcho();
        await using socket = await RawWebSocket.open(server.url);
        await socket.next();
        socket.send(frame);
        await within(socket.closed, "the end");
        const reason = frame === "2" ? /^transport error/ : /^parse error/;
        await until(() => server.ends.length > 0, "the end of the session");
        assert.match(server.ends.join(), reason);
        assert.equal(server.engine.clientsCount, 0);
      });
    }

    it("closes at the close packet, and when the socket ends", async () => {
      await using server = await startEcho();
      await using first = await RawWebSocket.open(server.url);
      first.send("1");
      await within(first.closed, "the end");
      await using second = await RawWebSocket.open(server.url);
      await second.next();
      second.socket.close();
      await until(() => server.ends.length === 2, "both ends");
      assert.deepEqual(server.ends.map((end) => end.split(":")[0]), [
        "transport close",
        "transport close",
      ]);
    });

    it("refuses a message over the limit in bytes", async () => {
      await using server = await startEcho({ maxHttpBufferSize: 1000 });
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      socket.send("4" + "€".repeat(333));
      assert.equal(String(await socket.next()).length, 334);
      socket.send("4" + "€".repeat(333) + "a");
      await within(socket.closed, "the end");
      await until(() => server.ends.length > 0, "the end of the session");
      assert.match(server.ends.join(), /^transport error/);
    });

    it("pings, and closes when no pong comes", async () => {
      await using server = await startEcho({ pingInterval: 50, pingTimeout: 500 });
      await using socket = await RawWebSocket.open(server.url);
      assert.match(String(await socket.nextFrame()), /^0/);
      for (let i = 0; i < 3; i++) {
        assert.equal(await socket.nextFrame(), "2");
        socket.send("3");
      }
      await within(socket.closed, "the end");
      assert.deepEqual(server.ends, ["ping timeout"]);
      assert.equal(server.engine.clientsCount, 0);
    });

    it("drops the second volatile message of a turn, and nothing else", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      const session = await connected;
      session.send("1", { volatile: true }).send("2", { volatile: true }).send("3");
      assert.equal(await socket.next(), "41");
      assert.equal(await socket.next(), "43");
      session.send("4", { volatile: true });
      assert.equal(await socket.next(), "44");
    });

    it("sends what waits before it closes", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      (await connected).send("1").send(new Blob(["2"])).send("3").close();
      assert.equal(await socket.next(), "41");
      assert.deepEqual(await socket.next(), new Uint8Array([50]));
      assert.equal(await socket.next(), "43");
      await within(socket.closed, "the end");
      assert.deepEqual(server.ends, ["forced close"]);
    });

    it("ends everything when it is closed", async () => {
      await using server = await startEcho();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      await server.engine.close();
      await within(socket.closed, "the end");
      assert.deepEqual(server.ends, ["server shutting down"]);
    });

    it("sends what waits before it closes, and forgets the client", async () => {
      await using server = await startEcho({ maxConnectionsPerAddress: 1 });
      const { engine } = server;
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      (await connected).send("1").send(new Blob(["2"])).send("3");
      await engine.close();
      assert.equal(await socket.next(), "41");
      assert.deepEqual(await socket.next(), new Uint8Array([50]));
      assert.equal(await socket.next(), "43");
      await within(socket.closed, "the end");
      assert.deepEqual([server.ends, engine.clientsCount], [["server shutting down"], 0]);
      for (const message of ["4", "5"]) {
        const { port } = await engine.listen({ port: 0, hostname: "127.0.0.1" });
        const again = server.session();
        await using next = await RawWebSocket.open(`http://127.0.0.1:${port}`);
        await next.next();
        (await again).send(message);
        await engine.close();
        assert.equal(await next.next(), `4${message}`);
        await within(next.closed, "the end");
        assert.equal(engine.clientsCount, 0);
      }
    });

    it("keeps published and sent messages in order, where it publishes at all", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await using socket = await RawWebSocket.open(server.url);
      await socket.next();
      const session = await connected;
      const { engine } = server;
      assert.equal(engine.canPublish, RUNTIME === "bun");
      assert.equal(session.subscribe("news"), FAST_ROADS);
      if (!FAST_ROADS) return;
      session.send("1");
      engine.publish("news", new Message(["42", new Uint8Array([3])]));
      session.send("4");
      session.send(new Blob(["5"]));
      assert.equal(engine.canPublish, false);
      for (const frame of ["41", "42", new Uint8Array([3]), "44", new Uint8Array([53])]) {
        assert.deepEqual(await socket.next(), frame);
      }
      await until(() => engine.canPublish, "the Blob");
      session.unsubscribe("news");
      engine.publish("news", Message.text("lost"));
      session.send("6");
      assert.equal(await socket.next(), "46");
    });

    it("publishes nothing to a session on long polling", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await RawPolling.open(server.url);
      assert.equal((await connected).subscribe("news"), false);
    });

    it("survives listeners and handlers that throw", async () => {
      await using server = await startEcho();
      const { error } = console;
      const reported: unknown[] = [];
      console.error = (...parts) => void reported.push(parts);
      try {
        server.engine.onSession = (session) => {
          session.handler = {
            message: () => {
              throw new Error("handler");
            },
            upgraded() {},
            close() {},
          };
          throw new Error("onSession");
        };
        await using socket = await RawWebSocket.open(server.url);
        await socket.next();
        socket.send("4a");
        await until(() => reported.length === 2, "both reports");
        assert.match(String(reported), /onSession/);
        assert.match(String(reported), /handler/);
        assert.equal(server.engine.clientsCount, 1);
      } finally {
        console.error = error;
      }
    });
  });
}
