import { Manager, type Socket, WebSocketTransport } from "../../client/mod.ts";
import { Server } from "../../mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

/** A socket of the main namespace on a connection that another one keeps, and what it hears. */
async function join(url: string) {
  const manager = new Manager(url, { transports: ["websocket"], reconnectionDelay: 1 });
  const keep = manager.socket("/keep");
  await once(keep, "connect");
  const log: string[] = [];
  const socket = manager.socket("/");
  for (const event of ["connect", "disconnect", "connect_error"] as const) {
    socket.on(event as "connect", (...args: unknown[]) => {
      const [given] = args;
      log.push([event, ...given ? [(given as Error).message ?? given] : []].join(" "));
    });
  }
  keep.on("disconnect", (reason) => log.push(`keep: ${reason}`));
  return { manager, socket, log, [Symbol.asyncDispose]: () => manager[Symbol.asyncDispose]() };
}

/** A server with the namespace that keeps the connection. */
async function start(options = {}) {
  const io = new Server(options);
  io.of("/keep");
  const served = await serve(io);
  return { io, url: served.url, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

/** When the server has answered all that came before. */
async function settled(socket: Socket): Promise<void> {
  const probe = socket.io as Manager;
  const other = probe.socket(`/probe-${Math.random()}`);
  await Promise.race([once(other, "connect_error"), once(other, "connect")]);
  other.disconnect();
}

describe("a socket that leaves and joins on a connection that stays", () => {
  it("takes back what it has asked for, and leaves nothing on the server", async () => {
    await using server = await start();
    await using client = await join(server.url);
    await once(client.socket, "connect");
    client.socket.disconnect().connect().disconnect();
    await settled(client.socket);
    await until(() => server.io.sockets.sockets.size === 0, "no socket left");
    assert.deepEqual(client.log, ["connect", "disconnect io client disconnect"]);
    client.socket.connect();
    await once(client.socket, "connect");
    assert.equal(server.io.sockets.sockets.get(client.socket.id!)?.connected, true);
  });

  it("joins once, however often it changes its mind before the answer", async () => {
    await using server = await start();
    const joined: string[] = [];
    server.io.on("connection", (socket) => joined.push(socket.handshake.auth["turn"] as string));
    await using client = await join(server.url);
    const { socket, log } = client;
    await once(socket, "connect");
    socket.disconnect();
    for (const turn of ["a", "b", "c"]) {
      socket.auth = { turn };
      socket.connect();
      if (turn !== "c") socket.disconnect();
    }
    await once(socket, "connect");
    assert.equal(joined.at(-1), "c");
    await until(() => server.io.sockets.sockets.size === 1, "one socket");
    assert.equal(server.io.sockets.sockets.has(socket.id!), true);
    assert.deepEqual(log, ["connect", "disconnect io client disconnect", "connect"]);
  });

  it("sends the credentials of its last connect() alone", async () => {
    await using server = await start();
    const joined: unknown[] = [];
    server.io.on("connection", (socket) => joined.push(socket.handshake.auth["token"]));
    await using client = await join(server.url);
    const { socket } = client;
    await once(socket, "connect");
    socket.disconnect();
    const old = Promise.withResolvers<{ token: string }>();
    socket.auth = () => old.promise;
    socket.connect().disconnect();
    socket.auth = () => Promise.resolve({ token: "new" });
    socket.connect();
    await once(socket, "connect");
    old.resolve({ token: "old" });
    await settled(socket);
    assert.deepEqual(joined, [undefined, "new"]);
    assert.equal(socket.connected, true);
  });

  it("is not ended by a disconnect that was meant for its session before", async () => {
    await using server = await start();
    let kicks = 0;
    server.io.on("connection", (socket) => {
      socket.on("go", () => {
        kicks++;
        socket.disconnect();
      });
    });
    await using client = await join(server.url);
    const { socket, log } = client;
    await once(socket, "connect");
    socket.emit("go");
    socket.disconnect().connect();
    await once(socket, "connect");
    assert.equal(kicks, 1);
    assert.deepEqual([socket.connected, server.io.sockets.sockets.size], [true, 1]);
    assert.deepEqual(log, ["connect", "disconnect io client disconnect", "connect"]);
  });

  it("hears why it is not let in when the server ends its connection for good", async () => {
    await using server = await start();
    const asked = Promise.withResolvers<void>();
    server.io.of("/slow").use(() => asked.resolve());
    await using client = await join(server.url);
    await once(client.socket, "connect");
    const slow = client.manager.socket("/slow");
    const refused = once<[Error]>(slow, "connect_error");
    await asked.promise;
    server.io.disconnectSockets(true);
    assert.equal((await refused)[0].message, "Disconnected by the server");
    assert.deepEqual([slow.connected, slow.active], [false, false]);
  });

  it("begins a new session with recovery, too", async () => {
    await using server = await start({ connectionStateRecovery: {} });
    await using client = await join(server.url);
    const { socket, manager } = client;
    await once(socket, "connect");
    // A listener of `open` comes before the sockets ask to join: they have, in the next turn.
    manager.once("open", () => queueMicrotask(() => socket.disconnect().connect()));
    manager.engine!.close();
    await once(socket, "connect");
    await until(() => server.io.sockets.sockets.size === 1, "one socket");
    const there = server.io.sockets.sockets.get(socket.id!);
    assert.deepEqual([there?.recovered, socket.recovered], [false, false]);
  });

  it("hears nothing of a connection that has ended before it was started again", async () => {
    await using server = await start();
    await using client = await join(server.url);
    const { manager, socket, log } = client;
    await once(socket, "connect");
    manager.socket("/keep").once("disconnect", () => socket.disconnect().connect());
    manager.engine!.close();
    await once(socket, "connect");
    assert.deepEqual(log, [
      "connect",
      "keep: forced close",
      "disconnect io client disconnect",
      "connect",
    ]);
  });

  it("hears nothing of an attempt that has failed before it was started again", async () => {
    await using server = await start();
    await using manager = new Manager(server.url, { transports: ["websocket"] });
    for (const nsp of ["/keep", "/keep/too"]) server.io.of(nsp);
    const first = manager.socket("/keep");
    const restarted = manager.socket("/");
    const waiting = manager.socket("/keep/too");
    const log: string[] = [];
    restarted.on("connect_error", () => log.push("restarted"));
    waiting.on("connect_error", () => log.push("waiting"));
    first.once("connect_error", () => restarted.disconnect().connect());
    const joined = Promise.all(
      [first, restarted, waiting].map((socket) => once(socket, "connect")),
    );
    manager.engine!.close();
    await joined;
    assert.deepEqual(log, ["waiting"]);
  });

  it("hears by what a connection was ended that never stood", async () => {
    class ClosedTransport extends WebSocketTransport {
      override open(): void {
        queueMicrotask(() => this.handler?.closed({ description: "closed at once" }));
      }
    }
    const options = { transports: [ClosedTransport], reconnection: false };
    const socket = new Manager("http://localhost", options).socket("/");
    const [error] = await once<[Error & { description?: string }]>(socket, "connect_error");
    assert.equal(error.message, "transport close");
    assert.equal(error.description, "closed at once");
    assert.deepEqual(error.cause, { description: "closed at once" });
  });

  it("stays away if it leaves while the connection is made again", async () => {
    await using server = await start();
    await using client = await join(server.url);
    const { socket, manager } = client;
    await once(socket, "connect");
    manager.once("open", () => socket.disconnect());
    manager.engine!.close();
    await once(manager.socket("/keep"), "connect");
    await settled(socket);
    assert.deepEqual([socket.active, server.io.sockets.sockets.size], [false, 0]);
    manager.once("open", () => socket.connect().disconnect().connect());
    manager.engine!.close();
    await once(socket, "connect");
    await settled(socket);
    assert.equal(server.io.sockets.sockets.size, 1);
    assert.equal(client.log.filter((line) => line.startsWith("keep")).length, 2);
  });

  it("does not join by credentials that come after it was refused", async () => {
    await using server = await start();
    await using client = await join(server.url);
    const { socket } = client;
    await once(socket, "connect");
    socket.disconnect();
    let late: ((credentials: object) => void) | undefined;
    socket.auth = (use) => {
      late = use;
      throw new Error("too slow");
    };
    const refused = once<[Error]>(socket.connect(), "connect_error");
    assert.equal((await refused)[0].message, "too slow");
    late!({});
    await settled(socket);
    await until(() => server.io.sockets.sockets.size === 0, "no socket left");
    assert.equal(socket.active, false);
  });

  it("asks anew where its first question is never answered", async () => {
    await using server = await start();
    let asked = 0;
    server.io.of("/hang").use((_socket, next) => ++asked === 1 ? undefined : next());
    await using client = await join(server.url);
    client.manager.reconnectionDelayMax(20);
    const hang = client.manager.socket("/hang");
    await until(() => asked === 1, "the first question");
    hang.disconnect().connect();
    await once(hang, "connect");
    assert.deepEqual([asked, server.io.of("/hang").sockets.size], [2, 1]);
  });

  it("is not said to be connected once a listener of what goes has left", async () => {
    await using server = await start();
    await using client = await join(server.url);
    client.socket.onAnyOutgoing(() => client.socket.disconnect());
    client.socket.emit("x");
    await once(client.socket, "disconnect");
    await settled(client.socket);
    assert.deepEqual(client.log, ["disconnect io client disconnect"]);
  });

  it("is not said to be connected once a listener of what came before has left", async () => {
    await using server = await start();
    server.io.use((socket, next) => {
      socket.emit("early");
      next();
    });
    await using client = await join(server.url);
    client.socket.on("early", () => client.socket.disconnect());
    await once(client.socket, "disconnect");
    await settled(client.socket);
    assert.deepEqual(client.log, ["disconnect io client disconnect"]);
  });
});

describe("an event that cannot be encoded", () => {
  const { error } = console;

  it("does not keep what was buffered behind it, nor the socket from being connected", async () => {
    await using server = await start();
    const heard: unknown[] = [];
    server.io.on("connection", (socket) => {
      socket.onAny((event) => heard.push(event));
      socket.on("last", (answer) => answer());
    });
    await using client = await join(server.url);
    const { socket } = client;
    const reported: string[] = [];
    console.error = (_where, failure: Error) => reported.push(failure.name);
    try {
      socket.emit("first").emit("bad", 1n).emit("second");
      const unsent = socket.emitWithAck("bad", 2n);
      unsent.catch(() => {});
      await once(socket, "connect");
      await assert.rejects(unsent, { name: "TypeError" });
    } finally {
      console.error = error;
    }
    await socket.emitWithAck("last");
    assert.deepEqual([heard, reported], [["first", "second", "last"], Array(2).fill("TypeError")]);
  });
});
