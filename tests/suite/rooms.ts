import type { Session } from "../../server/engine/mod.ts";
import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import type { OfficialOptions, OfficialSocket } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import type { start as Start, Started } from "../harness/started.ts";

/** Clients by their number, and what each has heard, in order. */
interface Crowd {
  readonly clients: OfficialSocket[];
  readonly sockets: Socket[];
  /** Resolves once everybody has heard all that was sent before, to what each heard since. */
  heard(): Promise<unknown[][]>;
}

async function crowd(server: Started, road: OfficialOptions, count: number): Promise<Crowd> {
  const clients: OfficialSocket[] = [];
  const sockets: Socket[] = [];
  let heard: unknown[][] = [];
  for (let i = 0; i < count; i++) {
    const client = await server.clients.connect(road);
    heard.push([]);
    client.on("say", (text) => heard[i]?.push(text));
    clients.push(client);
    sockets.push(server.io.sockets.sockets.get(client.id!)!);
  }
  return {
    clients,
    sockets,
    async heard() {
      const marks = clients.map((client) => once(client, "mark"));
      for (const socket of sockets) socket.emit("mark");
      await Promise.all(marks);
      const before = heard;
      heard = clients.map(() => []);
      return before;
    },
  };
}

/** Rooms, broadcasts and what can be done to many sockets at once. */
export function rooms(start: typeof Start, road: OfficialOptions): void {
  it("to(), in(), except() and broadcast mean whom they say, each once", async () => {
    await using server = await start();
    const { io } = server;
    const { sockets, heard } = await crowd(server, road, 4);
    const [one, two, three] = sockets as [Socket, Socket, Socket, Socket];
    one.join(["a", "b"]);
    two.join("a");
    three.join("b");
    const cases: [() => unknown, string][] = [
      [() => io.emit("say", 1), "0123"],
      [() => io.to("a").emit("say", 1), "01"],
      [() => io.in(["a", "b"]).emit("say", 1), "012"],
      [() => io.to("a").to("b").except("b").emit("say", 1), "1"],
      [() => io.except("a").emit("say", 1), "23"],
      [() => io.except(["a", "b"]).emit("say", 1), "3"],
      [() => io.to(three.id).emit("say", 1), "2"],
      [() => io.to("nobody").emit("say", 1), ""],
      [() => io.local.emit("say", 1), "0123"],
      [() => io.compress(false).emit("say", 1), "0123"],
      [() => one.broadcast.emit("say", 1), "123"],
      [() => one.to("a").emit("say", 1), "1"],
      [() => one.in("b").emit("say", 1), "2"],
      [() => one.except("a").emit("say", 1), "23"],
      [() => one.local.emit("say", 1), "123"],
      [() => one.broadcast.to(["a", "b"]).except(two.id).emit("say", 1), "2"],
      [() => one.to(one.id).emit("say", 1), ""],
      [() => one.emit("say", 1), "0"],
      [() => io.send(1) && io.to("a").emit("say", 1), "01"],
    ];
    for (const [emit, expected] of cases) {
      emit();
      const who = (await heard()).flatMap((texts, i) => texts.map(() => i)).join("");
      assert.equal(who, expected, String(emit));
    }
  });

  it("a broadcast and direct messages keep their order for each client", async () => {
    await using server = await start();
    const { sockets, heard } = await crowd(server, road, 5);
    for (const socket of sockets) socket.join("room");
    for (let i = 0; i < 40; i += 4) {
      server.io.to("room").emit("say", i);
      for (const socket of sockets) socket.emit("say", i + 1);
      sockets[0]?.to("room").emit("say", i + 2);
      sockets[0]?.emit("say", i + 2);
      server.io.emit("say", i + 3);
      if (i === 20) await heard().then((lists) => lists.forEach((list) => check(list, 0)));
    }
    for (const list of await heard()) check(list, 24);
    function check(list: unknown[], from: number): void {
      assert.deepEqual(list, list.map((_, index) => from + index));
      assert.equal(list.length > 0, true);
    }
  });

  it("join() and leave() take effect at once, and a broadcast follows them", async () => {
    await using server = await start();
    const { io } = server;
    const { sockets, heard } = await crowd(server, road, 4);
    for (const socket of sockets) socket.join("room");
    io.to("room").emit("say", "all");
    sockets[1]?.leave("room");
    io.to("room").emit("say", "without 1");
    sockets[1]?.join("room");
    sockets[0]?.leave(["room", "never joined"]);
    io.to("room").emit("say", "without 0");
    assert.deepEqual(await heard(), [
      ["all", "without 1"],
      ["all", "without 0"],
      ["all", "without 1", "without 0"],
      ["all", "without 1", "without 0"],
    ]);
    assert.deepEqual(
      [...io.of("/").adapter.rooms.get("room")!].sort(),
      [
        ...sockets.slice(1).map(({ id }) => id),
      ].sort(),
    );
    for (const socket of sockets) socket.leave("room");
    assert.equal(io.of("/").adapter.rooms.has("room"), false);
  });

  it("the adapter tells of rooms that come and go, and who joins and leaves them", async () => {
    await using server = await start();
    const client = await server.clients.connect(road);
    const [socket] = server.io.sockets.sockets.values();
    const { adapter } = server.io.of("/");
    const told: unknown[] = [];
    for (const event of ["create-room", "delete-room", "join-room", "leave-room"] as const) {
      adapter.on(event, (room: string, id?: string) => told.push([event, room, id]));
    }
    const { id } = socket!;
    socket!.join("a");
    socket!.join("a");
    socket!.leave("a");
    socket!.leave("a");
    const left = once(socket!, "disconnect");
    client.disconnect();
    await left;
    assert.deepEqual(told, [
      ["create-room", "a", undefined],
      ["join-room", "a", id],
      ["leave-room", "a", id],
      ["delete-room", "a", undefined],
      ["leave-room", id, id],
      ["delete-room", id, undefined],
    ]);
    assert.equal(adapter.rooms.size, 0);
    assert.equal(adapter.sids.size, 0);
  });

  it("rooms are still there in disconnecting, and gone in disconnect", async () => {
    await using server = await start();
    const client = await server.clients.connect(road);
    const [socket] = server.io.sockets.sockets.values();
    socket!.join("a");
    const seen: unknown[] = [];
    socket!.on("disconnecting", () => seen.push([...socket!.rooms]));
    socket!.on("disconnect", () => {
      seen.push([...socket!.rooms]);
      socket!.join("late");
    });
    client.disconnect();
    await until(() => seen.length === 2, "disconnect");
    assert.deepEqual(seen, [[socket!.id, "a"], []]);
    assert.equal(server.io.of("/").adapter.rooms.size, 0);
  });

  it("what is neither text nor list is a room as it is: 42 is not '42'", async () => {
    await using server = await start();
    const { io } = server;
    const { sockets, heard } = await crowd(server, road, 3);
    const [one, two] = sockets as [Socket, Socket, Socket];
    const [number, text, nothing] = [42, "42", undefined] as unknown as [string, string, string];
    one.join(number);
    one.join(nothing);
    two.join([text]);
    assert.deepEqual([...one.rooms], [one.id, 42, undefined] as unknown[]);
    const cases: [() => unknown, string][] = [
      [() => io.to(number).emit("say", 1), "0"],
      [() => io.in([number]).emit("say", 1), "0"],
      [() => io.to(text).emit("say", 1), "1"],
      [() => io.to(nothing).emit("say", 1), "0"],
      [() => io.except(number).emit("say", 1), "12"],
      [() => two.to(number).emit("say", 1), "0"],
      [() => io.to(new Set([number, text]) as unknown as string).emit("say", 1), "01"],
      [() => io.in(text).socketsJoin(number), ""],
      [() => io.to(number).emit("say", 1), "01"],
      [() => io.in(text).socketsLeave(number), ""],
      [() => one.leave(number), ""],
      [() => io.to(number).emit("say", 1), ""],
    ];
    for (const [i, [act, expected]] of cases.entries()) {
      act();
      const all = await heard();
      assert.equal(all.map((texts, j) => texts.length > 0 ? j : "").join(""), expected, `${i}`);
    }
    one.leave([nothing]);
    one.join(new Set(["a", "b"]) as unknown as string[]);
    assert.deepEqual([...one.rooms], [one.id, "a", "b"]);
  });

  it("rooms joined before a refusal, or after the end, come to nothing", async () => {
    await using server = await start();
    let refused: Socket | undefined;
    server.io.use((socket, next) => {
      socket.join("a");
      refused = socket;
      next(new Error("no"));
    });
    await once(server.clients.open(road), "connect_error");
    assert.equal(server.io.of("/").adapter.rooms.size, 0);
    refused?.join("b");
    assert.equal(server.io.of("/").adapter.rooms.size, 0);
    assert.equal(server.io.of("/").adapter.sids.size, 0);
  });

  it("fetchSockets(), socketsJoin(), socketsLeave() and disconnectSockets() act on a target", async () => {
    await using server = await start();
    const { io } = server;
    const { clients, sockets, heard } = await crowd(server, road, 3);
    const ids = sockets.map(({ id }) => id);
    sockets[0]!.data = { name: "Ada" };
    io.in(ids[0]!).socketsJoin(["a", "b"]);
    io.except(ids[0]!).socketsJoin("b");
    const inA = await io.in("a").fetchSockets();
    assert.deepEqual(inA.map(({ id, data, rooms }) => [id, data, rooms]), [
      [ids[0], { name: "Ada" }, new Set([ids[0], "a", "b"])],
    ]);
    assert.deepEqual((await io.fetchSockets()).map(({ id }) => id).sort(), [...ids].sort());
    assert.deepEqual(await io.in("b").allSockets(), new Set(ids));
    io.in("b").except("a").socketsLeave("b");
    assert.deepEqual(await io.in("b").allSockets(), new Set([ids[0]]));

    for (const remote of await io.in("a").fetchSockets()) {
      remote.emit("say", "remote");
      remote.join("c");
      remote.leave("a");
    }
    assert.deepEqual(await heard(), [["remote"], [], []]);
    assert.deepEqual(sockets[0]!.rooms, new Set([ids[0], "b", "c"]));

    const left = Promise.all([once(clients[0]!, "disconnect"), once(sockets[0]!, "disconnect")]);
    io.in("c").disconnectSockets();
    assert.deepEqual((await left).map(([reason]) => reason), [
      "io server disconnect",
      "server namespace disconnect",
    ]);
    const all = Promise.all(clients.slice(1).map((client) => once(client, "disconnect")));
    io.disconnectSockets(true);
    await all;
    await until(() => io.engine.clientsCount === 0, "the end of the connections");
    assert.equal(io.of("/").sockets.size, 0);
  });

  it("who watches what connections send, sees broadcasts, however it came to listen", async () => {
    await using server = await start();
    const { sockets, heard } = await crowd(server, road, 5);
    const seen: unknown[] = [];
    const see = ({ data }: { data?: unknown }) => {
      if (String(data).includes("say")) seen.push(data);
    };
    server.io.emit("say", 1);
    // By now the clients may be reached together.
    sockets[0]!.conn.on("packetCreate", see);
    const sessions = sockets.map(({ conn }) => conn as Session);
    sessions[1]!.prependListener("packetCreate", see);
    server.io.emit("say", 2);
    assert.deepEqual(seen, Array(2).fill('2["say",2]'));
    const flushed = once(sessions[2]!, "flush");
    server.io.emit("say", 3);
    await flushed;
    server.io.engine.on("flush", (_session, messages) => seen.push(messages.length));
    const known = seen.length;
    server.io.emit("say", 4);
    assert.deepEqual(await heard(), Array(5).fill([1, 2, 3, 4]));
    assert.ok(seen.slice(known).filter((entry) => typeof entry === "number").length >= 5);
  });

  it("a reserved name cannot be sent, whoever sends it", async () => {
    await using server = await start();
    await server.clients.connect(road);
    const [socket] = server.io.sockets.sockets.values();
    const senders = [server.io, server.io.to("a"), socket!, socket!.broadcast, socket!.volatile];
    for (const name of ["connect", "connect_error", "disconnect", "disconnecting"]) {
      for (const sender of senders) {
        assert.throws(() => sender.emit(name), { message: `"${name}" is a reserved event name` });
      }
    }
    // A constant that is misspelt.
    for (const name of [undefined, null, {}, NaN, Symbol("name")]) {
      for (const sender of senders) {
        assert.throws(() => sender.emit(name as never), {
          name: "TypeError",
          message: /^The name of an event must be a string or a number, not /,
        });
      }
    }
    for (const name of ["newListener", "removeListener"]) {
      assert.throws(() => socket!.emit(name), { message: `"${name}" is a reserved event name` });
    }
  });
}
