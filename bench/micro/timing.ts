/** Something to be timed. */
export interface Case {
  /** What it is. */
  readonly name: string;
  /** How many operations one call of `run` is. */
  readonly operations: number;
  /** Does it. */
  run(): unknown;
}

/** What was found. */
export interface Timing {
  /** What it is. */
  readonly name: string;
  /** Nanoseconds for each operation: the best of several passes. */
  readonly ns: number;
}

const PASS = 30;
const PASSES = 9;
// The result of every run goes here, so that no compiler leaves the work out.
let sink: unknown;

/** Times one case. */
export function time({ name, operations, run }: Case): Timing {
  let calls = 1;
  while (elapsed(calls, run) < PASS) calls *= 2;
  let best = Infinity;
  for (let i = 0; i < PASSES; i++) best = Math.min(best, elapsed(calls, run));
  if (sink === time) throw new Error("never");
  const ns = best / calls / operations * 1e6;
  return { name, ns: ns < 10 ? Math.round(ns * 10) / 10 : Math.round(ns) };
}

function elapsed(calls: number, run: () => unknown): number {
  const began = performance.now();
  for (let i = 0; i < calls; i++) sink = run();
  return performance.now() - began;
}
