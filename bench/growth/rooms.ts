import process from "node:process";
import { FakeWorld, type Peer } from "../fake_host.ts";
import { collect, type Finding, nanoseconds } from "./finding.ts";

// A hundred sockets fit into the caches of the processor, 50,000 do not, and that makes a difference
// of a few times. Work that grows with their number would make one of hundreds. The proof is that a
// hundred of 50,000 move as fast as a hundred that are alone.
const FLAT = 8;
const FLAT_IN_CACHE = 3;
const FEW = 100;
const MOVES = 2000;

/** A broadcast to a room, by its size. */
export function broadcasts(): Finding {
  const world = new FakeWorld();
  const sizes = [10, 100, 1000, 10_000];
  let joined = 0;
  world.io.on("connection", (socket) => {
    for (const size of sizes) if (joined < size) socket.join(`of ${size}`);
    joined++;
  });
  for (let i = 0; i < 10_000; i++) world.connect();
  const rows = sizes.map((size) => {
    const times = 20_000 / size;
    const run = () => {
      for (let i = 0; i < times; i++) world.io.to(`of ${size}`).emit("news", i);
    };
    for (let i = 0; i < 5; i++) run();
    return [size, nanoseconds(times * size, run)];
  });
  return {
    title: "broadcast to a room, 10,000 sockets in all",
    head: ["members", "ns per member"],
    rows,
    expected: `flat: never more than ${FLAT} times that of a room of 10`,
    holds: rows.every(([, cost]) => (cost ?? 0) <= FLAT * (rows[0]?.[1] ?? 0)),
  };
}

/** Joining and leaving, and leaving for good, by the number of sockets. */
export function moves(): Finding {
  const rows = [FEW, 1000, 10_000, 50_000].map(movesAmong);
  const [few = []] = rows;
  const limits = [[1, FLAT], [2, FLAT_IN_CACHE], [3, FLAT]] as const;
  return {
    title: "moves of one socket",
    head: [
      "sockets",
      "ns per join + leave",
      `the same, always by the same ${FEW}`,
      "ns per connect + disconnect",
    ],
    rows,
    expected:
      `flat: never more than ${FLAT} times that among ${FEW}, and ${FLAT_IN_CACHE} times by the same`,
    holds: rows.every((row) =>
      limits.every(([at, limit]) => (row[at] ?? 0) <= limit * (few[at] ?? 0))
    ),
  };
}

function movesAmong(count: number): number[] {
  const world = new FakeWorld();
  world.io.on("connection", (socket) => {
    socket.join("everyone");
  });
  for (let i = 0; i < count; i++) world.connect();
  const sockets = [...world.io.sockets.sockets.values()];
  const few = sockets.slice(0, FEW);
  for (const socket of few) socket.join("few");
  const visit = () => {
    for (let i = 0; i < MOVES; i++) world.connect().vanish();
  };
  const hop = hopping("everyone", sockets);
  const hopOfFew = hopping("few", few);
  for (let i = 0; i < 5; i++) for (const run of [hop, hopOfFew, visit]) run();
  const costs = [hop, hopOfFew, visit].map((run) => nanoseconds(MOVES, run));
  void world.io.close();
  return [count, ...costs];
}

// By turns: a set that loses and gets one and the same value all the time is slow in V8 and in
// JavaScriptCore, since the chain of that value grows until the next time that they tidy up.
function hopping(room: string, sockets: readonly Hopper[]): () => void {
  let next = 0;
  return () => {
    for (let i = 0; i < MOVES; i++) {
      const socket = sockets[next++ % sockets.length];
      socket?.leave(room);
      socket?.join(room);
    }
  };
}

interface Hopper {
  join(room: string): unknown;
  leave(room: string): unknown;
}

/** Very many rooms. */
export function manyRooms(): Finding {
  const world = new FakeWorld();
  for (let i = 0; i < 1000; i++) world.connect();
  const sockets = [...world.io.sockets.sockets.values()];
  collect();
  const before = process.memoryUsage().heapUsed;
  const join = nanoseconds(100_000, () => {
    for (let i = 0; i < 100_000; i++) sockets[i % 1000]?.join(`room ${i}`);
  }, 1);
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / 100_000;
  const emit = nanoseconds(100_000, () => {
    for (let i = 0; i < 100_000; i++) world.io.to(`room ${i}`).emit("news", i);
  });
  const { size } = world.io.sockets.adapter.rooms;
  const leave = nanoseconds(1000, () => {
    for (const socket of sockets) socket.disconnect();
  }, 1);
  const left = world.io.sockets.adapter.rooms.size;
  return {
    title: "100,000 rooms of one member, 100 for each socket",
    head: ["rooms", "ns per join", "bytes per room", "ns per broadcast", "ns per disconnect"],
    rows: [[size - 1000, join, Math.round(bytes), emit, leave]],
    expected: "all rooms are there, and none is when all have left",
    holds: size === 101_000 && left === 0,
  };
}

/** One socket in very many rooms. */
export function manyRoomsOfOne(): Finding {
  const world = new FakeWorld();
  for (let i = 0; i < 10_000; i++) world.connect();
  const rows = [10, 100, 1000].map((count) => {
    const names = Array.from({ length: count }, (_, index) => `room ${index}`);
    const costs: number[][] = [];
    for (let i = 0; i < 20; i++) costs.push(stay(world, names));
    return [count, best(costs, 0), best(costs, 1)];
  });
  return {
    title: "a socket in many rooms, 10,000 others around",
    head: ["rooms", "ns per room to join", "ns per room to disconnect"],
    rows,
    expected: "no room is left behind",
    holds: world.io.sockets.adapter.rooms.size === 10_000,
  };
}

function stay(world: FakeWorld, names: readonly string[]): number[] {
  const before = new Set(world.io.sockets.sockets.keys());
  const peer = world.connect();
  const socket = [...world.io.sockets.sockets.values()].find(({ id }) => !before.has(id));
  const join = nanoseconds(names.length, () => void socket?.join(names), 1);
  return [join, nanoseconds(names.length, () => peer.vanish(), 1)];
}

function best(costs: readonly (readonly number[])[], at: number): number {
  return Math.min(...costs.map((cost) => cost[at] ?? Infinity));
}

/** A broadcast to rooms that overlap. */
export function overlaps(): Finding {
  const world = new FakeWorld();
  let count = 0;
  world.io.on("connection", (socket) => {
    for (let i = 0; i < 10; i++) socket.join(`room ${(count + i * 7) % 100}`);
    count++;
  });
  const peers: Peer[] = [];
  for (let i = 0; i < 1000; i++) peers.push(world.connect());
  const all = Array.from({ length: 100 }, (_, index) => `room ${index}`);
  for (const peer of peers) peer.received = 0;
  world.io.to(all).emit("news");
  const once = peers.every(({ received }) => received === 1);
  const rows = [1, 10, 100].map((rooms) => {
    const names = all.slice(0, rooms);
    for (const peer of peers) peer.received = 0;
    world.io.to(names).emit("news");
    const reached = peers.reduce((sum, { received }) => sum + received, 0);
    const run = () => {
      for (let i = 0; i < 50; i++) world.io.to(names).emit("news", i);
    };
    for (let i = 0; i < 5; i++) run();
    return [rooms, reached, nanoseconds(50 * reached, run)];
  });
  return {
    title: "a broadcast to rooms that overlap: 1,000 sockets, each in 10 of 100 rooms",
    head: ["rooms", "sockets reached", "ns per socket"],
    rows,
    expected: "each socket gets it once",
    holds: once && rows.at(-1)?.[1] === 1000,
  };
}
