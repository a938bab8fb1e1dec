import type { Next, Socket } from "../../../../server/namespace/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { int, pick, seeded } from "../../parser/random.ts";
import { FakeServer } from "./fakes.ts";

/** Lets promises that are settled already take their turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const TURNED_AWAY = '4{"message":"Disconnected by the server"}';

describe("Connection", () => {
  it("answers CONNECT with the id of the socket, and an unknown namespace with an error", () => {
    const server = new FakeServer();
    server.directory.of("/");
    server.directory.of("/chat");
    const link = server.link().receive("0", "0/chat,", "0/nowhere,");
    assert.deepEqual(link.take(), [
      '0{"sid":"id1"}',
      '0/chat,{"sid":"id2"}',
      '4/nowhere,{"message":"Invalid namespace"}',
    ]);
    assert.equal(server.settled.length, 2);
  });

  for (
    const [what, frames] of Object.entries({
      "an event before CONNECT": ['2["a"]'],
      "a packet for a namespace that is not joined": ["0", '2/chat,["a"]'],
      "a second CONNECT": ["0", "0"],
      "a CONNECT_ERROR": ["0", '4{"message":"x"}'],
      "a packet that cannot be decoded": ["0", "2{}"],
      "a binary frame that nobody announced": ["0", new Uint8Array([1])],
      "text among attachments": ["0", '51-["a",{"_placeholder":true,"num":0}]', '2["b"]'],
    })
  ) {
    it(`closes the link upon ${what}`, () => {
      const server = new FakeServer();
      server.directory.of("/");
      const link = server.link().receive(...frames);
      assert.deepEqual(link.closed, [undefined]);
      assert.equal(server.directory.of("/").sockets.size, 0);
      link.take();
      link.receive("0", '2["late"]');
      assert.deepEqual(link.take(), []);
    });
  }

  it("tells of a packet for an unknown namespace no more than can be shown", () => {
    const server = new FakeServer();
    const told: unknown[] = [];
    server.directory.of("/").on("connection", (socket) => {
      socket.on("disconnect", (_reason, details) => told.push(details?.description));
    });
    server.joined().receive(`2/\x1b[2J\n${"x".repeat(100_000)},["a"]`);
    const [text] = told as string[];
    assert.match(text ?? "", /^a packet for "[ -~]{80,90}", which is not joined$/);
  });

  it("takes any credentials of a client of protocol 3", () => {
    const server = new FakeServer();
    const queries: unknown[] = [];
    server.directory.of("/chat").on("connection", (socket) => {
      queries.push(socket.handshake.query);
    });
    server.link(3).receive('0/chat,{"toString":1,"a":{"toString":1},"b":true,"c":"text"}');
    assert.deepEqual(queries, [
      { EIO: "4", transport: "polling", a: "1", toString: "1", b: "true", c: "text" },
    ]);
    assert.deepEqual(server.reported, []);
  });

  it("hands events to listeners, and answers to their ids", () => {
    const server = new FakeServer();
    const heard: unknown[] = [];
    server.directory.of("/").on("connection", (socket) => {
      socket.on("ask", (value, done) => done(value, new Uint8Array([1])));
      socket.on("7", (...args) => heard.push(args));
    });
    const link = server.joined().receive('212["ask",{"a":[1]}]', '2[7,"by number"]');
    assert.deepEqual(link.take(), [
      '61-12[{"a":[1]},{"_placeholder":true,"num":0}]',
      new Uint8Array([1]),
    ]);
    assert.deepEqual(heard, [["by number"]]);
  });

  it("collects attachments before it hands an event on", () => {
    const server = new FakeServer();
    const heard: unknown[] = [];
    server.directory.of("/chat").on("connection", (socket) => {
      socket.on("b", (...args) => heard.push(args));
    });
    server.link().receive(
      "0/chat,",
      '52-/chat,["b",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]',
      new Uint8Array([0]),
    ).receive(new Uint8Array([1]));
    assert.deepEqual(heard, [[new Uint8Array([1]), [new Uint8Array([0])]]]);
  });

  it("forgets a socket that left, and takes what was on its way for it", () => {
    const server = new FakeServer();
    const sockets: Socket[] = [];
    server.directory.of("/").on("connection", (socket) => void sockets.push(socket));
    const link = server.joined();
    sockets[0]?.disconnect();
    assert.deepEqual(link.take(), ["1"]);
    link.receive('2["on its way"]', "30[]", "1");
    assert.deepEqual(link.closed, []);
    link.receive("0");
    assert.deepEqual(link.take(), ['0{"sid":"id2"}']);
    link.receive("1", '2["too late"]');
    assert.deepEqual(link.closed, [undefined]);
  });

  it("tells all sockets of the end of the link, with reason and details", () => {
    const server = new FakeServer();
    const ends: unknown[] = [];
    for (const name of ["/", "/chat"]) {
      server.directory.of(name).on("connection", (socket) => {
        socket.on("disconnect", (...args) => ends.push([name, ...args]));
      });
    }
    const link = server.joined().receive("0/chat,");
    const details = { description: "why" };
    link.handler?.close("transport error", details);
    link.handler?.close("transport close");
    assert.deepEqual(ends, [
      ["/", "transport error", details],
      ["/chat", "transport error", details],
    ]);
  });

  it("tells the listeners of `error` of each socket what cannot be decoded, ahead of the end", () => {
    const server = new FakeServer();
    const log: unknown[] = [];
    for (const name of ["/", "/chat", "/deaf"]) {
      server.directory.of(name).on("connection", (socket) => {
        if (name !== "/deaf") {
          socket.on("error", (error) => {
            log.push(`${name} ${socket.connected} ${error.name}: ${error.message}`);
            throw new Error("in the listener");
          });
        }
        socket.on("disconnect", (reason) => log.push(`${name} ${reason}`));
      });
    }
    server.joined().receive("0/chat,", "0/deaf,", "5woooot", "5woooot");
    const what = "true ParseError: Cannot decode packet: illegal attachments";
    assert.deepEqual(log, [
      `/ ${what}`,
      `/chat ${what}`,
      "/ parse error",
      "/chat parse error",
      "/deaf parse error",
    ]);
    assert.deepEqual(server.reported.map(({ event }) => event), ["error", "error"]);
  });

  it("1,000 clients that ask at once for a new namespace get one and the same", async () => {
    const server = new FakeServer();
    const asked: (() => void)[] = [];
    let made = 0;
    server.directory.of((_name, _auth, next) => {
      asked.push(() => next(null, true));
    });
    server.directory.created = () => made++;
    const links = Array.from({ length: 1000 }, () => server.link().receive("0/new,"));
    assert.equal(asked.length, 1000);
    for (const allow of asked) allow();
    await turns();
    assert.equal(made, 1);
    assert.equal(server.directory.of("/new").sockets.size, 1000);
    for (const link of links) assert.match(String(link.take()), /^0\/new,\{"sid":"id\d+"\}$/);
  });

  it("a client that asks anew while it is asked about is let in once", async () => {
    const server = new FakeServer();
    const asked: ((allow: boolean) => void)[] = [];
    server.directory.of((_name, _auth, next) => {
      asked.push((allow) => next(null, allow));
    });
    const link = server.link().receive("0/new,", "0/new,");
    asked[0]?.(true);
    await turns();
    assert.deepEqual(link.take(), []);
    asked[1]?.(true);
    await turns();
    assert.equal(link.take().length, 1);
    assert.equal(server.directory.of("/new").sockets.size, 1);
  });

  it("a client that leaves while it is asked about leaves nothing", async () => {
    const server = new FakeServer(0);
    const asked: (() => void)[] = [];
    server.directory.of((_name, _auth, next) => {
      asked.push(() => next(null, true));
    });
    const link = server.link().receive("0/new,");
    link.handler?.close("transport close");
    asked[0]?.();
    await turns();
    assert.deepEqual(link.take(), []);
    assert.equal(server.directory.namespaces.size, 0);
  });

  it("speaks to clients of protocol 3 as they expect", () => {
    const server = new FakeServer();
    const chat = server.directory.of("/chat");
    chat.use((socket, next) =>
      next(socket.handshake.query["ok"] === "1" ? undefined : new Error("no"))
    );
    const link = server.link(3).receive("0/chat?ok=1&n=a%20b");
    assert.deepEqual(link.take(), ["0/chat,"]);
    const [socket] = chat.sockets.values();
    assert.equal(socket?.id, "/chat#secret");
    assert.equal(socket?.handshake.query["n"], "a b");
    const refused = server.link(3).receive("0/chat?ok=2");
    assert.deepEqual(refused.take(), ['4/chat,"no"']);
    assert.deepEqual(server.link(3).receive("0/nowhere").take(), [
      '4/nowhere,"Invalid namespace"',
    ]);
  });
});

describe("Connection, with what no client should send", () => {
  const SEEDS = [
    "0",
    '0/chat,{"token":1}',
    "1",
    '2["a",1,{"b":[null]}]',
    '212["ask","x"]',
    '30["answer"]',
    '51-["b",{"_placeholder":true,"num":0}]',
    '61-0[{"_placeholder":true,"num":0}]',
    '4{"message":"x"}',
    "0/room-1?a=1,",
  ];
  const CHARACTERS = [
    "0",
    "2",
    "5",
    "-",
    ",",
    "/",
    "[",
    "]",
    "{",
    "}",
    '"',
    ":",
    "\\",
    "é",
    "\0",
    "",
  ];

  for (let seed = 1; seed <= 10; seed++) {
    it(`never throws, and harms no other client (seed ${seed})`, () => {
      const random = seeded(seed);
      const server = new FakeServer(0);
      for (const name of ["/", "/chat"]) {
        server.directory.of(name).on("connection", (socket) => {
          socket.emit("ask", () => {});
          socket.on("ask", (...args) => {
            const done = args.at(-1);
            if (typeof done === "function") done("ok");
          });
        });
      }
      server.directory.of(/^\/room-\d$/);
      const witness = server.joined();
      for (let round = 0; round < 100; round++) {
        const link = server.link();
        for (let i = 0; i < 12 && link.closed.length === 0; i++) {
          if (int(random, 12) === 0) link.receive(new Uint8Array([int(random, 256)]));
          let packet: string = pick(random, SEEDS);
          for (let changes = int(random, 3); changes > 0; changes--) {
            const at = int(random, packet.length + 1);
            packet = packet.slice(0, at) + pick(random, CHARACTERS) +
              packet.slice(at + int(random, 2));
          }
          link.receive(packet);
        }
        link.handler?.close("transport close");
      }
      assert.deepEqual(server.reported, []);
      witness.take();
      witness.receive('27["ask"]');
      assert.deepEqual(witness.take(), ['37["ok"]']);
      const sizes = [...server.directory.namespaces.values()].map(({ sockets }) => sockets.size);
      assert.equal(sizes.reduce((sum, size) => sum + size), 1);
    });
  }
});

describe("Socket", () => {
  function joined(): {
    server: FakeServer;
    link: ReturnType<FakeServer["joined"]>;
    socket: Socket;
  } {
    const server = new FakeServer();
    server.directory.of("/");
    const link = server.joined();
    const [socket] = server.directory.of("/").sockets.values();
    return { server, link, socket: socket! };
  }

  it("emit() writes events, acknowledgements and binary as the wire has them", () => {
    const { link, socket } = joined();
    assert.equal(socket.emit("a", 1, "two", { three: [null] }), true);
    socket.emit("ask", () => {});
    socket.emit("ask", "x", () => {});
    socket.emit("b", new Uint8Array([7]));
    socket.send("hello");
    assert.deepEqual(link.take(), [
      '2["a",1,"two",{"three":[null]}]',
      '20["ask"]',
      '21["ask","x"]',
      '51-["b",{"_placeholder":true,"num":0}]',
      new Uint8Array([7]),
      '2["message","hello"]',
    ]);
  });

  it("flags reach the link: volatile and compress", () => {
    const { link, socket } = joined();
    link.options.length = 0;
    socket.volatile.emit("a");
    socket.compress(false).emit("a");
    socket.compress(false).volatile.emit("a");
    socket.emit("a");
    assert.deepEqual(link.options, [
      { volatile: true, compress: true },
      { volatile: false, compress: false },
      { volatile: true, compress: false },
      undefined,
    ]);
    link.writable = false;
    link.take();
    socket.volatile.emit("dropped");
    socket.emit("kept");
    assert.deepEqual(link.take(), ['2["kept"]']);
  });

  it("an answer counts once, and only for what was asked", () => {
    const { link, socket } = joined();
    const answers: unknown[] = [];
    socket.emit("ask", (...args: unknown[]) => answers.push(args));
    link.receive('31["other"]', '30["real",1]', '30["again"]');
    assert.deepEqual(answers, [["real", 1]]);
    assert.deepEqual(link.closed, []);
  });

  it("describes the handshake from the request", () => {
    const server = new FakeServer();
    server.directory.of("/");
    server.link().receive('0{"token":"t"}');
    const [socket] = server.directory.of("/").sockets.values();
    const { time: _time, issued, ...rest } = socket!.handshake;
    assert.equal(Number.isInteger(issued), true);
    assert.deepEqual(rest, {
      headers: { host: "host", origin: "https://page.example" },
      address: "10.0.0.1",
      xdomain: true,
      secure: false,
      url: "/socket.io/?EIO=4&transport=polling&a=1",
      query: { EIO: "4", transport: "polling", a: "1" },
      auth: { token: "t" },
    });
    assert.equal(socket!.handshake, socket!.handshake);
  });

  it("reports a listener that fails, with its place, and goes on", () => {
    const { server, link, socket } = joined();
    socket.on("a", () => {
      throw new Error("oops");
    });
    socket.on("a", (_value, done) => done("still answered"));
    link.receive('20["a",1]');
    assert.deepEqual(link.take(), ['30["still answered"]']);
    assert.deepEqual(
      server.reported.map(({ error, ...place }) => [String(error), place]),
      [["Error: oops", { event: "a", namespace: "/", socket: "id1" }]],
    );
  });

  it("keeps as data what was set, and an object as long as nothing was", () => {
    const server = new FakeServer();
    const main = server.directory.of("/");
    server.joined();
    const [socket] = [...main.sockets.values()] as [Socket];
    socket.data.name = "Ada";
    const seen: unknown[] = [socket.data];
    for (const value of [null, 0, "", false, undefined]) {
      socket.data = value;
      seen.push(socket.data);
    }
    assert.deepEqual(seen, [{ name: "Ada" }, null, 0, "", false, {}]);
  });

  it("disconnect() is one end, whoever calls it and how often", () => {
    const { link, socket } = joined();
    const seen: unknown[] = [];
    socket.on("disconnecting", (reason) => {
      seen.push(`disconnecting ${reason}, connected: ${socket.connected}`);
      socket.disconnect(true);
    });
    socket.on("disconnect", (reason) => seen.push(reason));
    socket.disconnect();
    socket.disconnect(true);
    link.handler?.close("transport close");
    assert.deepEqual(seen, [
      "disconnecting server namespace disconnect, connected: true",
      "server namespace disconnect",
    ]);
    assert.deepEqual([link.take(), link.closed, socket.connected], [["1"], [undefined], false]);
  });

  for (const close of [false, true]) {
    it(`disconnect(${close}) in a middleware lets nobody in, whatever it says then`, () => {
      const server = new FakeServer();
      const main = server.directory.of("/");
      const says: ((next: Next) => void)[] = [
        (next) => next(),
        (next) => next(new Error("no")),
        (next) => void (later = next),
        () => {
          throw new Error("no");
        },
      ];
      let later: Next | undefined;
      let connections = 0;
      main.use((socket, next) => {
        socket.join("room");
        socket.disconnect(close);
        socket.join("room");
        says[0]?.(next);
      });
      main.on("connection", () => void connections++);
      while (says.length > 0) {
        const link = server.link().receive("0");
        later?.();
        const refusal = close || says.length % 2 === 0 ? TURNED_AWAY : '4{"message":"no"}';
        assert.deepEqual([link.take(), link.closed], [[refusal], close ? [undefined] : []]);
        if (!close) assert.deepEqual(link.receive("0/x,").take().length, 1);
        says.shift();
      }
      assert.deepEqual([connections, main.sockets.size, main.adapter.sids.size], [0, 0, 0]);
      assert.equal(main.isEmpty, true);
    });
  }

  it("disconnect(true) turns away whoever is on the way into another namespace", async () => {
    const server = new FakeServer();
    let next: Next | undefined;
    let allow: ((allowed: boolean) => void) | undefined;
    const slow = server.directory.of("/slow").use((_socket, given) => void (next = given));
    server.directory.of(() => new Promise((resolve) => allow = resolve));
    let connections = 0;
    slow.on("connection", () => void connections++);
    const main = server.directory.of("/");
    const link = server.joined().receive("0/slow,", "0/dynamic,");
    const [socket] = [...main.sockets.values()];
    socket?.disconnect(true);
    const refusals = ["/dynamic", "/slow"].map((nsp) => TURNED_AWAY.replace("4", `4${nsp},`));
    assert.deepEqual(link.take().sort(), ["1", ...refusals]);
    next?.();
    allow?.(true);
    await turns();
    assert.deepEqual([link.take(), connections, slow.isEmpty], [[], 0, true]);
    assert.equal(server.directory.namespaces.has("/dynamic"), false);
  });
});
