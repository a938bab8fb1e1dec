import { type EventPacket, PacketType } from "../../../../parser/mod.ts";
import { RecoveryAdapter, RecoveryBudget } from "../../../../server/adapter/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { int, pick, seeded } from "../../parser/random.ts";
import { FakeRecipient, FakeScope } from "./fakes.ts";

// What an event and a session take at least.
const EVENT = 768;
const SESSION = 1024;
const ROOMS = ["x", "y"];

function event(value: unknown): EventPacket {
  return { type: PacketType.Event, nsp: "/test", data: ["n", value] };
}

class World {
  readonly scope = new FakeScope(false);
  readonly adapter: RecoveryAdapter;
  readonly away = new Map<string, FakeRecipient>();

  constructor(budget = new RecoveryBudget(1_000_000), maxDisconnectionDuration = 60_000) {
    this.adapter = new RecoveryAdapter(this.scope, {
      maxDisconnectionDuration,
      detectionTime: 1000,
      budget,
    });
  }

  enter(socket: FakeRecipient): FakeRecipient {
    this.scope.sockets.set(socket.id, socket);
    this.adapter.addAll(socket.id, new Set([socket.id]));
    return socket;
  }

  lose(socket: FakeRecipient, auth?: unknown): void {
    const { id: sid } = socket;
    const rooms = [...this.adapter.socketRooms(sid) ?? []];
    this.adapter.persistSession({ sid, pid: `pid ${sid}`, rooms, data: sid, auth }, socket.parser);
    this.adapter.delAll(sid);
    this.scope.sockets.delete(sid);
    this.away.set(sid, socket);
  }

  /** Takes up the session, with `null` without an offset; the socket hears what it missed. */
  comeBack(socket: FakeRecipient, offset: string | null | undefined = socket.offset): boolean {
    const restored = this.adapter.restoreSession(`pid ${socket.id}`, offset ?? undefined);
    if (restored === undefined) return false;
    this.away.delete(socket.id);
    this.scope.sockets.set(socket.id, socket);
    const missed = restored.missedPackets;
    this.adapter.addAll(socket.id, new Set([socket.id, ...restored.rooms]));
    for (const packet of missed) socket.hear(packet.for(socket.parser));
    return true;
  }
}

/** Calls a function and returns the delays of the timers that it starts. */
function delaysOf(run: () => void): unknown[] {
  const delays: unknown[] = [];
  const { setTimeout } = globalThis;
  const recording = (callback: () => void, delay?: number) => {
    delays.push(delay);
    return setTimeout(callback, delay);
  };
  globalThis.setTimeout = Object.assign(recording, setTimeout);
  try {
    run();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return delays;
}

describe("RecoveryAdapter", () => {
  it("starts no timer that is longer than those of the runtime can be", () => {
    const world = new World(undefined, 2 ** 32);
    const socket = world.enter(new FakeRecipient("a"));
    assert.deepEqual(delaysOf(() => world.lose(socket)), [2 ** 31 - 1]);
    world.adapter.close();
  });

  it("starts its timer again behind a session that was too large to keep", () => {
    const world = new World(new RecoveryBudget(4000), 300);
    const [first, large, last] = ["a", "b", "c"].map((id) => world.enter(new FakeRecipient(id)));
    world.adapter.sendRecoverable(first!, event(1));
    // Makes room by dropping what the timer is for, and does not fit then.
    world.lose(large!, "x".repeat(6000));
    const { now } = Date;
    const later = now() + 2000;
    Date.now = () => later;
    try {
      assert.deepEqual(delaysOf(() => world.lose(last!)), [300]);
    } finally {
      Date.now = now;
    }
    world.adapter.close();
  });

  for (let seed = 1; seed <= 20; seed++) {
    it(`loses and repeats nothing for sockets that come and go (seed ${seed})`, () => {
      const random = seeded(seed);
      const world = new World();
      const { adapter, scope, away } = world;
      const sockets = ["a", "b", "c", "d"].map((id) => world.enter(new FakeRecipient(id)));
      const rooms = new Map(sockets.map(({ id }) => [id, new Set([id])]));
      const expected = new Map(sockets.map((socket): [FakeRecipient, unknown[]] => [socket, []]));
      for (let step = 0; step < 300; step++) {
        const socket = pick(random, sockets);
        const own = rooms.get(socket.id)!;
        const room = pick(random, ROOMS);
        const isAway = away.has(socket.id);
        const action = int(random, 12);
        const alone = { rooms: new Set([socket.id]) };
        if (action === 0) {
          own.add(room);
          if (isAway) adapter.addSockets(alone, [room]);
          else adapter.addAll(socket.id, new Set([room]));
        } else if (action === 1) {
          own.delete(room);
          if (isAway) adapter.delSockets(alone, [room]);
          else adapter.del(socket.id, room);
        } else if (action === 2 && !isAway) world.lose(socket);
        else if (action === 3 && isAway) assert.equal(world.comeBack(socket), true);
        else if (action === 4 && !isAway) {
          adapter.sendRecoverable(socket, event(step));
          expected.get(socket)?.push(step);
        } else {
          const except = new Set(int(random, 2) ? [pick(random, ["a", "b", "x"])] : []);
          const target = {
            rooms: new Set(int(random, 2) ? [pick(random, ["x", "y", "a"])] : []),
            except,
          };
          adapter.broadcast(event(step), target);
          for (const [other, heard] of expected) {
            const own = rooms.get(other.id)!;
            const meant = (target.rooms.size === 0 || [...target.rooms].some((n) => own.has(n))) &&
              ![...except].some((name) => own.has(name));
            if (meant) heard.push(step);
          }
        }
      }
      for (const socket of [...away.values()]) assert.equal(world.comeBack(socket), true);
      for (const [socket, heard] of expected) {
        assert.deepEqual(socket.heard, heard, socket.id);
        assert.deepEqual(adapter.socketRooms(socket.id), rooms.get(socket.id));
      }
      assert.equal(scope.expired.length, 0);
      adapter.close();
    });
  }

  it("replays from where the client stopped, and from its own start at most", () => {
    const world = new World();
    world.enter(new FakeRecipient("witness"));
    world.adapter.broadcast(event("before"), { rooms: new Set() });
    const socket = world.enter(new FakeRecipient("a"));
    world.adapter.broadcast(event(1), { rooms: new Set() });
    const first = socket.offset;
    world.adapter.broadcast(event(2), { rooms: new Set() });
    world.lose(socket);
    world.adapter.broadcast(event(3), { rooms: new Set() });
    for (const [offset, expected] of [["0", [1, 2, 3]], [null, [1, 2, 3]], [first, [2, 3]]]) {
      socket.heard = [];
      assert.equal(world.comeBack(socket, offset as string | null), true);
      assert.deepEqual(socket.heard, expected);
      world.lose(socket);
    }
    assert.equal(world.comeBack(socket, "zzz"), false);
    assert.equal(world.comeBack(socket, "not an offset"), false);
    world.adapter.close();
  });

  it("keeps no volatile event, and repeats the last offset on it", () => {
    const world = new World();
    const socket = world.enter(new FakeRecipient("a"));
    world.adapter.broadcast(event(1), { rooms: new Set() });
    const { offset } = socket;
    world.adapter.broadcast(event(2), { rooms: new Set(), flags: { volatile: true } });
    world.adapter.sendRecoverable(socket, event(3), { volatile: true });
    assert.deepEqual([socket.heard, socket.offset], [[1, 2, 3], offset]);
    world.lose(socket);
    assert.equal(world.comeBack(socket, "0"), true);
    assert.deepEqual(socket.heard, [1, 2, 3, 1]);
    world.adapter.close();
  });

  it("keeps nothing that nobody was meant to hear", () => {
    const world = new World(new RecoveryBudget(SESSION + 3 * EVENT));
    const socket = world.enter(new FakeRecipient("a"));
    world.adapter.broadcast(event("first"), { rooms: new Set() });
    world.lose(socket);
    for (let i = 0; i < 100; i++) {
      world.adapter.broadcast(event("x".repeat(100)), { rooms: new Set(["nobody"]) });
    }
    assert.equal(world.comeBack(socket), true);
    assert.deepEqual(socket.heard, ["first"]);
    world.adapter.close();
  });

  it("gives up the sessions that would miss what it had no room for", () => {
    const world = new World(new RecoveryBudget(2 * SESSION + 6 * EVENT));
    const [a, b] = [world.enter(new FakeRecipient("a")), world.enter(new FakeRecipient("b"))];
    world.adapter.broadcast(event("first"), { rooms: new Set() });
    world.lose(a);
    for (let i = 0; i < 10; i++) world.adapter.broadcast(event(i), { rooms: new Set() });
    assert.deepEqual(world.scope.expired.map(({ sid }) => sid), ["a"]);
    world.lose(b);
    world.adapter.broadcast(event("missed"), { rooms: new Set() });
    assert.equal(world.comeBack(a), false);
    assert.equal(world.comeBack(b), true);
    assert.deepEqual(b.heard, ["first", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "missed"]);
    world.adapter.close();
  });

  it("gives up the oldest sessions where their credentials or rooms take too much", () => {
    const world = new World(new RecoveryBudget(500_000));
    const sockets = Array.from({ length: 8 }, (_, i) => world.enter(new FakeRecipient(`s${i}`)));
    // Two bytes for each character.
    for (const socket of sockets.slice(0, 5)) world.lose(socket, { token: "x".repeat(50_000) });
    assert.deepEqual(world.scope.expired.map(({ sid }) => sid), ["s0"]);
    for (const socket of sockets.slice(5)) {
      const rooms = Array.from({ length: 500 }, (_, i) => `room ${i}`);
      world.adapter.addAll(socket.id, new Set(rooms));
      world.lose(socket);
    }
    assert.deepEqual(world.scope.expired.map(({ sid }) => sid), ["s0", "s1", "s2", "s3"]);
    for (const [i, socket] of sockets.entries()) assert.equal(world.comeBack(socket), i > 3);
    world.adapter.close();
  });

  it("shares its bytes with the other adapters of a server, and gives back what it had", () => {
    const budget = new RecoveryBudget(10 * SESSION);
    const worlds = [new World(budget), new World(budget)];
    for (let i = 0; i < 50; i++) {
      const world = worlds[i % 2]!;
      const socket = world.enter(new FakeRecipient(`s${i}`));
      world.adapter.broadcast(event("x"), { rooms: new Set([socket.id]) });
      world.lose(socket);
      assert.ok(budget.bytes <= 10 * SESSION);
    }
    for (const { scope } of worlds) assert.ok(scope.expired.length > 20);
    for (const { adapter } of worlds) adapter.close();
    assert.equal(budget.bytes, 0);
    const world = new World(budget);
    const socket = world.enter(new FakeRecipient("s"));
    for (let i = 0; i < 5; i++) {
      world.lose(socket, { token: "x".repeat(500) });
      assert.equal(world.comeBack(socket), true);
    }
    assert.equal(budget.bytes, 0);
  });

  it("ends the session of a socket that is disconnected while it is away", () => {
    const world = new World();
    const [a, b] = [world.enter(new FakeRecipient("a")), world.enter(new FakeRecipient("b"))];
    world.adapter.addAll("a", new Set(["x"]));
    world.lose(a);
    world.lose(b);
    world.adapter.disconnectSockets({ rooms: new Set(["x"]) }, false);
    assert.deepEqual(world.scope.expired.map(({ sid, rooms }) => [sid, rooms]), [["a", [
      "a",
      "x",
    ]]]);
    assert.equal(world.comeBack(a), false);
    assert.equal(world.comeBack(b), true);
    assert.equal(world.comeBack(b), false);
    world.adapter.close();
  });

  it("acts on a session that is being taken up as on any other", () => {
    const world = new World();
    const socket = world.enter(new FakeRecipient("a"));
    world.adapter.addAll("a", new Set(["x"]));
    world.lose(socket);
    const restored = world.adapter.restoreSession("pid a", undefined);
    world.adapter.addAll("a", new Set(["by a middleware"])); // it is not let in yet
    world.adapter.broadcast(event(1), { rooms: new Set(["by a middleware"]) });
    world.adapter.addSockets({ rooms: new Set(["x"]) }, ["y"]);
    world.adapter.broadcast(event(2), { rooms: new Set(["y"]) });
    world.adapter.del("a", "x");
    world.adapter.broadcast(event(3), { rooms: new Set(["x"]) });
    assert.deepEqual([restored?.ended, restored?.missedPackets.length], [false, 2]);
    assert.deepEqual([...restored?.rooms ?? []].sort(), ["a", "by a middleware", "y"]);
    world.adapter.disconnectSockets({ rooms: new Set(["y"]) }, false);
    assert.equal(restored?.ended, true);
    assert.deepEqual(world.scope.expired.map(({ sid }) => sid), ["a"]);
    world.adapter.close();
  });

  it("leaves the rooms of a session alone that its socket leaves at its end", () => {
    const world = new World();
    const socket = world.enter(new FakeRecipient("a"));
    world.adapter.addAll("a", new Set(["x"]));
    world.lose(socket);
    world.adapter.del("a", "x"); // by a listener of `disconnect`
    assert.equal(world.comeBack(socket), true);
    assert.deepEqual(world.adapter.socketRooms("a"), new Set(["a", "x"]));
    world.adapter.close();
  });
});
