import type { Server } from "../../../mod.ts";
import type { Socket } from "../../../server/namespace/mod.ts";
import { encodeStandardValue } from "../../../parser/msgpack/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { comeBack, insides, listen, lose } from "../../harness/moving.ts";
import type { OfficialSocket } from "../../harness/official.ts";
import { once, until } from "../../harness/once.ts";
import type { Package } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { start, type Started } from "../../harness/started.ts";
import { StreamsBroker } from "../../harness/streams_broker.ts";

const { url, SKIP } = await find("redis");

interface Pair extends AsyncDisposable {
  readonly broker: StreamsBroker;
  readonly one: Started;
  readonly two: Started;
  readonly client: OfficialSocket;
  /** The socket of the client on the first server. */
  readonly socket: Socket;
}

interface Options {
  readonly adapter?: { readonly maxLen?: number; readonly streamCount?: number };
  readonly server?: { readonly skipMiddlewares?: boolean };
  readonly setUp?: (io: Server, index: number) => void;
  readonly auth?: Record<string, unknown>;
  readonly path?: string;
}

/** Two servers, and a client of the first one. */
async function pair(name: Package = "redis", options: Options = {}): Promise<Pair> {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await StreamsBroker.open(name, url, true));
  const servers: Started[] = [];
  const { path = "/" } = options;
  for (let i = 0; i < 2; i++) {
    const adapter = await broker.join(options.adapter);
    const connectionStateRecovery = { maxDisconnectionDuration: 60_000, ...options.server };
    const setUp = (io: Server) => {
      io.of(path);
      options.setUp?.(io, i);
    };
    const server = stack.use(await start({ adapter, connectionStateRecovery }, setUp));
    await (server.io.of(path).adapter as unknown as { readonly ready: Promise<void> }).ready;
    servers.push(server);
  }
  const [one, two] = servers as [Started, Started];
  const auth = options.auth ?? {};
  const client = await one.clients.connect({ transports: ["websocket"], auth }, path);
  const socket = one.io.of(path).sockets.get(client.id!)!;
  return { broker, one, two, client, socket, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Waits until a client has got all that a server has sent. */
async function heardAll(io: Server, client: OfficialSocket): Promise<void> {
  const marked = once(client, "mark");
  io.emit("mark");
  await marked;
}

describe("a client that comes back to another server", SKIP, () => {
  for (const name of ["redis", "ioredis"] as const) {
    it(`has its id, rooms, data, and what it missed, once and in order, by ${name}`, async () => {
      await using all = await pair(name);
      const { broker, one, two, client, socket } = all;
      const heard = listen(client, "say");
      socket.join(["a", "b"]);
      socket.data = { name: "Ada", at: new Date(5), bytes: new Uint8Array([1]) };
      two.io.emit("say", 0);
      await until(() => heard.length === 1, "the first event");
      const { id } = client;
      await lose(client, broker);
      one.io.emit("say", 1);
      one.io.to("a").emit("say", 2);
      one.io.to("c").emit("say", "not for it");
      one.io.to("b").except("a").emit("say", "not for it");
      await heardAll(one.io, await one.clients.connect());
      two.io.to(["a", "b"]).emit("say", 3);
      two.io.to(id!).emit("say", { bytes: new Uint8Array([4]) });
      two.io.volatile.emit("say", "lost");
      two.io.of("/other").emit("say", "not for it");
      two.io.timeout(100).emitWithAck("say", "asked").catch(() => {});
      await heardAll(two.io, await two.clients.connect());
      const connection = once<[Socket]>(two.io, "connection");
      await comeBack(client, two.url);
      const [back] = await connection;
      assert.deepEqual([client.id, client.recovered, back.recovered], [id, true, true]);
      assert.deepEqual(back.rooms, new Set([id, "a", "b"]));
      assert.deepEqual(back.data, { name: "Ada", at: new Date(5), bytes: new Uint8Array([1]) });
      two.io.to("b").emit("say", 5);
      one.io.to("a").emit("say", 6);
      await until(() => heard.length >= 7, "all events");
      await heardAll(one.io, client);
      const bytes = (heard[4] as { bytes: Uint8Array }).bytes;
      assert.deepEqual([...bytes], [4]);
      heard[4] = 4;
      assert.deepEqual(heard, [0, 1, 2, 3, 4, 5, 6]);
    });
  }

  it("gets all since its session began, if it had got nothing", async () => {
    await using all = await pair();
    const { broker, one, two, client } = all;
    const heard = listen(client, "say");
    assert.equal(insides(client)._lastOffset, undefined);
    await lose(client, broker);
    one.io.emit("say", 1);
    await comeBack(client, two.url);
    assert.equal(client.recovered, true);
    await until(() => heard.length === 1, "what it missed");
    assert.deepEqual(heard, [1]);
  });

  it("gets nothing from before its session, whatever offset it names", async () => {
    await using all = await pair();
    const { broker, one, two } = all;
    two.io.of("/other").emit("say", "not for it");
    two.io.emit("say", "from before");
    const client = await one.clients.connect({ transports: ["websocket"] });
    await heardAll(two.io, client);
    const late = await one.clients.connect({ transports: ["websocket"] });
    const heard = listen(late, "say");
    const { id } = late;
    await lose(late, broker);
    two.io.emit("say", 1);
    insides(late)._lastOffset = "0-0";
    await comeBack(late, two.url);
    await heardAll(two.io, late);
    assert.deepEqual([late.id, late.recovered, heard], [id, true, [1]]);
  });

  it("can go to and fro", async () => {
    await using all = await pair();
    const { broker, one, two, client } = all;
    const heard = listen(client, "say");
    const { id } = client;
    const expected: number[] = [];
    for (let i = 0; i < 6; i++) {
      const [here, there] = i % 2 === 0 ? [one, two] : [two, one];
      here.io.emit("say", 3 * i);
      await heardAll(here.io, client);
      await lose(client, broker);
      there.io.emit("say", 3 * i + 1);
      here.io.emit("say", 3 * i + 2);
      await comeBack(client, there.url);
      assert.deepEqual([client.id, client.recovered], [id, true]);
      await heardAll(here.io, client);
      expected.push(3 * i, 3 * i + 1, 3 * i + 2);
      // Two servers speak at once.
      assert.deepEqual([...heard as number[]].sort((a, b) => a - b), expected);
    }
  });

  it("gets what is sent while a middleware thinks, and holds to what is done meanwhile", async () => {
    const asked = Promise.withResolvers<() => void>();
    await using all = await pair("redis", {
      server: { skipMiddlewares: false },
      setUp: (io, i) => io.use((_, next) => i === 0 ? next() : asked.resolve(next)),
    });
    const { broker, one, two, client, socket } = all;
    const heard = listen(client, "say");
    socket.join(["a", "b"]);
    await heardAll(one.io, client);
    const { id } = client;
    await lose(client, broker);
    one.io.in("a").socketsJoin("c");
    one.io.in(id!).socketsLeave("b");
    one.io.to("c").emit("say", 1);
    one.io.to("b").emit("say", "not for it");
    insides(client).io.uri = two.url;
    const connected = once(client, "connect");
    client.connect();
    const next = await asked.promise;
    const other = await one.clients.connect();
    one.io.in("c").socketsJoin("d");
    two.io.to("d").emit("say", "lost in no case, but in which order is open");
    one.io.to("d").emit("say", 2);
    await heardAll(one.io, other);
    next();
    await connected;
    assert.deepEqual([client.recovered, client.id], [true, id]);
    await heardAll(one.io, client);
    assert.deepEqual(heard.filter((value) => typeof value === "number"), [1, 2]);
    assert.deepEqual(two.io.sockets.sockets.get(id!)?.rooms, new Set([id, "a", "c", "d"]));
  });

  it("begins anew when its session was ended meanwhile", async () => {
    await using all = await pair();
    const { broker, one, two, client } = all;
    await heardAll(one.io, client);
    const { id } = client;
    await lose(client, broker);
    one.io.in(id!).disconnectSockets();
    await heardAll(one.io, await one.clients.connect());
    await comeBack(client, two.url);
    assert.deepEqual([client.recovered, client.id === id], [false, false]);
  });

  it("begins anew when its offset is gone, is none, or its session is unknown", async () => {
    await using all = await pair("redis", { adapter: { maxLen: 150 } });
    const { broker, one, two, client } = all;
    const at = async (offset: string) => {
      await heardAll(one.io, client);
      await lose(client, broker);
      insides(client)._lastOffset = offset;
      await comeBack(client, two.url);
      const { recovered } = client;
      client.disconnect();
      await comeBack(client, one.url);
      return recovered;
    };
    for (const offset of ["1-0", "9".repeat(40), "99999999999999-0", "x", "-", "+", "* 5"]) {
      assert.equal(await at(offset), false, offset);
    }
    await heardAll(one.io, client);
    const offset = insides(client)._lastOffset!;
    await lose(client, broker);
    // Streams are cut by whole nodes, of 100 entries.
    const other = await one.clients.connect();
    for (let i = 0; i < 400; i++) {
      one.io.emit("fill");
      if (i % 50 === 0) await heardAll(one.io, other);
    }
    await heardAll(one.io, other);
    await comeBack(client, two.url);
    assert.equal(client.recovered, false);
    for (const pid of ["0".repeat(20), "", "x", "../*", "a b\r\nc".repeat(5), "é".repeat(20)]) {
      client.disconnect();
      Object.assign(insides(client), { _pid: pid, _lastOffset: offset });
      await comeBack(client, two.url);
      assert.equal(client.recovered, false, pid);
    }
  });

  it("comes back once with a session", async () => {
    await using all = await pair();
    const { broker, one, two, client } = all;
    await heardAll(one.io, client);
    const { _pid, _lastOffset } = insides(client);
    await lose(client, broker);
    const rivals = await Promise.all([one, two].map(async ({ clients }) => {
      const rival = clients.open({
        transports: ["websocket"],
        auth: { pid: _pid, offset: _lastOffset },
      });
      await once(rival, "connect");
      return rival;
    }));
    const ids = rivals.map(({ id }) => id);
    assert.equal(new Set(ids).size, 2);
    const sockets = [one, two].flatMap(({ io }) => [...io.sockets.sockets.values()]);
    assert.deepEqual(sockets.map(({ recovered }) => recovered).sort(), [false, true]);
  });

  it("has no session in another namespace", async () => {
    await using all = await pair();
    const { broker, one, two, client } = all;
    await heardAll(one.io, client);
    const { _pid: pid, _lastOffset: offset } = insides(client);
    await lose(client, broker);
    two.io.of("/other");
    const connection = once<[Socket]>(two.io.of("/other"), "connection");
    await two.clients.connect({ auth: { pid, offset } }, "/other");
    assert.equal((await connection)[0].recovered, false);
  });

  it("takes the place of its old connection, which seems to live", async () => {
    await using all = await pair();
    const { one, client, socket } = all;
    socket.join("a");
    await heardAll(one.io, client);
    const { _pid: pid, _lastOffset: offset } = insides(client);
    const gone = once(socket, "disconnect");
    const connection = once<[Socket]>(one.io, "connection");
    await one.clients.connect({ auth: { pid, offset } });
    const [back] = await connection;
    assert.deepEqual([back.recovered, back.id, (await gone)[0]], [
      true,
      socket.id,
      "transport close",
    ]);
    assert.deepEqual(back.rooms, new Set([back.id, "a"]));
  });

  it("comes back to a namespace that its new server has not made yet", async () => {
    const rule = /^\/room-\d+$/;
    await using all = await pair("redis", { setUp: (io) => void io.of(rule) });
    const { broker, one, two } = all;
    const client = await one.clients.connect({ transports: ["websocket"] }, "/room-1");
    const heard = listen(client, "say");
    const { id } = client;
    one.io.of("/room-1").emit("say", 1);
    await until(() => heard.length === 1, "the first event");
    one.io.of("/room-2").emit("say", "not for it");
    await lose(client, broker);
    one.io.of("/room-1").emit("say", 2);
    await comeBack(client, `${two.url}/room-1`);
    await until(() => heard.length === 2, "what it missed");
    assert.deepEqual([client.id, client.recovered, heard], [id, true, [1, 2]]);
  });

  it("keeps no session after a disconnect of either side, but when a server ends", async () => {
    await using all = await pair();
    const { broker, one, two, client } = all;
    const exists = async (pid: string) =>
      await broker.redis.command("", ["EXISTS", broker.sessionKey(pid)]);
    const others = await Promise.all([1, 2].map(() => one.clients.connect()));
    const [byClient, byServer] = others.map((other) => insides(other)._pid!) as [string, string];
    const ended = others.map((other) => once(one.io.sockets.sockets.get(other.id!)!, "disconnect"));
    one.io.sockets.sockets.get(others[1]!.id!)!.disconnect();
    others[0]!.disconnect();
    await Promise.all(ended);
    await heardAll(one.io, client);
    const gone = once(client, "disconnect");
    await one.io.close();
    await gone;
    assert.deepEqual([await exists(byClient), await exists(byServer)], [0, 0]);
    assert.equal(await exists(insides(client)._pid!), 1);
    two.io.emit("mark");
    await comeBack(client, two.url);
    assert.equal(client.recovered, true);
  });

  it("passes the middlewares again with other credentials", async () => {
    const asked: unknown[] = [];
    await using all = await pair("redis", {
      auth: { token: "a", list: [{ deep: 1 }] },
      setUp: (io) =>
        io.use((socket, next) => {
          asked.push(socket.handshake.auth.token);
          next();
        }),
    });
    const { broker, one, two, client } = all;
    await heardAll(one.io, client);
    await lose(client, broker);
    await comeBack(client, two.url);
    assert.deepEqual([client.recovered, asked], [true, ["a"]]);
    await lose(client, broker);
    client.auth = { token: "b" };
    await comeBack(client, one.url);
    assert.deepEqual([client.recovered, asked], [true, ["a", "b"]]);
  });

  it("keeps the order of all that is sent to it", async () => {
    await using all = await pair();
    const { one, client, socket } = all;
    const heard: unknown[] = [];
    client.onAny((event, ...args) => heard.push([event, args[0]]));
    client.on("ask", (_, done) => done());
    const expected: unknown[] = [];
    for (let i = 0; i < 20; i++) {
      socket.emit("one", i);
      const answer = socket.emitWithAck("ask", i);
      one.io.emit("all", i);
      one.io.local.emit("local", i);
      socket.compress(false).emit("plain", i);
      if (i % 5 === 0) await answer;
      for (const event of ["one", "ask", "all", "local", "plain"]) expected.push([event, i]);
    }
    socket.emit("last", 1);
    await once(client, "last");
    assert.deepEqual(heard.slice(0, -1), expected);
  });

  it("hears what was sent ahead of its end", async () => {
    await using all = await pair();
    const { one, client, socket } = all;
    const heard = listen(client, "say");
    const gone = once(client, "disconnect");
    socket.emit("say", 1);
    one.io.emit("say", 2);
    one.io.to("elsewhere").emit("say", "not for it");
    socket.emit("say", 3);
    socket.disconnect();
    assert.equal((await gone)[0], "io server disconnect");
    assert.deepEqual(heard, [1, 2, 3]);
  });

  it("hears once what was sent ahead of its end, whatever ends it", async () => {
    for (
      const [end, expected] of [
        [(socket: Socket) => socket.disconnect(true), [1, "local", "q"]],
        [({ nsp, id }: Socket) => nsp.in(id).disconnectSockets(true), [1, "local", "q"]],
        [(_: Socket, io: Server) => void io.close(), [1, "local", "q", "behind"]],
      ] as const
    ) {
      await using all = await pair();
      const { one, client, socket } = all;
      const heard = listen(client, "say");
      const gone = once(client, "disconnect");
      socket.emit("say", 1);
      one.io.local.emit("say", "local");
      one.io.in(socket.id).socketsJoin("q");
      one.io.to("q").emit("say", "q");
      end(socket, one.io);
      one.io.emit("say", "behind");
      await gone;
      assert.deepEqual(heard, expected);
    }
  });

  it("does not join again what it left, though it was lost behind another namespace", async () => {
    await using all = await pair();
    const { broker, one, client, socket } = all;
    one.io.of("/other");
    const other = await one.clients.connect({}, "/other");
    socket.join("r");
    await heardAll(one.io, client);
    await lose(client, broker);
    one.io.in("r").socketsJoin("vip");
    const marked = once(other, "mark");
    one.io.of("/other").emit("mark");
    await marked;
    await using three = await start({
      adapter: await broker.join(),
      connectionStateRecovery: true,
    });
    await (three.io.sockets.adapter as unknown as { readonly ready: Promise<void> }).ready;
    const rooms: Set<string>[] = [];
    three.io.on("connection", (socket) => {
      rooms.push(socket.rooms);
      socket.leave("vip");
    });
    await comeBack(client, three.url);
    await lose(client, broker);
    await comeBack(client, three.url);
    const id = client.id!;
    assert.deepEqual(rooms, [new Set([id, "r", "vip"]), new Set([id, "r"])]);
  });

  it("misses nothing in a namespace that is made for it, though it has got nothing there", async () => {
    await using all = await pair("redis", { setUp: (io) => void io.of(/^\/room-\d+$/) });
    const { broker, one, two } = all;
    two.io.emit("say", "ahead");
    const client = await one.clients.connect({ transports: ["websocket"] }, "/room-1");
    const heard = listen(client, "say");
    const { id } = client;
    await (one.io.of("/room-1").adapter as unknown as { readonly ready: Promise<void> }).ready;
    one.io.of("/room-1").sockets.get(id!)!.join("later");
    await lose(client, broker);
    one.io.of("/room-1").to("later").emit("say", 1);
    await comeBack(client, `${two.url}/room-1`);
    assert.deepEqual([client.id, client.recovered], [id, true]);
    await until(() => heard.length > 0, "what it missed");
    assert.deepEqual(heard, [1]);
  });

  it("is told of sessions and entries that no server would have written", async () => {
    const errors: string[] = [];
    await using all = await pair("redis", {
      setUp: (io, i) =>
        i === 1 && io.sockets.adapter.on("error", ({ message }) => errors.push(message)),
    });
    const { broker, one, two, client } = all;
    one.io.sockets.adapter.on("error", () => {});
    const heard = listen(client, "say");
    const { redis, prefix } = broker;
    const data = JSON.stringify({ packet: { data: ["say", 1] }, opts: { rooms: [] } });
    const entries = [
      ["nsp", "/"],
      ["uid", "x", "nsp", "/", "type", "3"],
      ["uid", "x", "nsp", "/", "type", "99", "data", "{}"],
      ["uid", "x", "nsp", "/", "type", "3", "data", "{"],
      ["uid", "x", "nsp", "/", "type", "3", "data", "no base64!"],
      ["uid", "x", "nsp", "/", "type", "3", "data", "gqFh"],
      [
        "uid",
        "x",
        "nsp",
        "/",
        "type",
        "3",
        "data",
        JSON.stringify({ packet: { data: [] }, opts: {} }),
      ],
      ["uid", "x", "nsp", "/", "type", "4", "data", JSON.stringify({ opts: {}, rooms: "all" })],
    ];
    for (const fields of entries) await redis.command(prefix, ["XADD", prefix, "*", ...fields]);
    await redis.command(prefix, ["XADD", prefix, "*", "other", "program"]);
    await redis.command(prefix, [
      "XADD",
      prefix,
      "*",
      "uid",
      "emitter",
      "nsp",
      "/",
      "type",
      "3",
      "data",
      data,
    ]);
    await until(() => heard.length === 1 && errors.length === entries.length, "all entries");
    await heardAll(one.io, client);
    const { _lastOffset: offset } = insides(client);
    const sessions: unknown[] = [
      "no base64!",
      encodeStandardValue(7).toBase64(),
      ...[
        {},
        { sid: 5, pid: "p".repeat(20), rooms: [] },
        { sid: "s", pid: "other", rooms: [] },
        { sid: "s", pid: "p".repeat(20), rooms: "a" },
        { sid: "s", pid: "p".repeat(20), rooms: [5] },
      ].map((session) => encodeStandardValue(session).toBase64()),
    ];
    for (const session of sessions) {
      const key = broker.sessionKey("p".repeat(20));
      await redis.command(key, ["SET", key, session as string]);
      const rival = two.clients.open({ auth: { pid: "p".repeat(20), offset } });
      await once(rival, "connect");
      assert.notEqual(rival.id, "s");
    }
    assert.equal(two.reported.length, sessions.length);
    for (const { error } of two.reported.splice(0)) assert.match(String(error), /^ClusterError: /);
  });
});
