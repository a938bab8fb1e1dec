import process from "node:process";
import { FakeWorld } from "../fake_host.ts";
import { collect, type Finding, turn } from "./finding.ts";

const INTERVAL = 1000;
const ROUNDS = 4;
const DEFAULT_INTERVAL = 25_000;

/** What idle clients cost: the pings and what keeps the time, without system calls. */
export async function heartbeats(): Promise<Finding> {
  const rows: number[][] = [];
  for (const count of [1000, 10_000]) rows.push([count, ...await heartbeat(count)]);
  const [few = [], many = []] = rows;
  return {
    title: "heartbeat of idle clients (the frames go nowhere: system calls come on top)",
    head: ["clients", "µs per client and round", "CPU ms a second per 10,000 at the default 25 s"],
    rows,
    expected: "no client costs more among 10,000 than three times that among 1,000",
    holds: (many[1] ?? 0) <= 3 * (few[1] ?? 0),
  };
}

async function heartbeat(count: number): Promise<number[]> {
  const world = new FakeWorld({ pingInterval: INTERVAL, pingTimeout: 20_000 });
  for (let i = 0; i < count; i++) world.connect();
  await pause(INTERVAL * 1.5);
  const before = process.cpuUsage();
  await pause(INTERVAL * ROUNDS);
  const { user, system } = process.cpuUsage(before);
  if (world.io.engine.clientsCount !== count) throw new Error("clients were lost");
  await world.io.close();
  const each = (user + system) / ROUNDS / count;
  return [round(each), round(each * 10_000 / 1000 / (DEFAULT_INTERVAL / 1000))];
}

/** The heap while clients come and go. */
export async function cycles(): Promise<Finding> {
  const world = new FakeWorld();
  world.io.on("connection", (socket) => {
    socket.join("everyone");
    socket.on("echo", (value: unknown) => socket.emit("echo", value));
    socket.on("disconnect", () => {});
  });
  const rows: number[][] = [];
  for (let done = 20_000; done <= 120_000; done += 20_000) {
    for (let i = 0; i < 200; i++) await visits(world, 100);
    collect();
    await turn();
    collect();
    rows.push([done, Math.round(process.memoryUsage().heapUsed / 1024)]);
  }
  const [first = 0, ...later] = rows.map(([, heap]) => heap ?? 0);
  await world.io.close();
  return {
    title: "the heap after connect/disconnect cycles, each with an event that is echoed",
    head: ["cycles", "heap KiB"],
    rows,
    expected: "flat within 5 % over 100,000 cycles after the first 20,000",
    holds: Math.max(...later) <= first * 1.05,
  };
}

async function visits(world: FakeWorld, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const peer = world.connect();
    peer.say('42["echo",1]');
    peer.vanish();
  }
  await turn();
}

function pause(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
