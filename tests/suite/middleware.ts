import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import type { OfficialOptions } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import type { start as Start } from "../harness/started.ts";

/** The middlewares of a namespace, which let clients in or refuse them. */
export function middleware(start: typeof Start, road: OfficialOptions): void {
  it("Server.use() runs middlewares in order, ahead of connection", async () => {
    await using server = await start();
    const seen: unknown[] = [];
    server.io.use((socket, next) => {
      seen.push(["first", socket.connected]);
      socket.data.user = "Ada";
      queueMicrotask(next);
    });
    server.io.use(async (socket) => {
      await Promise.resolve();
      seen.push(["second", socket.data.user]);
    });
    server.io.use((_socket, next) => {
      seen.push(["third"]);
      next();
    });
    server.io.on("connect", (socket) => void seen.push(["connect", socket.connected]));
    server.io.on("connection", (socket) => void seen.push(["connection", socket.data.user]));
    await server.clients.connect(road);
    assert.deepEqual(seen, [
      ["first", false],
      ["second", "Ada"],
      ["third"],
      ["connect", true],
      ["connection", "Ada"],
    ]);
  });

  const refusals: Record<string, Parameters<Socket["nsp"]["on"]>[1]> = {
    "next(error)": (_socket, next) => next(new Error("refused")),
    "a throw": (_socket, _next) => {
      throw new Error("refused");
    },
    "a rejection": () => Promise.reject(new Error("refused")),
  };
  for (const [how, refuse] of Object.entries(refusals)) {
    it(`${how} refuses a client: no later middleware runs, no socket comes to be`, async () => {
      await using server = await start();
      let later = 0;
      server.io.use(refuse);
      server.io.use((_socket, next) => {
        later++;
        next();
      });
      server.io.on("connection", () => void later++);
      const [error] = await once<[Error & { data?: unknown }]>(
        server.clients.open(road),
        "connect_error",
      );
      assert.deepEqual([error.message, error.data, later], ["refused", undefined, 0]);
      assert.equal(server.io.of("/").sockets.size, 0);
    });
  }

  it("an object with a message is as good as an error", async () => {
    await using server = await start();
    const error: { name: string; message: string; data: unknown } = {
      name: "Refusal",
      message: "refused",
      data: { code: 7 },
    };
    server.io.use((_socket, next) => next(error));
    const [heard] = await once<[Error & { data?: unknown }]>(
      server.clients.open(road),
      "connect_error",
    );
    assert.deepEqual([heard.message, heard.data], ["refused", { code: 7 }]);
  });

  it("next() goes on with what is falsy", async () => {
    await using server = await start();
    for (const given of [false, 0, "", null, undefined]) {
      server.io.use((_socket, next) => next(given as never));
      server.io.engine.use((_request, next) => void next(given));
    }
    server.io.on("connection", (socket) => {
      socket.use((_event, next) => next(false as never));
      socket.on("ask", (answer) => answer("passed"));
    });
    assert.equal(await (await server.clients.connect(road)).emitWithAck("ask"), "passed");
  });

  for (const close of [false, true]) {
    it(`disconnect(${close}) in a middleware lets nobody in, although it calls next()`, async () => {
      await using server = await start();
      let connections = 0;
      server.io.use((socket, next) => {
        socket.disconnect(close);
        next();
      });
      server.io.on("connection", () => void connections++);
      const client = server.clients.open(road);
      const [{ message }] = await once<[Error]>(client, "connect_error");
      assert.deepEqual([message, client.connected], ["Disconnected by the server", false]);
      assert.equal(connections, 0);
      assert.equal(server.io.of("/").sockets.size, 0);
    });
  }

  it("the data of an error reaches the client, and the connection serves other namespaces", async () => {
    await using server = await start({}, (io) => io.of("/open"));
    server.io.use((_socket, next) =>
      next(Object.assign(new Error("no"), { data: { code: 7, why: ["a"] } }))
    );
    const client = server.clients.open(road);
    const [error] = await once<[Error & { data?: unknown }]>(client, "connect_error");
    assert.deepEqual(error.data, { code: 7, why: ["a"] });
    const open = client.io.socket("/open");
    await once(open, "connect");
  });

  it("next() counts once, and a client that was let in stays so", async () => {
    await using server = await start();
    let connections = 0;
    server.io.use((_socket, next) => {
      next();
      next(new Error("too late"));
      next();
    });
    server.io.on("connection", () => void connections++);
    const client = await server.clients.connect(road);
    assert.equal(await answers(client), true);
    assert.equal(connections, 1);

    async function answers(socket: typeof client): Promise<boolean> {
      server.io.sockets.sockets.get(socket.id!)?.on("ping me", (done) => done(true));
      return await socket.emitWithAck("ping me");
    }
  });

  it("a client that leaves while a middleware is at work never comes in", async () => {
    await using server = await start();
    let held: [Socket, () => void] | undefined;
    let connections = 0;
    server.io.on("connection", () => void connections++);
    const reached = new Promise<void>((resolve) => {
      server.io.use((socket, next) => {
        if (held !== undefined) return next();
        held = [socket, next];
        resolve();
      });
    });
    const client = server.clients.open(road);
    await reached;
    const [socket, next] = held!;
    const gone = once(socket.conn as unknown as EventTarget, "close");
    client.io.engine.close();
    await gone;
    socket.join("room");
    next();
    assert.equal(connections, 0);
    assert.equal(server.io.of("/").adapter.sids.size, 0);
    await server.clients.connect(road);
    assert.equal(connections, 1);
  });

  it("a middleware that never answers keeps no room of a client that left", async () => {
    await using server = await start();
    const { adapter } = server.io.of("/");
    const reached = new Promise<Socket>((resolve) => {
      server.io.use((socket) => {
        socket.join(["lobby", "bar"]);
        resolve(socket);
      });
    });
    const client = server.clients.open(road);
    const socket = await reached;
    assert.deepEqual(adapter.sids.size, 1);
    const gone = once(socket.conn as unknown as EventTarget, "close");
    client.io.engine.close();
    await gone;
    socket.join("late");
    assert.deepEqual([adapter.sids.size, adapter.rooms.size], [0, 0]);
  });

  it("use() refuses what is no function, so that nobody is let in by mistake", async () => {
    await using server = await start();
    const nsp = server.io.of("/a");
    const parent = server.io.of(/^\/b/);
    const client = await server.clients.connect(road);
    const socket = server.io.of("/").sockets.get(client.id!)!;
    for (const users of [server.io, nsp, parent, socket, server.io.engine]) {
      for (const wrong of [undefined, null, "auth", {}]) {
        assert.throws(() => users.use(wrong as never), { name: "TypeError", message: /function/ });
      }
    }
  });

  it("a middleware that never calls next is reported when the time to join is over", async () => {
    await using server = await start({ connectTimeout: 100 });
    let reached = 0;
    server.io.of("/slow").use((_socket, _next) => void reached++);
    // On a slow machine the time may be over before a client has asked to join.
    while (reached < 2) {
      const client = server.clients.open(road, "/slow");
      await once(client.io, "open");
      await once(client.io, "close");
    }
    assert.deepEqual(
      server.reported.splice(0).map((
        { error, namespace },
      ) => [(error as Error).message, namespace]),
      [["A middleware of /slow has not called next within connectTimeout", "/slow"]],
    );
  });

  it("a mistake in a middleware is reported, and refuses; what is thrown on purpose is not", async () => {
    await using server = await start();
    server.io.use((socket, next) => {
      if (socket.handshake.auth["on purpose"]) throw new Error("refused");
      (socket.handshake.headers as Record<string, string>)["missing"]!.split(";");
      next();
    });
    server.io.use(async () => {});
    const refusal = async (auth: object) => {
      const socket = server.clients.open({ ...road, auth, forceNew: true });
      return (await once<[Error]>(socket, "connect_error"))[0].message;
    };
    assert.equal(await refusal({ "on purpose": true }), "refused");
    assert.equal(server.reported.length, 0);
    await refusal({});
    const [{ error, namespace }] = server.reported.splice(0) as [typeof server.reported[0]];
    assert.ok(error instanceof TypeError);
    assert.equal(namespace, "/");
  });

  it("what a middleware throws after it has called next is reported, and the client stays", async () => {
    await using server = await start();
    server.io.use(async (_socket, next) => {
      next();
      await Promise.resolve();
      throw new Error("rejected");
    });
    server.io.use((_socket, next) => {
      next();
      throw new Error("thrown");
    });
    const client = await server.clients.connect(road);
    await until(() => server.reported.length === 2, "the reports");
    assert.deepEqual(
      server.reported.splice(0).map(({ error, namespace }) => [`${error}`, namespace]),
      [["Error: thrown", "/"], ["Error: rejected", "/"]],
    );
    assert.equal(client.connected, true);
  });

  it("what a client sends while a middleware is at work reaches nobody before it is let in", async () => {
    await using server = await start();
    const seen: string[] = [];
    server.io.use((socket, next) => {
      socket.on("early", () => seen.push(`early, connected: ${socket.connected}`));
      setTimeout(next, 20);
    });
    const client = server.clients.open(road);
    client.emit("early");
    await once(client, "connect");
    const answer = new Promise<void>((resolve) =>
      server.io.sockets.sockets.get(client.id!)?.on("late", () => resolve())
    );
    client.emit("late");
    await answer;
    assert.deepEqual(seen, ["early, connected: true"]);
  });
}
