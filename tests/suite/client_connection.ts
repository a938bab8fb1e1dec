import {
  CLIENT,
  type ClientModule,
  Clients,
  type Peer,
  type StartPeer,
} from "../harness/client_peers.ts";
import { after, assert, before, describe, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";

/** How our client connects, connects again, and ends, with a server that these tests start. */
export function clientConnectionSuite(
  name: string,
  start: StartPeer,
  client: ClientModule = CLIENT,
): void {
  const { io, Manager } = client;
  describe(`connections, with ${name}`, () => {
    let peer: Peer;

    before(async () => {
      peer = await start();
    });

    after(async () => {
      await peer[Symbol.asyncDispose]();
    });

    for (const transport of ["polling", "websocket"]) {
      it(`connects by ${transport}`, async () => {
        await using clients = new Clients(peer.url, client);
        const socket = await clients.connect({ transports: [transport] });
        assert.equal(socket.io.engine?.transport?.name, transport);
        assert.equal(await socket.emitWithAck("id"), socket.id);
        assert.notEqual(socket.id, socket.io.engine?.id);
        assert.equal(socket.connected, true);
        assert.equal(socket.disconnected, false);
        assert.equal(socket.active, true);
      });
    }

    it("moves from polling to WebSocket and loses nothing on the way", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open();
      const heard: number[] = [];
      socket.on("back", (n: number) => heard.push(n));
      const events: string[] = [];
      socket.io.engine?.on("upgrading", ({ name }) => events.push(`upgrading ${name}`));
      socket.io.engine?.on("upgrade", ({ name }) => events.push(`upgrade ${name}`));
      assert.equal(socket.io.engine?.transport?.name, "polling");
      await once(socket, "connect");
      let sent = 0;
      while (events.length < 2) {
        socket.emit("back", sent++);
        await socket.emitWithAck("echo", 0);
      }
      socket.emit("back", sent++);
      await socket.emitWithAck("echo", 0);
      assert.deepEqual(heard, [...Array(sent).keys()]);
      assert.deepEqual(events, ["upgrading websocket", "upgrade websocket"]);
    });

    it("stays with polling where upgrades are off", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ upgrade: false });
      for (let i = 0; i < 5; i++) await socket.emitWithAck("echo", i);
      assert.equal(socket.io.engine?.transport?.name, "polling");
    });

    it("starts with WebSocket where that worked before and is remembered", async () => {
      await using clients = new Clients(peer.url, client);
      await clients.connect({ transports: ["websocket"] });
      const socket = clients.open({ rememberUpgrade: true });
      assert.equal(socket.io.engine?.transport?.name, "websocket");
      await once(socket, "connect");
    });

    it("takes what the program has changed for the next connection", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["websocket"] });
      Object.assign(socket.io.opts, { transports: ["polling"], query: { turn: "2" } });
      socket.disconnect().connect();
      await once(socket, "connect");
      assert.equal(socket.io.engine?.transport.name, "polling");
      assert.equal((await socket.emitWithAck("handshake")).query.turn, "2");
    });

    it("sends query and headers, and what the address says", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open({
        query: { "&a": "&=?ä b" },
        extraHeaders: { "x-test": "yes" },
        transports: ["polling"],
      });
      const { query, headers } = await socket.emitWithAck("handshake");
      assert.equal(query["&a"], "&=?ä b");
      assert.equal(query.EIO, "4");
      assert.equal(headers["x-test"], "yes");
      const other = clients.open({}, "/other?b=c&d=e");
      const handshake = await other.emitWithAck("handshake");
      assert.equal(other.nsp, "/other");
      assert.equal(handshake.query.b + handshake.query.d, "ce");
    });

    it("sends the query of the address in place of the one in the options", async () => {
      await using clients = new Clients(peer.url, client);
      for (const transport of ["polling", "websocket"]) {
        const socket = clients.open({ query: { x: 1 }, transports: [transport] }, "/?room=5");
        const { query } = await socket.emitWithAck("handshake");
        assert.deepEqual([query.room, query.x], ["5", undefined]);
      }
      const { query } = await clients.open({ query: { x: 1 } }, "/?").emitWithAck("handshake");
      assert.equal(query.x, "1");
    });

    it("gives headers to a WebSocket, too", async () => {
      await using clients = new Clients(peer.url, client);
      for (const protocols of ["chat", ["chat"]]) {
        const options = { extraHeaders: { "x-test": "yes" }, transports: ["websocket"], protocols };
        const socket = await clients.connect(options);
        const { headers } = await socket.emitWithAck("handshake");
        assert.equal(headers["x-test"], "yes");
        assert.equal(headers["sec-websocket-protocol"], "chat");
      }
    });

    it("keeps one connection for several namespaces and closes it with the last", async () => {
      const manager = new Manager(peer.url, { transports: ["websocket"] });
      const main = manager.socket("/");
      const other = manager.socket("/other");
      await Promise.all([once(main, "connect"), once(other, "connect")]);
      assert.equal(manager.socket("/other"), other);
      main.disconnect();
      assert.equal(await other.emitWithAck("echo", 1), 1);
      const closed = once(manager, "close");
      await other[Symbol.asyncDispose]();
      assert.equal((await closed)[0], "forced close");
      assert.equal(manager.engine?.readyState, "closed");
    });

    it("shares connections of one host, unless told otherwise", () => {
      const main = io(peer.url, { autoConnect: false });
      assert.equal(io(peer.url + "/other", { autoConnect: false }).io, main.io);
      assert.notEqual(io(peer.url, { autoConnect: false }).io, main.io);
      for (const options of [{ forceNew: true }, { multiplex: false }, { path: "/elsewhere" }]) {
        const socket = io(peer.url + "/third", { autoConnect: false, ...options });
        assert.notEqual(socket.io, main.io);
      }
      assert.equal(main.io.engine, undefined);
    });

    it("connects again after the connection broke", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["websocket"] });
      const { id, io: manager } = socket;
      // An event, so that there is an offset.
      socket.emit("back", 1);
      await once(socket, "back");
      const attempts: number[] = [];
      manager.on("reconnect_attempt", (n) => attempts.push(n));
      const lost = once(socket, "disconnect");
      const again = once(manager, "reconnect");
      manager.engine?.close();
      assert.equal((await lost)[0], "forced close");
      assert.equal(socket.id, undefined);
      assert.deepEqual(await again, [1]);
      assert.deepEqual(attempts, [1]);
      if (!socket.connected) await once(socket, "connect");
      assert.equal(socket.recovered, true);
      assert.equal(socket.id, id);
    });

    it("tries again at once where the connection is closed before it is open", async () => {
      await using clients = new Clients(peer.url, client);
      for (const transport of ["polling", "websocket"]) {
        const socket = clients.open({ transports: [transport] });
        const failed = once<[Error]>(socket, "connect_error");
        socket.io.engine?.close();
        assert.equal((await failed)[0].message, "forced close");
        await once(socket, "connect");
      }
    });

    it("takes the place of the next attempt where the program opens it first", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["websocket"], reconnectionDelay: 5_000 });
      const { io: manager } = socket;
      manager.on("reconnect_attempt", () => assert.fail("there is an attempt"));
      for (const _ of ["once", "again"]) {
        const lost = once(socket, "disconnect");
        manager.engine?.close();
        await lost;
        assert.equal(manager._reconnecting, true);
        manager.open();
        assert.equal(manager._reconnecting, false);
        await once(socket, "connect");
      }
    });

    it("does not connect again where the server, or the program, ended it", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["websocket"] });
      socket.io.on("reconnect_attempt", () => assert.fail("there is an attempt"));
      const left = once(socket, "disconnect");
      socket.emit("leave");
      assert.deepEqual(await left, ["io server disconnect", undefined]);
      assert.equal(socket.active, false);
      socket.connect();
      await once(socket, "connect");
      const ended = once(socket, "disconnect");
      socket.disconnect();
      assert.deepEqual(await ended, ["io client disconnect", undefined]);
      assert.equal(socket.active, false);
      assert.equal(socket.io._reconnecting, false);
    });

    it("tells what ended the connection", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["websocket"], reconnection: false });
      const ended = once<[string, { description: string }]>(socket, "disconnect");
      socket.emit("break");
      const [reason, { description }] = await ended;
      assert.equal(reason, "transport close");
      assert.equal(description, "websocket connection closed");
    });

    for (const transport of ["polling", "websocket"]) {
      it(`names a message that is too big, by ${transport}`, async () => {
        await using clients = new Clients(peer.url, client);
        const socket = await clients.connect({ transports: [transport], reconnection: false });
        const ended = once<[string, { message?: string; description: string }]>(
          socket,
          "disconnect",
        );
        socket.emit("back", "x".repeat(30_000));
        const [, details] = await ended;
        assert.equal(details.message ?? details.description, "message too big for the server");
      });
    }

    it("cuts what waits into requests that the server takes", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["polling"] });
      const heard: number[] = [];
      socket.on("back", (n: number) => heard.push(n));
      for (let i = 0; i < 10; i++) socket.emit("back", i, "ä".repeat(4_000));
      await until(() => heard.length === 10, "ten events");
      assert.deepEqual(heard, [...Array(10).keys()]);
    });

    it("fails, and tries again, while there is no server, and finds it when it is back", async () => {
      const first = await start();
      const { port } = first;
      await using clients = new Clients(first.url, client);
      const socket = await clients.connect({ transports: ["websocket"] });
      const failed = once<[Error]>(socket.io, "reconnect_error");
      await first[Symbol.asyncDispose]();
      assert.ok((await failed)[0] instanceof Error);
      assert.equal(socket.active, true);
      socket.emit("back", 1).emit("back", 2);
      const heard: number[] = [];
      socket.on("back", (n: number) => heard.push(n));
      await using _second = await start(port);
      await once(socket, "connect");
      await until(() => heard.length === 2, "the buffered events");
      assert.deepEqual(heard, [1, 2]);
    });
  });
}
