import process from "node:process";

/** Where a server listens. */
export const PORT: number = Number(process.env["PORT"] ?? 3000);

/** What a server tells of itself at `/stats`. */
export interface Stats {
  /** The process. */
  readonly pid: number;
  /** Resident memory in bytes, after a collection of garbage. */
  readonly rss: number;
  /** The heap in use, in bytes. */
  readonly heapUsed: number;
  /** What buffers hold outside of the heap, in bytes. */
  readonly external: number;
  /** The CPU time of all threads so far, in milliseconds. */
  readonly cpu: number;
}

interface Global {
  Bun?: { gc(sync: boolean): void };
  gc?: () => void;
}

/** Collects garbage, then measures. */
export function stats(): Stats {
  const { Bun, gc } = globalThis as unknown as Global;
  if (Bun !== undefined) Bun.gc(true);
  else {
    gc?.();
    gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { pid: process.pid, rss, heapUsed, external, cpu: (user + system) / 1000 };
}
