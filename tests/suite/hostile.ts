import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";
import type { start as Start, Started } from "../harness/started.ts";
import type { OpenPeer } from "./recovery.ts";

type Peer = Awaited<ReturnType<OpenPeer>>;

const RESERVED = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
];
const MAGIC = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

async function join(server: Started, open: OpenPeer): Promise<[Peer, Socket]> {
  const peer = await open(server.url);
  const connection = once<[Socket]>(server.io, "connection");
  await peer.send("0");
  await peer.packets(1);
  return [peer, (await connection)[0]];
}

/** Clients that break the rules, and listeners that fail: nobody else is to notice. */
export function hostile(start: typeof Start, open: OpenPeer): void {
  /** Ends the sender with this reason, and nobody else: a second client is still served. */
  async function endsAlone(packets: string[], reason: string, options = {}): Promise<void> {
    await using server = await start(options);
    const [witness, served] = await join(server, open);
    const [peer, socket] = await join(server, open);
    const heard: unknown[] = [];
    socket.onAny((...args) => heard.push(args));
    const ended = once(socket, "disconnect");
    for (const packet of packets) await peer.send(packet);
    assert.equal((await ended)[0], reason);
    assert.deepEqual(heard, []);
    served.on("ask", (done) => done("served"));
    await witness.send('27["ask"]');
    assert.deepEqual(await witness.packets(1), ['37["served"]']);
  }

  const BAD = {
    "an event named by an object": '2[{"toString":1}]',
    "an event named by null": "2[null]",
    "an event named by true": "2[true]",
    "an event named by a list": '2[["a"]]',
    "an event without a name": "2[]",
    "an event without a list": '2{"0":"a"}',
    "an unknown type": "8",
    "a namespace without an end": "2/" + "x".repeat(2000),
    "an id of a million digits": `2${"1".repeat(500_000)}["a"]`,
    "a count of a million digits": `5${"1".repeat(500_000)}-["a"]`,
    "more attachments than allowed": '511-["a"]',
    "a binary event without attachments": '50-["a"]',
    "half of an event": '2["a"',
    "lists 100,000 deep": "2" + "[".repeat(100_000) + "]".repeat(100_000),
    "an event that lists 100,000 deep": `2["a",${"[".repeat(100_000)}${"]".repeat(100_000)}]`,
  };
  for (const [what, packet] of Object.entries(BAD)) {
    it(`${what} ends its sender with "parse error", and nobody else`, async () => {
      await endsAlone([packet], "parse error");
    });
  }

  for (const name of RESERVED) {
    it(`an event named ${name} ends its sender and reaches no listener`, async () => {
      await endsAlone([`2["${name}","forged"]`], "parse error");
    });
  }

  it("maxAttachments sets how many attachments are allowed", async () => {
    await endsAlone(['53-["a"]'], "parse error", { maxAttachments: 2 });
  });

  it("an event named error does not pass for an error of the server", async () => {
    await using server = await start();
    const [peer, socket] = await join(server, open);
    const heard: unknown[] = [];
    socket.on("error", (error) => heard.push(error));
    await peer.send('2["error","forged"]');
    socket.on("ask", (done) => done());
    await peer.send('20["ask"]');
    await peer.packets(1);
    assert.deepEqual(heard, []);
  });

  it("names like __proto__ are names: of events, rooms, namespaces, credentials", async () => {
    await using server = await start();
    for (const name of MAGIC) server.io.of(`/${name}`);
    for (const name of MAGIC) {
      const client = await server.clients.connect({
        auth: JSON.parse(`{"${name}":{"polluted":true}}`),
        query: { [`x${name}`]: "1" },
      }, `/${name}`);
      const socket = server.io.of(`/${name}`).sockets.get(client.id!)!;
      assert.equal(Object.getPrototypeOf(socket.handshake.auth), Object.prototype);
      socket.join(name);
      assert.equal(socket.rooms.has(name), true);
      assert.equal(socket.nsp.adapter.rooms.get(name)?.size, 1);
      socket.on(name, (value, done) => done(value));
      const value = JSON.parse('{"__proto__":{"polluted":true},"ok":1}');
      const answer = await client.emitWithAck(name, value) as { ok: number };
      assert.equal(answer.ok, 1);
      const heard = once(client, name);
      server.io.of(`/${name}`).to(name).emit(name, 1);
      assert.deepEqual(await heard, [1]);
    }
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.equal(server.io.of("/").adapter.rooms.get("__proto__"), undefined);
  });

  it("events and namespaces of such names that nobody made do nothing", async () => {
    await using server = await start();
    const [peer] = await join(server, open);
    for (const name of MAGIC) {
      await peer.send(`2["${name}",1]`);
      await peer.send(`0/${name},`);
      assert.deepEqual(await peer.packets(1), [`4/${name},{"message":"Invalid namespace"}`]);
    }
    assert.deepEqual([...server.io._nsps.keys()], ["/"]);
  });

  it("acknowledgements that nobody asked for do nothing", async () => {
    await using server = await start({}, (io) => io.of("/other"));
    const [peer, socket] = await join(server, open);
    await peer.send("0/other,");
    await peer.packets(1);
    const answers: unknown[] = [];
    socket.emit("ask", (...args: unknown[]) => answers.push(args));
    const [asked] = await peer.packets(1);
    const id = Number(/^2(\d+)/.exec(asked!)?.[1]);
    for (const forged of [`${id + 1}`, "99999", "9007199254740991"]) {
      await peer.send(`3${forged}["forged"]`);
    }
    await peer.send(`3/other,${id}["of another namespace"]`);
    await peer.send(`3${id}["real"]`);
    await peer.send(`3${id}["again"]`);
    socket.on("mark", (done) => done());
    await peer.send('20["mark"]');
    await peer.packets(1);
    assert.deepEqual(answers, [["real"]]);
  });

  it("one connection joins no more than maxNamespaces", async () => {
    await using server = await start({ maxNamespaces: 5, cleanupEmptyChildNamespaces: true });
    server.io.of(/^\/n-\d+$/);
    const [peer] = await join(server, open);
    for (let i = 0; i < 8; i++) await peer.send(`0/n-${i},`);
    const answers = await peer.packets(8);
    assert.equal(answers.filter((answer) => answer.startsWith("0/n-")).length, 5);
    assert.deepEqual(
      answers.filter((answer) => answer.startsWith("4")),
      [5, 6, 7].map((i) => `4/n-${i},{"message":"Too many namespaces"}`),
    );
    assert.equal(server.io._nsps.size, 6);
    await peer.lose();
    await until(() => server.io._nsps.size === 1, "the end of the namespaces");
  });

  it("names that the wire cannot carry are refused by of(), and no CONNECT makes one", async () => {
    await using server = await start();
    server.io.of(/.*/);
    const long = "/" + "x".repeat(10_000);
    for (const name of ["/a,b", "/a?b", "/a\u0000b", "/a\x1eb", "/\ud800", long]) {
      assert.throws(() => server.io.of(name), (error: Error) => {
        assert.equal(error instanceof TypeError, true);
        assert.match(error.message, /^Cannot make namespace "/);
        return true;
      });
    }
    const peer = await open(server.url);
    await peer.send("0/a?token=1,");
    assert.deepEqual(await peer.packets(1), ['4/a?token=1,{"message":"Invalid namespace"}']);
    await peer.send(`0${long},`);
    assert.equal((await peer.packets(1))[0]?.endsWith('{"message":"Invalid namespace"}'), true);
    await peer.send("0no slash,");
    assert.deepEqual([...server.io._nsps.keys()], ["/"]);
  });

  it("100,000 rooms come and go without a trace", async () => {
    await using server = await start();
    const [peer, socket] = await join(server, open);
    for (let i = 0; i < 100_000; i++) socket.join(`room ${i}`);
    const { adapter } = server.io.of("/");
    assert.equal(adapter.rooms.size, 100_001);
    const ended = once(socket, "disconnect");
    await peer.lose();
    await ended;
    assert.deepEqual([adapter.rooms.size, adapter.sids.size], [0, 0]);
  });

  it("a listener that throws or rejects is reported once, with its place, and ends nothing", async () => {
    await using server = await start();
    server.io.of("/chat").on("connection", () => {
      throw new Error("in connection");
    });
    const connection = once<[Socket]>(server.io.of("/chat"), "connection");
    const client = await server.clients.connect({}, "/chat");
    const [socket] = await connection;
    socket.on("throws", () => {
      throw new Error("in throws");
    });
    let called = 0;
    socket.on("throws", () => called++);
    socket.on("rejects", () => Promise.reject(new Error("in rejects")));
    socket.on("disconnect", () => {
      throw new Error("in disconnect");
    });
    client.on("ask", (done) => done());
    client.emit("throws");
    client.emit("rejects");
    await until(() => server.reported.length === 3, "three reports");
    socket.emit("ask", () => {
      throw new Error("in the answer");
    });
    await until(() => server.reported.length === 4, "the fourth report");
    socket.onAny((event) => {
      if (event === "any") throw new Error("in onAny");
    });
    client.emit("any");
    await until(() => server.reported.length === 5, "the fifth report");
    assert.equal(called, 1);
    assert.equal(client.connected, true);
    client.disconnect();
    await until(() => server.reported.length === 6, "the last report");
    const { id } = socket;
    assert.deepEqual(
      server.reported.splice(0).map((
        { error, event, namespace, socket },
      ) => [(error as Error).message, event, namespace, socket]),
      [
        ["in connection", "connection", "/chat", undefined],
        ["in throws", "throws", "/chat", id],
        ["in rejects", "rejects", "/chat", id],
        ["in the answer", "ask", "/chat", id],
        ["in onAny", "any", "/chat", id],
        ["in disconnect", "disconnect", "/chat", id],
      ],
    );
    assert.equal(server.io.of("/chat").sockets.size, 0);
  });

  it("what a socket cannot send throws at the sender, and ends nothing", async () => {
    await using server = await start();
    const [peer, socket] = await join(server, open);
    const loop: unknown[] = [];
    loop.push(loop);
    assert.throws(() => socket.emit("loop", loop));
    assert.throws(() => server.io.emit("big", 1n));
    socket.emit("fine");
    assert.deepEqual(await peer.packets(1), ['2["fine"]']);
  });
}
