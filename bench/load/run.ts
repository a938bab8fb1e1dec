/** What all kinds of load have in common: counting, checking, and measuring a stretch of time. */
import process from "node:process";
import { Histogram } from "./histogram.ts";

/** What is asked of a load. */
export interface LoadOptions {
  /** The port of the server. */
  readonly port: number;
  /** How many clients there are. */
  readonly clients: number;
  /** How much one client has under way at a time. */
  readonly inFlight: number;
  /** Seconds before the measurement begins. */
  readonly warmUp: number;
  /** Seconds that are measured. */
  readonly seconds: number;
}

/** What was found. */
export interface LoadResult {
  /** How many operations were measured. */
  readonly operations: number;
  /** Operations a second. */
  readonly perSecond: number;
  /** CPU time of the server for each operation, in microseconds. */
  readonly cpu: number;
  /** The share of one core that the server had. */
  readonly serverLoad: number;
  /** The share of one core that the load generator had. */
  readonly generatorLoad: number;
  /** Half of all operations took at most this long, in microseconds. */
  readonly p50: number;
  /** 99 of 100 operations took at most this long, in microseconds. */
  readonly p99: number;
  /** Resident memory of the server for each idle connection, in bytes; 0 where not measured. */
  readonly memory: number;
}

/** A load that is running. */
export interface Load {
  /** Begins no more operations, and settles when all that were begun are complete. */
  stop(): Promise<void>;
}

/** Counts operations while they are measured, and ends everything at the first mistake. */
export class Meter {
  readonly latency: Histogram = new Histogram();
  /** The operations so far. */
  operations = 0;
  /** Whether latencies count. */
  measuring = false;

  /** An operation that began at a time is complete. */
  done(began: number): void {
    this.operations++;
    if (this.measuring) this.latency.add(performance.now() - began);
  }

  /** The server did something wrong: a figure would be worth nothing. */
  readonly fail = (reason: string): never => {
    console.error(`The server made a mistake: ${reason}`);
    process.exit(1);
  };
}

/** Asks the server for its CPU time so far, in milliseconds. */
export async function serverCpu(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/cpu`);
  return (await response.json()).cpu;
}

/** Lets a load run, and measures once it is warm. */
export async function measure(options: LoadOptions, meter: Meter, load: Load): Promise<LoadResult> {
  await pause(options.warmUp);
  const before = await snapshot(options.port, meter);
  meter.measuring = true;
  await pause(options.seconds);
  const after = await snapshot(options.port, meter);
  await load.stop();
  return difference(before, after, meter);
}

/** What is read at both ends of a measurement. */
export interface Snapshot {
  readonly time: number;
  readonly operations: number;
  readonly server: number;
  readonly generator: number;
}

/** Reads time, operations and CPU times, all in milliseconds. */
export async function snapshot(port: number, meter: Meter): Promise<Snapshot> {
  const server = await serverCpu(port);
  const { user, system } = process.cpuUsage();
  const { operations } = meter;
  return { time: performance.now(), operations, server, generator: (user + system) / 1000 };
}

/** What happened between two snapshots. */
export function difference(before: Snapshot, after: Snapshot, meter: Meter): LoadResult {
  const time = after.time - before.time;
  const operations = after.operations - before.operations;
  const server = after.server - before.server;
  return {
    operations,
    perSecond: operations / time * 1000,
    cpu: server / operations * 1000,
    serverLoad: server / time,
    generatorLoad: (after.generator - before.generator) / time,
    p50: meter.latency.percentile(0.5),
    p99: meter.latency.percentile(0.99),
    memory: 0,
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Settles once a condition holds; fails if that takes more than ten seconds. */
export async function until(condition: () => boolean, what: string, meter: Meter): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) meter.fail(`${what} is not complete`);
    await pause(0.01);
  }
}
