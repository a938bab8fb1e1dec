/** Medians of many runs, and how servers compare. */
import type { LoadResult } from "./load/run.ts";

/** One measured run. */
export interface Run {
  readonly scenario: string;
  readonly server: string;
  /** The round: all servers take a turn in each. */
  readonly round: number;
  readonly result: LoadResult;
}

/** A server in a scenario. */
export interface Cell {
  readonly scenario: string;
  readonly server: string;
  /** The median of each figure. */
  readonly result: LoadResult;
  /** CPU time for each operation as a multiple of that of the first server; lower is better. */
  readonly ratio: number;
  /** The same of what the runtime itself costs at the least; `undefined` without such a server. */
  readonly overBare: number | undefined;
  /** Whether the load generator had no time left, so that throughput and latency are its own. */
  readonly generatorBound: boolean;
  /** In how many runs the server failed. */
  readonly failures: number;
}

// A single-threaded generator above this share of a core was the slower party.
const BUSY = 0.95;

/** Puts the runs together, by scenario and server in the order in which they first appear. */
export function summarize(
  runs: readonly Run[],
  failures: ReadonlyMap<string, number>,
  reference: string,
  bareOf: (server: string) => string | undefined,
): Cell[] {
  const cells: Cell[] = [];
  for (const scenario of new Set(runs.map(({ scenario }) => scenario))) {
    const here = runs.filter((run) => run.scenario === scenario);
    for (const server of new Set(here.map(({ server }) => server))) {
      const result = medians(here.filter((run) => run.server === server));
      const bare = bareOf(server);
      cells.push({
        scenario,
        server,
        result,
        ratio: ratio(here, server, reference, "cpu"),
        overBare: bare === undefined ? undefined : ratio(here, server, bare, "cpu"),
        generatorBound: result.generatorLoad > BUSY,
        failures: failures.get(`${scenario} ${server}`) ?? 0,
      });
    }
  }
  return cells;
}

/** The median, over the rounds, of how much more one server needs: slow drift cancels out. */
export function ratio(
  runs: readonly Run[],
  server: string,
  reference: string,
  figure: keyof LoadResult,
): number {
  const rounds = new Map(
    runs.filter((run) => run.server === reference).map(({ round, result }) => [round, result]),
  );
  return median(
    runs.filter((run) => run.server === server).flatMap(({ round, result }) => {
      const other = rounds.get(round);
      return other === undefined ? [] : [result[figure] / other[figure]];
    }),
  );
}

/** The middle value; `NaN` if there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

function medians(runs: readonly Run[]): LoadResult {
  const figure = (name: keyof LoadResult) => median(runs.map(({ result }) => result[name]));
  return {
    operations: figure("operations"),
    perSecond: figure("perSecond"),
    cpu: figure("cpu"),
    serverLoad: figure("serverLoad"),
    generatorLoad: figure("generatorLoad"),
    p50: figure("p50"),
    p99: figure("p99"),
    memory: figure("memory"),
  };
}
