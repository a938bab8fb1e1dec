import type { Server } from "../../mod.ts";
import type { RedisAdapter } from "../../server/adapter/redis/mod.ts";
import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { NpmRedisServer, type Work } from "../harness/npm_redis_server.ts";
import type { OfficialSocket } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import { RedisBroker, type RedisSetting } from "../harness/redis_broker.ts";
import { start } from "../harness/started.ts";

/** One of our servers and one of npm, with a client each. */
interface Pair extends AsyncDisposable {
  readonly io: Server;
  readonly npm: NpmRedisServer;
  readonly key: string;
  /** What our server has been told. */
  readonly told: unknown[][];
  /** That of our client. */
  readonly socket: Socket;
  readonly ours: OfficialSocket;
  readonly theirs: OfficialSocket;
  /** Resolves to what each client heard of `say` since, once both have heard all. */
  heard(): Promise<[ours: unknown[], theirs: unknown[]]>;
}

const WEBSOCKET = { transports: ["websocket"] };

/** Opens a pair; the server of npm has the client `npm`. */
export async function openPair(url: string, setting: RedisSetting, npm: string): Promise<Pair> {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(new RedisBroker(url, setting, "sockeye"));
  const { key } = broker;
  const { classic, sharded } = setting;
  const theirServer = stack.use(
    await NpmRedisServer.start({ url, key, client: npm, classic, sharded }),
  );
  const told: unknown[][] = [];
  const { io, clients } = stack.use(
    await start({ adapter: await broker.join() }, (io) => {
      io.on("tell", (...args: unknown[]) => told.push(args));
      io.on("ask", (value: unknown, done: (answer: unknown) => void) => done({ ours: value }));
      io.use((socket, next) => {
        socket.data = { by: "us" };
        next();
      });
    }),
  );
  let counts: unknown[] = [];
  await until(() => {
    Promise.all([
      io.sockets.adapter.serverCount(),
      theirServer.run((io) => io.of("/").adapter.serverCount()),
    ]).then((known) => counts = known);
    return counts.every((count) => count === 2) && counts.length === 2;
  }, "two servers");
  const ours = await clients.connect(WEBSOCKET);
  const theirs = await theirServer.clients.connect(WEBSOCKET);
  let said: [unknown[], unknown[]] = [[], []];
  ours.on("say", (...args) => said[0].push(args.length === 1 ? args[0] : args));
  theirs.on("say", (...args) => said[1].push(args.length === 1 ? args[0] : args));
  const ends = stack.move();
  return {
    ...{ io, npm: theirServer, key, told, ours, theirs },
    socket: io.sockets.sockets.get(ours.id!)!,
    async heard() {
      for (const emit of [() => io.emit("mark"), () => theirServer.run((io) => io.emit("mark"))]) {
        const marks = [ours, theirs].map((client) => once(client, "mark"));
        await emit();
        await Promise.all(marks);
      }
      const before = said;
      said = [[], []];
      return before;
    },
    [Symbol.asyncDispose]: () => ends.disposeAsync(),
  };
}

/** The same for our server, whose source it has to be there. */
function both(work: (io: Server) => unknown): [string, (io: Server) => unknown][] {
  return [["ours", work], ["npm", work]];
}

function run({ io, npm }: Pair, by: string, work: (io: Server) => unknown): unknown {
  return by === "ours" ? work(io) : npm.run(work as Work);
}

/** What a cluster of our servers and those of npm does. */
export function npmRedisSuite(url: string, setting: RedisSetting, npm: string): void {
  it("broadcasts to the sockets of both", async () => {
    await using pair = await openPair(url, setting, npm);
    const { io, socket } = pair;
    await socket.join(["a", "both", "a#b", "*?[a]", "exactly20characters!"]);
    await pair.npm.run((io) =>
      io.sockets.sockets.forEach((socket: Socket) =>
        socket.join(["n", "both", "a#b", "*?[a]", "exactly20characters!", ""])
      )
    );
    await io.fetchSockets();
    const cases: [(io: Server) => unknown, string][] = [
      [(io) => io.emit("say", 1), "us and npm"],
      [(io) => io.to("a").emit("say", 1), "us"],
      [(io) => io.to("n").emit("say", 1), "npm"],
      [(io) => io.to("both").emit("say", 1), "us and npm"],
      [(io) => io.to("both").except("a").emit("say", 1), "npm"],
      [(io) => io.to("both").except("n").emit("say", 1), "us"],
      [(io) => io.to(["a", "n"]).emit("say", 1), "us and npm"],
      [(io) => io.except("a").emit("say", 1), "npm"],
      [(io) => io.to("a#b").emit("say", 1), "us and npm"],
      [(io) => io.to("*?[a]").emit("say", 1), "us and npm"],
      [(io) => io.to("exactly20characters!").emit("say", 1), "us and npm"],
      [(io) => io.to("a#").emit("say", 1), ""],
      [(io) => io.volatile.emit("say", 1), "us and npm"],
      [(io) => io.compress(false).to("both").emit("say", 1), "us and npm"],
      [(io) => io.to("").emit("say", 1), "npm"],
    ];
    for (const [work, whom] of cases) {
      for (const [by] of both(work)) {
        await run(pair, by, work);
        const [us, them] = await pair.heard();
        const names = [us.length > 0 ? "us" : "", them.length > 0 ? "npm" : ""].filter(Boolean);
        assert.equal(names.join(" and "), whom, `${by}: ${work}`);
        assert.ok(us.length < 2 && them.length < 2, `${by}: ${work}`);
      }
    }
    io.local.emit("say", 1);
    assert.deepEqual(await pair.heard(), [[1], []]);
    await pair.npm.run((io) => io.local.emit("say", 1));
    assert.deepEqual(await pair.heard(), [[], [1]]);
    io.to(pair.theirs.id!).emit("say", 2);
    assert.deepEqual(await pair.heard(), [[], [2]]);
    socket.broadcast.emit("say", 3);
    assert.deepEqual(await pair.heard(), [[], [3]]);
    await pair.npm.run((io) =>
      io.sockets.sockets.forEach((socket: Socket) => socket.to("both").emit("say", 4))
    );
    assert.deepEqual(await pair.heard(), [[4], []]);
  });

  it("carries every kind of value both ways", async () => {
    await using pair = await openPair(url, setting, npm);
    const works: ((io: Server) => unknown)[] = [
      (io) => io.emit("say", "ü 🦦", [1, 2.5, -7, 2 ** 40, true, null], { deep: { er: [{}] } }),
      (io) => io.emit("say", new Uint8Array([1, 2, 250]), { list: [new Uint8Array(300).fill(7)] }),
      (io) => io.emit("say", "y".repeat(100_000)),
      (io) => io.emit("say"),
      (io) => io.emit("say", undefined, null),
      (io) => io.emit("say", new Date(0)),
    ];
    for (const work of works) {
      for (const [by] of both(work)) {
        await run(pair, by, work);
        const [us, them] = await pair.heard();
        assert.equal(us.length, 1, `${by}: ${work}`);
        assert.deepEqual(plain(us), plain(them), `${by}: ${work}`);
      }
    }
  });

  it("collects the acknowledgements of the sockets of both", async () => {
    await using pair = await openPair(url, setting, npm);
    for (const [name, client] of [["us", pair.ours], ["npm", pair.theirs]] as const) {
      client.on("ask", (value, done) => done({ name, value }));
      client.on("bytes", (done) => done(new Uint8Array([name.length])));
      client.on("nothing", (done) => done());
    }
    const ask = (io: Server) => io.timeout(8000).emitWithAck("ask", 5);
    const bytes = async (io: Server) =>
      (await io.timeout(8000).emitWithAck("bytes")).map((answer: Uint8Array) => answer[0]);
    const nothing = async (io: Server) =>
      (await io.timeout(8000).emitWithAck("nothing") as unknown[]).length;
    for (const [by] of both(ask)) {
      const answers = await run(pair, by, ask) as { name: string }[];
      assert.deepEqual(answers.sort((a, b) => a.name < b.name ? -1 : 1), [
        { name: "npm", value: 5 },
        { name: "us", value: 5 },
      ], by);
      assert.deepEqual((await run(pair, by, bytes) as number[]).sort(), [2, 3], by);
      assert.equal(await run(pair, by, nothing), 2, by);
    }
  });

  it("fetches, moves and ends the sockets of both", async () => {
    await using pair = await openPair(url, setting, npm);
    const { io, socket, ours, theirs } = pair;
    const fetch = async (io: Server) =>
      (await io.fetchSockets()).map(({ id, data, rooms, handshake }) => ({
        ...{ id, data, rooms: [...rooms].sort(), EIO: handshake.query.EIO },
      }));
    const join = (io: Server) => io.in("x").socketsJoin(["y", "z"]);
    const leave = (io: Server) => io.socketsLeave("y");
    await pair.npm.run((io) =>
      io.sockets.sockets.forEach((socket: Socket) => socket.join(["x", "n"]))
    );
    await socket.join(["x", "o"]);
    for (const [by] of both(fetch)) {
      await run(pair, by, join);
      await pair.heard();
      await run(pair, by, leave);
      await pair.heard();
      const found = await run(pair, by, fetch) as { id: string }[];
      assert.deepEqual(found.sort(({ id }) => id === ours.id ? -1 : 1), [
        { id: ours.id, data: { by: "us" }, rooms: [ours.id!, "x", "o", "z"].sort(), EIO: "4" },
        { id: theirs.id, data: { by: "npm" }, rooms: [theirs.id!, "x", "n", "z"].sort(), EIO: "4" },
      ], by);
      io.socketsLeave("z");
      await pair.heard();
    }
    if (setting.sharded === undefined) {
      const expected = [ours.id!, theirs.id!, "x", "o", "n"].sort();
      assert.deepEqual([...await (io.sockets.adapter as RedisAdapter).allRooms()].sort(), expected);
      const rooms = await pair.npm.run(async (io) => [
        ...await (io.sockets.adapter as RedisAdapter).allRooms(),
      ]) as string[];
      assert.deepEqual(rooms.sort(), expected);
    }
    const gone = [ours, theirs].map((client) => once(client, "disconnect"));
    io.in("n").disconnectSockets(true);
    await gone[1];
    await pair.npm.run((io) => io.in("o").disconnectSockets());
    assert.deepEqual((await gone[0])![0], "io server disconnect");
    assert.equal((await io.fetchSockets()).length, 0);
  });

  it("has the servers talk to each other", async () => {
    await using pair = await openPair(url, setting, npm);
    const { io, told } = pair;
    const ask = (io: Server) => io.serverSideEmitWithAck("ask", 5);
    assert.deepEqual(await ask(io), [{ npm: 5 }]);
    assert.deepEqual(await pair.npm.run(ask), [{ ours: 5 }]);
    io.serverSideEmit("tell", 1, { two: [2] });
    io.serverSideEmit("tell", new Uint8Array([1, 2]));
    await io.serverSideEmitWithAck("ask", 0);
    assert.deepEqual(
      await pair.npm.run((_io, told) => [told[0], [[...told[1]![0] as Uint8Array]]]),
      [[1, { two: [2] }], [[1, 2]]],
    );
    await pair.npm.run((io) => io.serverSideEmit("tell", 1, { two: [2] }));
    await pair.npm.run(ask);
    assert.deepEqual(told, [[1, { two: [2] }]]);
  });
}

/** Bytes as a list, which are a Buffer or not, by runtime. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
