import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import type { OfficialOptions, OfficialSocket } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import type { start as Start, Started } from "../harness/started.ts";

async function pair(
  server: Started,
  road: OfficialOptions,
  path = "/",
): Promise<[OfficialSocket, Socket]> {
  const client = await server.clients.connect(road, path);
  return [client, server.io.of(path).sockets.get(client.id!)!];
}

/** What a single socket can do, and how it comes to its end. */
export function sockets(start: typeof Start, road: OfficialOptions): void {
  it("send() and write() send message, and message hears send()", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const heard: unknown[][] = [];
    client.on("message", (...args) => heard.push(args));
    socket.send(1, "two").write(3);
    server.io.send("all");
    await until(() => heard.length === 3, "three messages");
    assert.deepEqual(heard, [[1, "two"], [3], ["all"]]);
    const said = once(socket, "message");
    client.send("hello", null);
    assert.deepEqual(await said, ["hello", null]);
  });

  it("an event may be a number", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const number = 7 as unknown as string;
    const [there, back] = [once(socket, number), once(client, "7")];
    client.emit(number, "there");
    socket.emit(number, "back");
    assert.deepEqual([await there, await back], [["there"], ["back"]]);
  });

  it("binary travels wherever it is: views, buffers, blobs, deep inside, several at once", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    socket.on("echo", (...args) => socket.emit("echo", ...args));
    const backed = new Uint8Array([0, 1, 2, 3, 4, 5]);
    const all = [
      new Uint8Array([1, 2]),
      backed.subarray(2, 4),
      new Uint8Array([9]).buffer,
      new DataView(backed.buffer, 4, 2),
      new Uint16Array([1]),
      new Blob([new Uint8Array([7, 8])]),
      new Uint8Array(0),
    ];
    const back = once<[Uint8Array[], { a: [{ b: Uint8Array }] }]>(client, "echo");
    socket.emit("echo", all, { a: [{ b: new Uint8Array([42]) }] });
    const [list, { a }] = await back;
    assert.deepEqual(list.map((bytes) => [...bytes]), [
      [1, 2],
      [2, 3],
      [9],
      [4, 5],
      [1, 0],
      [7, 8],
      [],
    ]);
    assert.deepEqual([...a[0].b], [42]);

    const twice = once<[Uint8Array, string, Uint8Array]>(client, "echo");
    client.emit("echo", new Uint8Array([1]), "text", new Uint8Array([2, 3]));
    const [one, text, two] = await twice;
    assert.deepEqual([[...one], text, [...two]], [[1], "text", [2, 3]]);
  });

  it("what follows a Blob stays behind it", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const heard: unknown[] = [];
    client.on("say", (value) => heard.push(typeof value === "number" ? value : "blob"));
    socket.emit("say", 1);
    socket.emit("say", new Blob(["x"]));
    socket.emit("say", 2);
    server.io.emit("say", 3);
    await until(() => heard.length === 4, "four events");
    assert.deepEqual(heard, [1, "blob", 2, 3]);
  });

  it("a middleware can change, drop and refuse events", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const seen: unknown[] = [];
    socket.use((event, next) => {
      if (event[0] === "bad") return next(new Error("refused"));
      if (event[0] === "dropped") return;
      event.push("added");
      next();
    });
    socket.on("good", (...args) => seen.push(args));
    socket.on("bad", () => seen.push("bad was heard"));
    socket.on("dropped", () => seen.push("dropped was heard"));
    socket.on("error", (error) => seen.push(error.message));
    client.emit("dropped");
    client.emit("bad");
    client.emit("good", 1);
    await until(() => seen.length === 2, "two events");
    assert.deepEqual(seen, ["refused", [1, "added"]]);
  });

  it("events keep their order behind middlewares that return promises", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const seen: number[] = [];
    const gates: (() => void)[] = [];
    socket.use(async ([, number]) => {
      if ((number as number) % 2 === 0) await new Promise<void>((open) => gates.push(open));
    });
    socket.on("n", (number) => seen.push(number));
    for (let i = 0; i < 6; i++) client.emit("n", i);
    for (let open = 1; open <= 3; open++) {
      await until(() => gates.length === open, "the next event");
      assert.equal(seen.length, (open - 1) * 2);
      gates[open - 1]?.();
    }
    await until(() => seen.length === 6, "all events");
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5]);
  });

  it("no event waits for what a middleware does once it has called next", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    socket.use(async (_event, next) => {
      next();
      await new Promise(() => {});
    });
    socket.use(async (_event, next) => {
      await Promise.resolve();
      next();
      await new Promise(() => {});
    });
    const seen: number[] = [];
    socket.on("n", (number) => seen.push(number));
    socket.on("last", (done) => done());
    for (let i = 0; i < 5; i++) client.emit("n", i);
    await client.emitWithAck("last");
    assert.deepEqual(seen, [0, 1, 2, 3, 4]);
  });

  it("what a middleware throws after it has called next is reported", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    socket.use(async (_event, next) => {
      next();
      await Promise.resolve();
      throw new Error("rejected");
    });
    socket.use((_event, next) => {
      next();
      throw new Error("thrown");
    });
    socket.on("error", () => assert.fail("the event has passed"));
    socket.on("any", (done) => done());
    await client.emitWithAck("any");
    await until(() => server.reported.length === 2, "the reports");
    assert.deepEqual(
      server.reported.splice(0).map(({ error, event, socket }) => [`${error}`, event, socket]),
      [["Error: thrown", "any", socket.id], ["Error: rejected", "any", socket.id]],
    );
  });

  it("an error of a middleware that nobody hears is reported, and ends nothing", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    socket.use(() => Promise.reject(new Error("rejected")));
    client.emit("any");
    await until(() => server.reported.length === 1, "the report");
    const [{ error, event, socket: id }] = server.reported.splice(0) as [typeof server.reported[0]];
    assert.deepEqual([`${error}`, event, id], ["Error: rejected", "any", socket.id]);
    assert.equal(client.connected, true);
  });

  it("onAny() and prependAny() hear all that comes, offAny() ends it", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const seen: unknown[] = [];
    const second = (...args: unknown[]) => seen.push(["second", ...args]);
    socket.onAny(second).prependAny((...args) => seen.push(["first", ...args]));
    socket.on("b", () => socket.offAny(second));
    assert.equal(socket.listenersAny().length, 2);
    client.emit("a", 1);
    client.emit("b");
    client.emit("c");
    await until(() => seen.length === 5, "five calls");
    assert.deepEqual(seen, [
      ["first", "a", 1],
      ["second", "a", 1],
      ["first", "b"],
      ["second", "b"],
      [
        "first",
        "c",
      ],
    ]);
    assert.equal(socket.offAny().listenersAny().length, 0);
  });

  it("onAnyOutgoing() sees direct events and broadcasts, and no acknowledgement", async () => {
    await using server = await start();
    const peers = [await pair(server, road), await pair(server, road), await pair(server, road)];
    const [[, socket], [other]] = peers as [typeof peers[0], typeof peers[0]];
    server.io.emit("before");
    const seen: unknown[] = [];
    const second = (...args: unknown[]) => seen.push(["second", ...args]);
    socket.onAnyOutgoing(second).prependAnyOutgoing((...args) => seen.push(["first", ...args]));
    assert.equal(socket.listenersAnyOutgoing().length, 2);
    socket.emit("a", 1, () => {});
    server.io.emit("b", 2);
    socket.offAnyOutgoing(second);
    server.io.to(socket.id).emit("c");
    socket.broadcast.emit("d");
    await once(other, "d");
    assert.deepEqual(seen, [["first", "a", 1], ["second", "a", 1], ["first", "b", 2], [
      "second",
      "b",
      2,
    ], ["first", "c"]]);
    assert.equal(socket.offAnyOutgoing().listenersAnyOutgoing().length, 0);
  });

  it("a volatile event is dropped behind another one of the same turn, and not for long", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const heard: unknown[] = [];
    client.on("say", (text) => heard.push(text));
    client.on("mark", (done) => done());
    await socket.emitWithAck("mark");
    await until(() => socket.conn.writable, "a transport that can send");
    socket.volatile.emit("say", "first");
    socket.volatile.emit("say", "dropped");
    server.io.volatile.emit("say", "dropped, too");
    await socket.emitWithAck("mark");
    assert.deepEqual(heard, ["first"]);
    await until(() => socket.conn.writable, "a transport that can send");
    server.io.volatile.emit("say", new Uint8Array([1]));
    await socket.emitWithAck("mark");
    assert.equal(heard.length, 2);
  });

  it("a volatile event is dropped behind any other of the same listener", async () => {
    await using server = await start();
    server.io.on("connection", (socket) => {
      socket.on("go", (done) => {
        socket.emit("say", "first");
        socket.volatile.emit("say", "dropped");
        done();
      });
    });
    const client = await server.clients.connect({ transports: ["websocket"] });
    const heard: unknown[] = [];
    client.on("say", (text) => heard.push(text));
    await client.emitWithAck("go");
    await client.emitWithAck("go");
    assert.deepEqual(heard, ["first", "first"]);
  });

  it("a volatile event soon after the connection is not dropped", async () => {
    await using server = await start();
    server.io.on("connection", (socket) => {
      socket.emit("say", "first");
      setTimeout(() => {
        socket.volatile.emit("say", "second");
        socket.emit("say", "third");
      });
    });
    const client = server.clients.open({ transports: ["websocket"] });
    const heard: unknown[] = [];
    client.on("say", (text) => heard.push(text));
    await until(() => heard.includes("third"), "the last event");
    assert.deepEqual(heard, ["first", "second", "third"]);
  });

  it("volatile events soon after the connection never end it, and are one in a turn", async () => {
    await using server = await start({ maxBackpressure: 100_000 });
    const text = "x".repeat(10_000);
    server.io.on("connection", (socket) => {
      socket.emit("say", "first");
      for (let i = 0; i < 5; i++) socket.volatile.emit("say", i);
      const timer = setInterval(() => {
        socket.volatile.emit("say", text);
        server.io.volatile.emit("say", text);
      });
      setTimeout(() => {
        clearInterval(timer);
        socket.volatile.emit("say", "x".repeat(90_000));
        socket.emit("say", "last");
      }, 9);
    });
    const client = server.clients.open({ transports: ["websocket"], reconnection: false });
    const heard: unknown[] = [];
    client.on("say", (value) => heard.push(value));
    await until(() => heard.includes("last"), "the last event");
    assert.equal(heard[0], "first");
    // On Deno what was sent before in that turn still waits, so that not even the first can leave.
    const numbers = heard.filter((value) => typeof value === "number");
    assert.deepEqual(numbers, numbers.length === 0 ? [] : [0]);
    assert.equal(client.connected, true);
  });

  it("a volatile event soon after a second namespace was joined is not dropped", async () => {
    await using server = await start();
    server.io.on("connection", (socket) => void socket.emit("hello"));
    server.io.of("/other").on("connection", (socket) => {
      socket.emit("say", "first");
      setTimeout(() => {
        socket.volatile.emit("say", "second");
        socket.emit("say", "third");
      }, 8);
    });
    const hear = async () => {
      const client = server.clients.open({ transports: ["websocket"] });
      await once(client, "connect");
      const other = client.io.socket("/other");
      const heard: unknown[] = [];
      other.on("say", (text) => heard.push(text));
      await until(() => heard.includes("third"), "the last event");
      return heard;
    };
    // On a machine with more to do, what was sent first may still be on its way.
    let heard = await hear();
    for (let i = 0; i < 10 && heard.length < 3; i++) heard = await hear();
    assert.deepEqual(heard, ["first", "second", "third"]);
  });

  const ENDS: Record<string, [(client: OfficialSocket, socket: Socket) => void, string, string]> = {
    "the client leaves the namespace": [
      (client) => client.disconnect(),
      "client namespace disconnect",
      "io client disconnect",
    ],
    "the server ends the socket": [
      (_client, socket) => socket.disconnect(),
      "server namespace disconnect",
      "io server disconnect",
    ],
    "the server ends the connection": [
      (_client, socket) => socket.disconnect(true),
      "server namespace disconnect",
      "io server disconnect",
    ],
    "the client closes the connection": [
      (client) => client.io.engine.close(),
      "transport close",
      "forced close",
    ],
    "the server closes the connection": [
      (_client, socket) => socket.conn.close(),
      "forced close",
      "transport close",
    ],
    "the client sends what cannot be decoded": [
      (client) => client.io.engine.write("9"),
      "parse error",
      "transport close",
    ],
    "the client asks for the namespace twice": [
      (client) => client.io.engine.write("0"),
      "forced server close",
      "transport close",
    ],
    "the client speaks to a namespace that it is not in": [
      (client) => client.io.engine.write('2/other,["event"]'),
      "forced server close",
      "transport close",
    ],
  };
  for (const [what, [end, here, there]] of Object.entries(ENDS)) {
    it(`${what}: "${here}" on the server, "${there}" on the client`, async () => {
      await using server = await start();
      const [client, socket] = await pair(server, road);
      const seen: string[] = [];
      socket.on("disconnecting", (reason) => seen.push(`disconnecting ${reason}`));
      socket.on("disconnect", (reason) => seen.push(`disconnect ${reason}`));
      const ended = once(client, "disconnect");
      end(client, socket);
      assert.equal((await ended)[0], there);
      await until(() => seen.length === 2, "the end on the server");
      assert.deepEqual(seen, [`disconnecting ${here}`, `disconnect ${here}`]);
      assert.deepEqual([socket.connected, socket.disconnected], [false, true]);
      assert.equal(server.io.of("/").sockets.size, 0);
    });
  }

  it("what a client sends right before it disconnects is heard, in order", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const heard: unknown[] = [];
    socket.on("bye", (...args) => heard.push(...args));
    const ended = once(socket, "disconnect");
    client.emit("bye", 1);
    client.emit("bye", 2, new Uint8Array([3]));
    client.disconnect();
    heard.push((await ended)[0]);
    assert.deepEqual(heard.map((each) => each instanceof Uint8Array ? [...each] : each), [
      1,
      2,
      [3],
      "client namespace disconnect",
    ]);
  });

  it('a client that falls silent ends with "ping timeout"', async () => {
    await using server = await start({ pingInterval: 50, pingTimeout: 500 });
    const [client, socket] = await pair(server, road);
    // Whichever transport it has by then, it answers no ping.
    Object.assign(client.io.engine, { _sendPacket() {} });
    assert.equal((await once(socket, "disconnect"))[0], "ping timeout");
  });

  it('closing the server ends sockets with "server shutting down" and leaves nothing', async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const ends = Promise.all([once(client, "disconnect"), once(socket, "disconnect")]);
    let called = 0;
    await server.io.close(() => called++);
    const [[there], [here]] = await ends;
    assert.equal(here, "server shutting down");
    assert.match(String(there), /^transport (close|error)$/);
    assert.equal(called, 1);
    assert.equal(server.io.engine.clientsCount, 0);
    assert.equal(server.io.of("/").adapter.sids.size, 0);
  });

  it("disconnect(true) ends the sockets of all namespaces of the connection", async () => {
    await using server = await start({}, (io) => io.of("/other"));
    const [client, socket] = await pair(server, road);
    const other = client.io.socket("/other");
    await once(other, "connect");
    const ends = Promise.all([once(client, "disconnect"), once(other, "disconnect")]);
    socket.disconnect(true);
    assert.deepEqual((await ends).map(([reason]) => reason), Array(2).fill("io server disconnect"));
    assert.equal(server.io.of("/other").sockets.size, 0);
  });

  for (const close of [false, true]) {
    it(`a client can be told why, and be disconnected(${close}), as soon as it connects`, async () => {
      await using server = await start();
      server.io.on("connection", (socket) => {
        socket.emit("sorry", "full");
        socket.disconnect(close);
      });
      const client = server.clients.open(road);
      const heard: unknown[] = [];
      client.on("connect", () => heard.push("connect"));
      client.on("sorry", (why) => heard.push(why));
      assert.equal((await once(client, "disconnect"))[0], "io server disconnect");
      assert.deepEqual(heard, ["connect", "full"]);
      await until(() => server.io.engine.clientsCount === 0, "the end of the connection");
    });
  }

  it("what a middleware sends arrives once the client is let in", async () => {
    await using server = await start();
    server.io.use((socket, next) => {
      socket.emit("early", 1);
      setTimeout(next, 5);
    });
    server.io.on("connection", (socket) => {
      socket.emit("early", 2);
    });
    const client = server.clients.open(road);
    const heard: unknown[] = [];
    client.on("early", (n) => heard.push([n, client.connected]));
    await until(() => heard.length === 2, "two events");
    assert.deepEqual(heard, [[1, true], [2, true]]);
  });

  it("a client that joins nothing is sent away after connectTimeout", async () => {
    await using server = await start({ connectTimeout: 30 });
    const client = server.clients.open(road);
    client.io.engine.write = () => client.io.engine;
    const opened = once(client.io, "open");
    const closed = once(client.io, "close");
    await opened;
    await closed;
    assert.equal(server.io.engine.clientsCount, 0);
  });

  it("the handshake tells of the request, the credentials and the address", async () => {
    await using server = await start();
    const before = Date.now();
    const [, { handshake, request, conn }] = await pair(server, {
      ...road,
      query: { color: "blue", __proto__: "x" },
      auth: { token: "abc" },
      extraHeaders: { "x-test": "yes" },
    });
    assert.deepEqual(handshake.auth, { token: "abc" });
    assert.equal(handshake.query["color"], "blue");
    assert.equal(handshake.query["EIO"], "4");
    assert.equal(handshake.headers["x-test"], "yes");
    assert.equal(handshake.address, "127.0.0.1");
    assert.deepEqual([handshake.secure, handshake.xdomain], [false, false]);
    assert.match(handshake.url, /^\/socket\.io\/\?.*color=blue/);
    assert.equal(handshake.issued >= before && handshake.issued <= Date.now(), true);
    assert.equal(Date.parse(handshake.time) <= Date.now(), true);
    assert.equal(request.method, "GET");
    assert.equal(request.headers["x-test"], "yes");
    assert.match(request.url, /^http:\/\/127\.0\.0\.1:\d+\/socket\.io\//);
    assert.equal(conn.remoteAddress, "127.0.0.1");
    assert.equal(conn.protocol, 4);
  });
}
