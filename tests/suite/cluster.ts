import type { Server } from "../../mod.ts";
import type { AdapterFactory } from "../../server/adapter/mod.ts";
import type { Namespace, Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import type { OfficialSocket } from "../harness/official.ts";
import { once } from "../harness/once.ts";
import { untilServers } from "../harness/server_count.ts";
import { start, type Started } from "../harness/started.ts";

/** A broker, or what stands for one, that servers of a test share and that ends with the test. */
export interface Broker extends AsyncDisposable {
  /** Whether clients may come back to another server; then events carry an offset. */
  readonly recovers?: boolean;
  /** Makes what one more server is given as its adapter. */
  join(options?: { readonly requestsTimeout?: number }): AdapterFactory | Promise<AdapterFactory>;
}

/** Servers of one cluster, each with a client. */
interface Cluster extends AsyncDisposable {
  readonly servers: Started[];
  readonly ios: Server[];
  readonly clients: OfficialSocket[];
  /** The sockets of the servers, for the clients in their order. */
  readonly sockets: Socket[];
  /** Resolves once each has heard all that was said before, to what each heard of `say` since. */
  heard(): Promise<unknown[][]>;
}

const WEBSOCKET = { transports: ["websocket"] };

interface Options {
  readonly requestsTimeout?: number;
  readonly size?: number;
  readonly setUp?: (io: Server, index: number) => void;
}

async function cluster(broker: Broker, options: Options = {}): Promise<Cluster> {
  const { size = 3, setUp, ...adapterOptions } = options;
  const stack = new AsyncDisposableStack();
  const servers: Started[] = [];
  for (let i = 0; i < size; i++) {
    const adapter = await broker.join(adapterOptions);
    const recovery = broker.recovers === true ? { connectionStateRecovery: true } : {};
    servers.push(stack.use(await start({ adapter, ...recovery }, (io) => setUp?.(io, i))));
  }
  const ios = servers.map(({ io }) => io);
  await Promise.all(ios.map((io) => complete(io.sockets, size)));
  const clients: OfficialSocket[] = [];
  const sockets: Socket[] = [];
  let heard: unknown[][] = ios.map(() => []);
  for (const [i, server] of servers.entries()) {
    const client = await server.clients.connect(WEBSOCKET);
    client.on("say", (...args) => {
      if (broker.recovers) assert.match(String(args.pop()), /^\d+-\d+$/);
      heard[i]!.push(args.length === 1 ? args[0] : args);
    });
    clients.push(client);
    sockets.push(server.io.sockets.sockets.get(client.id!)!);
  }
  return {
    servers,
    ios,
    clients,
    sockets,
    async heard() {
      // Each server says it to everybody, behind all that it has said.
      for (const io of ios) {
        const marks = clients.map((client) => once(client, "mark"));
        io.emit("mark");
        await Promise.all(marks);
      }
      const before = heard;
      heard = ios.map(() => []);
      return before;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Resolves once a namespace of a server knows of as many servers. */
async function complete(namespace: Namespace, size: number): Promise<void> {
  await (namespace.adapter as unknown as { readonly ready: Promise<void> }).ready;
  await untilServers(namespace, size);
}

function numbers(heard: unknown[][]): string {
  return heard.map((values, i) => values.length === 0 ? "" : `${i}`.repeat(values.length)).join("");
}

/** What every adapter between servers does. */
export function clusterSuite(open: () => Broker | Promise<Broker>): void {
  it("reaches the sockets of all servers, each once", async () => {
    await using broker = await open();
    await using all = await cluster(broker);
    const [io] = all.ios as [Server];
    const [one, two, three] = all.sockets as [Socket, Socket, Socket];
    await Promise.all([one.join(["a", "b"]), two.join("a"), three.join("b")]);
    const cases: [() => unknown, string][] = [
      [() => io.emit("say", 1), "012"],
      [() => io.to("a").emit("say", 1), "01"],
      [() => io.in(["a", "b"]).emit("say", 1), "012"],
      [() => io.to("a").to("b").except("b").emit("say", 1), "1"],
      [() => io.except("a").emit("say", 1), "2"],
      [() => io.to(three.id).emit("say", 1), "2"],
      [() => io.to("nobody").emit("say", 1), ""],
      [() => io.local.emit("say", 1), "0"],
      [() => io.to("a").local.emit("say", 1), "0"],
      [() => io.volatile.emit("say", 1), "012"],
      [() => io.compress(false).to("b").emit("say", 1), "02"],
      [() => io.send("hello"), ""],
      [() => two.broadcast.emit("say", 1), "02"],
      [() => two.to("a").emit("say", 1), "0"],
      [() => two.to("b").emit("say", 1), "02"],
      [() => two.except("b").emit("say", 1), ""],
      [() => two.emit("say", 1), "1"],
    ];
    for (const [say, whom] of cases) {
      say();
      assert.equal(numbers(await all.heard()), whom, String(say));
    }
  });

  it("carries every kind of value and any name", async () => {
    await using broker = await open();
    await using all = await cluster(broker, { size: 2 });
    const [io] = all.ios as [Server];
    const rooms = ["a#b", "ünï cödé 🦦", "twenty characters ok", "x".repeat(300), "socket.io#/#"];
    const values: [unknown, unknown][] = [
      ["text \u2028 🦦", "text \u2028 🦦"],
      [null, null],
      [{ deep: [{ deeper: [1, 2.5, -3, true] }] }, { deep: [{ deeper: [1, 2.5, -3, true] }] }],
      ["y".repeat(100_000), "y".repeat(100_000)],
      [new Uint8Array([1, 2, 250]), [1, 2, 250]],
      [{ bytes: new Uint8Array([3]), list: [new Uint8Array([4])] }, { bytes: [3], list: [[4]] }],
      [new Uint16Array([0x0201]), [1, 2]],
      [new Uint8Array([7, 8]).buffer, [7, 8]],
      [new Uint8Array(30_000).fill(9), [...new Uint8Array(30_000).fill(9)]],
      [{ __proto__: null, plain: 1 }, { plain: 1 }],
    ];
    for (const room of rooms) {
      await all.sockets[1]!.join(room);
      // Where a server listens to a room, it may take a while until it does.
      await io.in(room).fetchSockets();
      io.to(room).emit("say", room);
      assert.deepEqual((await all.heard())[1], [room]);
    }
    for (const [sent, received] of values) {
      io.emit("say", sent);
      const [one, two] = await all.heard() as [unknown[], unknown[]];
      assert.deepEqual(listed(one), [received]);
      assert.deepEqual(listed(two), [received]);
    }
  });

  it("carries a Blob, and keeps the order behind it", async () => {
    await using broker = await open();
    await using all = await cluster(broker, { size: 2 });
    const [io, other] = all.ios as [Server, Server];
    io.emit("say", "before");
    io.emit("say", { blob: new Blob(["abc"]), list: [new Blob(["d"]), 1] });
    io.emit("say", "behind");
    other.on("tell", async (value: unknown, done: (blob: Blob) => void) => {
      await Promise.resolve();
      assert.deepEqual(listed(value), [101]);
      done(new Blob(["f"]));
    });
    assert.deepEqual(listed(await io.serverSideEmitWithAck("tell", new Blob(["e"]))), [[102]]);
    assert.deepEqual(
      listed(await all.heard()),
      Array(2).fill([
        "before",
        { blob: [97, 98, 99], list: [[100], 1] },
        "behind",
      ]),
    );
  });

  it("keeps the order in which each server speaks", async () => {
    await using broker = await open();
    await using all = await cluster(broker);
    for (let i = 0; i < 200; i++) {
      for (const [from, io] of all.ios.entries()) {
        io.to(all.sockets.map(({ id }) => id)).emit("say", from, i);
        if (i % 7 === 0) io.emit("say", from, new Uint8Array([i]));
      }
    }
    const expected: unknown[] = [];
    for (let i = 0; i < 200; i++) {
      expected.push(i);
      if (i % 7 === 0) expected.push([i]);
    }
    for (const heard of await all.heard() as [number, unknown][][]) {
      for (const from of all.ios.keys()) {
        const values = heard.filter(([by]) => by === from).map(([, value]) => listed(value));
        assert.deepEqual(values, expected);
      }
    }
  });

  it("collects the acknowledgements of all sockets", async () => {
    await using broker = await open();
    await using all = await cluster(broker);
    const [io] = all.ios as [Server];
    for (const [i, client] of all.clients.entries()) {
      client.on("ask", (value, done) => done({ i, value }));
      client.on("bytes", (done) => done(new Uint8Array([i])));
      client.on("nothing", (done) => done());
    }
    await Promise.all([all.sockets[1]!.join("a"), all.sockets[2]!.join("a")]);
    const sorted = (answers: { i: number }[]) => answers.sort((a, b) => a.i - b.i);
    assert.deepEqual(sorted(await io.timeout(10_000).emitWithAck("ask", 5)), [
      { i: 0, value: 5 },
      { i: 1, value: 5 },
      { i: 2, value: 5 },
    ]);
    assert.deepEqual(sorted(await io.to("a").timeout(10_000).emitWithAck("ask", 6)), [
      { i: 1, value: 6 },
      { i: 2, value: 6 },
    ]);
    assert.deepEqual(await io.to("nobody").timeout(10_000).emitWithAck("ask", 6), []);
    const others = await all.sockets[0]!.broadcast.timeout(10_000).emitWithAck("bytes");
    assert.deepEqual(listed((others as Uint8Array[]).sort(([a], [b]) => a! - b!)), [[1], [2]]);
    assert.equal((await io.timeout(10_000).emitWithAck("nothing")).length, 3);
    assert.deepEqual(await io.local.timeout(10_000).emitWithAck("ask", 7), [{ i: 0, value: 7 }]);
  });

  it("asks behind all that it has sent before", async () => {
    await using broker = await open();
    await using all = await cluster(broker, {
      setUp: (io) => {
        const size = (room: string) => io.sockets.adapter.rooms.get(room)?.size ?? 0;
        io.on("how many?", (room, done) => done(size(room)));
      },
    });
    const [io] = all.ios as [Server];
    const last = all.clients.map(() => -1);
    for (const [i, client] of all.clients.entries()) {
      client.on("count", (value) => last[i] = value);
      client.on("ask", (done) => done(last[i]));
    }
    for (let i = 0; i < 20; i++) {
      const room = `room ${i}`;
      io.emit("count", i);
      assert.deepEqual(await io.timeout(10_000).emitWithAck("ask"), [i, i, i]);
      io.socketsJoin(room);
      assert.deepEqual(await io.to(room).timeout(10_000).emitWithAck("ask"), [i, i, i]);
      io.socketsLeave(room);
      io.socketsJoin([room, "all"]);
      assert.deepEqual(await io.serverSideEmitWithAck("how many?", room), [1, 1]);
      io.socketsLeave(room);
      const others = io.in("all").except(room).except(all.sockets[0]!.id);
      assert.equal((await others.fetchSockets()).length, 2);
    }
  });

  it("tells who did not answer in time, with the answers that came", async () => {
    await using broker = await open();
    await using all = await cluster(broker, { size: 2 });
    all.clients[0]!.on("ask", () => {});
    all.clients[1]!.on("ask", (done) => done("here"));
    await assert.rejects(
      all.ios[0]!.timeout(500).emitWithAck("ask"),
      ({ message, responses }: Error & { responses: unknown[] }) => {
        assert.equal(message, "operation has timed out");
        assert.deepEqual(responses, ["here"]);
        return true;
      },
    );
  });

  it("fetches, moves, addresses and ends the sockets of all servers", async () => {
    await using broker = await open();
    await using all = await cluster(broker, {
      setUp: (io, i) => {
        io.use((socket, next) => {
          socket.data = { i, list: [1, { two: 2 }] };
          next();
        });
      },
    });
    const [io] = all.ios as [Server];
    await all.sockets[2]!.join(["a", "b"]);
    const found = await io.fetchSockets();
    assert.deepEqual(new Set(found.map(({ id }) => id)), new Set(all.sockets.map(({ id }) => id)));
    const remote = found.find(({ id }) => id === all.sockets[2]!.id)!;
    assert.deepEqual(remote.data, { i: 2, list: [1, { two: 2 }] });
    assert.deepEqual([...remote.rooms].sort(), [remote.id, "a", "b"].sort());
    assert.equal(remote.handshake.query.EIO, "4");
    assert.deepEqual(await io.allSockets(), new Set(all.sockets.map(({ id }) => id)));
    assert.equal((await io.local.fetchSockets()).length, 1);

    io.in("a").socketsJoin(["c", "d"]);
    io.socketsLeave("b");
    await all.heard();
    assert.deepEqual(all.sockets[2]!.rooms, new Set([remote.id, "a", "c", "d"]));
    remote.join("e");
    remote.leave("c");
    remote.emit("say", "to you");
    assert.deepEqual(await all.heard(), [[], [], ["to you"]]);
    assert.deepEqual(all.sockets[2]!.rooms, new Set([remote.id, "a", "d", "e"]));
    all.clients[2]!.on("ask", (value, done) => done(value + 1));
    assert.equal(await remote.timeout(10_000).emitWithAck("ask", 1), 2);
    // Without a timeout, too.
    const answer = await new Promise<unknown[]>((resolve) =>
      remote.emit("ask", 4, (...args: unknown[]) => resolve(args))
    );
    assert.deepEqual(answer, [null, 5]);

    const ends = [1, 2].map((i) => once(all.clients[i]!, "disconnect"));
    remote.disconnect(true);
    io.in(all.sockets[1]!.id).disconnectSockets();
    const [[second], [third]] = await Promise.all(ends) as [[string], [string]];
    assert.equal(second, "io server disconnect");
    assert.ok(third === "transport close" || third === "io server disconnect");
    assert.deepEqual((await io.fetchSockets()).map(({ id }) => id), [all.sockets[0]!.id]);
  });

  it("has servers talk to each other", async () => {
    const heard: unknown[][] = [[], [], []];
    await using broker = await open();
    await using all = await cluster(broker, {
      setUp: (io, i) => {
        io.on("tell", (...args: unknown[]) => heard[i]!.push(args));
        io.on("ask", (value: number, done: (answer: unknown) => void) => {
          done({ i, value });
          done("not again");
        });
        io.on("done", (done: () => void) => done());
      },
    });
    const [io] = all.ios as [Server];
    assert.equal(io.serverSideEmit("tell", 1, "two", { three: [3] }), true);
    io.serverSideEmit("tell", new Uint8Array([1, 2]));
    const answers = await io.serverSideEmitWithAck("ask", 5) as { i: number }[];
    assert.deepEqual(answers.sort((a, b) => a.i - b.i), [{ i: 1, value: 5 }, { i: 2, value: 5 }]);
    assert.deepEqual(listed(heard), [[], [[1, "two", { three: [3] }], [[1, 2]]], [
      [1, "two", { three: [3] }],
      [[1, 2]],
    ]]);
    assert.equal((await io.serverSideEmitWithAck("done")).length, 2);
    const told = Promise.withResolvers<unknown[]>();
    io.serverSideEmit("ask", 6, (...args: unknown[]) => told.resolve(args));
    assert.equal((await told.promise as [null, unknown[]])[1].length, 2);
  });

  it("names the servers that did not answer in time", async () => {
    await using broker = await open();
    await using all = await cluster(broker, {
      requestsTimeout: 500,
      setUp: (io, i) => i === 1 && io.on("ask", (done: (answer: number) => void) => done(1)),
    });
    await assert.rejects(
      all.ios[0]!.serverSideEmitWithAck("ask"),
      ({ message, responses }: Error & { responses: unknown[] }) => {
        assert.match(
          message,
          /^timeout reached: (missing 1 responses|only 1 responses received out of 2)$/,
        );
        assert.deepEqual(responses, [1]);
        return true;
      },
    );
  });

  it("keeps namespaces apart, also those that only some servers have", async () => {
    const joined: (void | Promise<void>)[] = [];
    await using broker = await open();
    await using all = await cluster(broker, {
      size: 2,
      setUp: (io, i) => {
        io.of("/both").on("connection", (socket) => joined.push(socket.join("room")));
        if (i === 0) io.of("/one");
      },
    });
    const [io, other] = all.ios as [Server, Server];
    await Promise.all(all.ios.map((io) => complete(io.of("/both"), 2)));
    const both = await Promise.all(
      all.servers.map(({ clients }) => clients.connect(WEBSOCKET, "/both")),
    );
    await Promise.all(joined);
    const heard: unknown[] = [];
    for (const client of both) client.on("say", (value) => heard.push(value));
    io.of("/one").emit("say", "not you");
    io.to("room").emit("say", "nor you");
    const said = both.map((client) => once(client, "said"));
    other.of("/both").to("room").emit("say", "you");
    other.of("/both").emit("said");
    await Promise.all(said);
    assert.deepEqual(heard, ["you", "you"]);
    assert.deepEqual(await all.heard(), [[], []]);
    assert.equal((await io.of("/both").fetchSockets()).length, 2);
    assert.equal((await io.of("/one").fetchSockets()).length, 0);
  });

  it("counts the servers, and goes on when one leaves", async () => {
    await using broker = await open();
    await using all = await cluster(broker);
    const [io, , last] = all.ios as [Server, Server, Server];
    const gone = once(all.clients[2]!, "disconnect");
    await last.close();
    await gone;
    await complete(io.sockets, 2);
    assert.equal((await io.fetchSockets()).length, 2);
    for (const client of all.clients) client.on("ask", (done) => done("here"));
    assert.deepEqual(await io.timeout(10_000).emitWithAck("ask"), ["here", "here"]);
  });
}

/** The same with a list for each that holds bytes, which clients have as a `Buffer`. */
function listed(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) {
    return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  }
  if (Array.isArray(value)) return value.map(listed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, listed(item)]));
}
