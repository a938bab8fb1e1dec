import type { Namespace, Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import type { OfficialOptions } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import type { start as Start } from "../harness/started.ts";

const DYNAMIC = /^\/room-\d+$/;

/** Namespaces, fixed and dynamic, as clients see them. */
export function namespaces(start: typeof Start, road: OfficialOptions): void {
  it("Server.of() keeps what is said in one namespace from the others", async () => {
    await using server = await start({}, (io) => {
      for (const name of ["/", "/chat", "/news"]) {
        io.of(name).on("connection", (socket) => {
          socket.on("say", (text) => io.of(name).emit("said", name, text));
        });
      }
    });
    const heard: string[] = [];
    const sockets = [];
    for (const name of ["/", "/chat", "/news"]) {
      const socket = await server.clients.connect(road, name);
      socket.on("said", (from, text) => heard.push(`${name} heard ${text} from ${from}`));
      sockets.push(socket);
    }
    for (const [index, socket] of sockets.entries()) socket.emit("say", index);
    await until(() => heard.length >= 3, "three messages");
    assert.deepEqual(heard.sort(), [
      "/ heard 0 from /",
      "/chat heard 1 from /chat",
      "/news heard 2 from /news",
    ]);
  });

  it("several namespaces share one connection, and each ends alone", async () => {
    await using server = await start({}, (io) => {
      io.of("/a");
      io.of("/b");
    });
    const a = server.clients.open(road, "/a");
    const b = a.io.socket("/b");
    await Promise.all([once(a, "connect"), once(b, "connect")]);
    assert.equal(server.io.engine.clientsCount, 1);
    assert.notEqual(a.id, b.id);
    const [peer] = server.io.of("/a").sockets.values();
    const left = once(peer!, "disconnect");
    a.disconnect();
    assert.equal((await left)[0], "client namespace disconnect");
    assert.equal(b.connected, true);
    assert.equal(server.io.of("/b").sockets.size, 1);
    b.disconnect();
    await until(() => server.io.engine.clientsCount === 0, "the end of the connection");
  });

  it("a client that asks for a namespace with a query hears that there is none", async () => {
    await using server = await start({}, (io) => io.of("/a"));
    const a = await server.clients.connect(road, "/a");
    const wrong = a.io.socket("/a?token=abc");
    const [error] = await once<[Error]>(wrong, "connect_error");
    assert.equal(error.message, "Invalid namespace");
    assert.equal(server.io.of("/a").sockets.size, 1);
  });

  it("a client comes back to a namespace that it has left", async () => {
    await using server = await start({}, (io) => io.of("/a"));
    const a = server.clients.open(road, "/a");
    const b = a.io.socket("/");
    await Promise.all([once(a, "connect"), once(b, "connect")]);
    const first = a.id;
    a.disconnect();
    a.connect();
    await once(a, "connect");
    assert.notEqual(a.id, first);
    assert.equal(server.io.of("/a").sockets.size, 1);
  });

  it("an unknown namespace is refused, and the connection lives on", async () => {
    await using server = await start();
    const unknown = server.clients.open(road, "/nowhere");
    const [error] = await once<[Error]>(unknown, "connect_error");
    assert.equal(error.message, "Invalid namespace");
    const main = unknown.io.socket("/");
    await once(main, "connect");
    assert.equal(server.io.engine.clientsCount, 1);
  });

  it("Server.of(RegExp) makes a namespace for the first client that asks", async () => {
    await using server = await start();
    const made: string[] = [];
    server.io.on("new_namespace", ({ name }) => made.push(name));
    const parent = server.io.of(DYNAMIC);
    const seen: string[] = [];
    parent.use((socket, next) => {
      seen.push(`middleware ${socket.nsp.name}`);
      next();
    }).on("connection", (socket) => {
      seen.push(`connection ${socket.nsp.name}`);
      socket.join("here");
    });
    const one = await server.clients.connect(road, "/room-1");
    const two = await server.clients.connect(road, "/room-2");
    await server.clients.connect(road, "/room-2");
    assert.deepEqual(made, ["/room-1", "/room-2"]);
    assert.deepEqual(seen.slice(0, 2), ["middleware /room-1", "connection /room-1"]);
    assert.equal(seen.length, 6);

    const toAll = Promise.all([once(one, "all"), once(two, "all")]);
    parent.emit("all", 1);
    assert.deepEqual(await toAll, [[1], [1]]);
    const toRoom = Promise.all([once(one, "room"), once(two, "room")]);
    parent.to("here").emit("room", new Uint8Array([7]));
    assert.deepEqual((await toRoom).map(([bytes]) => (bytes as Uint8Array)[0]), [7, 7]);
    const error = await once<[Error]>(server.clients.open(road, "/room-x"), "connect_error");
    assert.equal(error[0].message, "Invalid namespace");
  });

  it("a namespace made by hand belongs to the parent whose RegExp fits", async () => {
    await using server = await start();
    const parent = server.io.of(DYNAMIC);
    const child = server.io.of("/room-9");
    const socket = await server.clients.connect(road, "/room-9");
    const heard = once(socket, "hello");
    parent.emit("hello");
    await heard;
    assert.equal(child.sockets.size, 1);
  });

  it("what a parent gets later is not for the namespaces that there are", async () => {
    await using server = await start();
    const parent = server.io.of(DYNAMIC);
    await server.clients.connect(road, "/room-1");
    parent.use((_socket, next) => next(new Error("too late")));
    await server.clients.connect(road, "/room-1");
    const [error] = await once<[Error]>(server.clients.open(road, "/room-2"), "connect_error");
    assert.equal(error.message, "too late");
  });

  it("Server.of(function) asks by callback, by value and by promise, with the credentials", async () => {
    await using server = await start();
    const asked: unknown[] = [];
    server.io.of((name, auth, next) => {
      asked.push([name, auth]);
      next(null, name === "/callback");
    });
    server.io.of((name) => name === "/value");
    server.io.of((name) => Promise.resolve(name === "/promise"));
    for (const name of ["/callback", "/value", "/promise"]) {
      await server.clients.connect({ ...road, auth: { token: 1 } }, name);
    }
    assert.deepEqual(asked, [
      ["/callback", { token: 1 }],
      ["/value", { token: 1 }],
      ["/promise", { token: 1 }],
    ]);
    const [error] = await once<[Error]>(server.clients.open(road, "/none"), "connect_error");
    assert.equal(error.message, "Invalid namespace");
  });

  it("a function that throws or rejects lets nobody in, and is reported", async () => {
    await using server = await start();
    server.io.of((name) => {
      if (name === "/throws") throw new Error("thrown");
      return Promise.reject(new Error("rejected"));
    });
    for (const name of ["/throws", "/rejects"]) {
      const [error] = await once<[Error]>(server.clients.open(road, name), "connect_error");
      assert.equal(error.message, "Invalid namespace");
    }
    assert.deepEqual(
      server.reported.splice(0).map(({ error, namespace }) => [`${error}`, namespace]),
      [["Error: thrown", "/throws"], ["Error: rejected", "/rejects"]],
    );
  });

  for (const cleanupEmptyChildNamespaces of [true, false]) {
    it(`cleanupEmptyChildNamespaces: ${cleanupEmptyChildNamespaces}`, async () => {
      await using server = await start({ cleanupEmptyChildNamespaces });
      server.io.of("/fixed");
      server.io.of(DYNAMIC).use((socket, next) =>
        next(socket.handshake.auth["bad"] === true ? new Error("bad") : undefined)
      );
      const left = cleanupEmptyChildNamespaces ? ["/", "/fixed"] : ["/", "/fixed", "/room-1"];
      const names = () => [...server.io._nsps.keys()].sort();
      const first = await server.clients.connect(road, "/room-1");
      await once(server.clients.open({ ...road, auth: { bad: true } }, "/room-1"), "connect_error");
      assert.deepEqual(names(), ["/", "/fixed", "/room-1"]);
      first.disconnect();
      await until(
        () => server.io._nsps.get("/room-1")?.sockets.size !== 1,
        "the end of the last socket",
      );
      assert.deepEqual(names(), left);
      await once(server.clients.open({ ...road, auth: { bad: true } }, "/room-1"), "connect_error");
      assert.deepEqual(names(), left);
      await server.clients.connect(road, "/room-1");
      assert.deepEqual(names(), ["/", "/fixed", "/room-1"]);
    });
  }

  it("a namespace that was removed and made anew is another one", async () => {
    await using server = await start({ cleanupEmptyChildNamespaces: true });
    const made: Namespace[] = [];
    server.io.on("new_namespace", (namespace) => made.push(namespace));
    const parent = server.io.of(DYNAMIC);
    const first = await server.clients.connect(road, "/room-1");
    first.disconnect();
    await until(() => !server.io._nsps.has("/room-1"), "the end of the namespace");
    const second = await server.clients.connect(road, "/room-1");
    assert.equal(made.length, 2);
    assert.notEqual(made[0], made[1]);
    const heard = once(second, "hello");
    parent.emit("hello");
    await heard;
  });

  it("a parent namespace refuses what it cannot do", async () => {
    await using server = await start();
    const parent = server.io.of(DYNAMIC);
    assert.throws(() => parent.fetchSockets(), {
      message: "fetchSockets() is not supported on parent namespaces",
    });
    await server.clients.connect(road, "/room-1");
    await assert.rejects(parent.timeout(1000).emitWithAck("ask"), /acknowledgements/);
    // Nor does it call back later, which the check for timers that are left would find.
    const ack = () => assert.fail("it threw already");
    assert.throws(() => parent.timeout(60_000).emit("ask", ack), /acknowledgements/);
  });

  it("a Socket knows its namespace, its server's rooms and its connection", async () => {
    await using server = await start({}, (io) => io.of("/chat"));
    const connection = once<[Socket]>(server.io.of("/chat"), "connection");
    const client = await server.clients.connect({ ...road, auth: { token: "t" } }, "/chat");
    const [socket] = await connection;
    assert.equal(socket.id, client.id);
    assert.equal(socket.nsp, server.io.of("/chat"));
    assert.equal(server.io.of("/chat").sockets.get(socket.id), socket);
    assert.notEqual(socket.id, socket.conn.id);
    assert.deepEqual(socket.rooms, new Set([socket.id]));
    assert.deepEqual(socket.handshake.auth, { token: "t" });
  });
}
