/**
 * `deno task bench`: our server on Deno and on Bun beside others, all in one run.
 *
 * Each run has a fresh server and a fresh load generator. The servers take turns, so that whatever
 * changes on the machine meanwhile meets all of them. What counts is the CPU time that a server
 * needs for an operation: it depends least on what else the machine does.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chart } from "./chart.ts";
import { runOnce, versionOf } from "./processes.ts";
import { report } from "./report.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { SERVERS, type ServerUnderTest } from "./servers.ts";
import { type Cell, type Run, summarize } from "./summary.ts";

/** What is kept of a run of the benchmark. */
interface Found {
  readonly date: string;
  readonly machine: string;
  readonly cells: readonly Cell[];
  readonly runs: readonly Run[];
}

const { values } = parseArgs({
  options: {
    scenarios: { type: "string" },
    servers: { type: "string" },
    runs: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
    redraw: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const HELP = `deno task bench [options]

  --scenarios NAMES  ${SCENARIOS.map(({ name }) => name).join(",")}
  --servers NAMES    ${SERVERS.map(({ name }) => name).join(",")}
  --runs NUMBER      how often each server runs in each scenario (3)
  --seconds NUMBER   how long is measured (2)
  --quick            one short run of each, with fewer clients
  --redraw           measures nothing: tables and chart of the last results

A run of everything that is not quick writes bench/results/latest.json and docs/bench.svg.`;

if (values.help) {
  console.log(HELP);
  process.exit();
}

const rounds = values.quick ? 1 : Number(values.runs);
const seconds = values.quick ? 0.5 : Number(values.seconds);
const versions = Object.fromEntries(
  ["bun", "deno", "node"].map((runtime) => [runtime, versionOf(runtime)]),
);
const scenarios = chosen(SCENARIOS, values.scenarios);
const servers = chosen(SERVERS, values.servers).filter(({ name, runtime }) => {
  if (versions[runtime] !== undefined) return true;
  console.error(`${name} is left out: there is no ${runtime}`);
  return false;
});

const results = new URL("results/", import.meta.url);
const latest = new URL("latest.json", results);
const image = new URL("../docs/bench.svg", import.meta.url);
if (values.redraw) {
  show(JSON.parse(readFileSync(latest, "utf8")));
  process.exit();
}

const runs: Run[] = [];
const failures = new Map<string, number>();
for (const scenario of scenarios) {
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) await take(scenario, server, round);
  }
}

const found: Found = {
  date: new Date().toISOString(),
  machine: machine(),
  cells: summarize(runs, failures, servers[0]?.name ?? "", bareOf),
  runs,
};
const whole = values.scenarios === undefined && values.servers === undefined;
if (whole && !values.quick) save(found);
else console.log(`${found.machine}\n\n${report(found.cells)}`);
process.exit(failures.size > 0 ? 1 : 0);

async function take(scenario: Scenario, server: ServerUnderTest, round: number): Promise<void> {
  const clients = values.quick ? Math.min(200, scenario.clients) : scenario.clients;
  const { inFlight, load } = scenario;
  try {
    const options = { clients, inFlight, seconds, warmUp: seconds / 2 };
    const result = await runOnce(server, load, options);
    runs.push({ scenario: scenario.name, server: server.name, round, result });
    console.error(`${scenario.name} #${round + 1} ${server.name}: ${result.cpu.toFixed(2)} µs`);
  } catch (error) {
    const key = `${scenario.name} ${server.name}`;
    failures.set(key, (failures.get(key) ?? 0) + 1);
    console.error(`${key} failed: ${error instanceof Error ? error.message : error}`);
  }
}

function save(found: Found): void {
  mkdirSync(results, { recursive: true });
  writeFileSync(latest, JSON.stringify(found, undefined, 2) + "\n");
  show(found);
}

function show({ cells, machine, date }: Found): void {
  const names = [...new Set(cells.map(({ server }) => server))];
  console.log(`${machine}, ${date.slice(0, 10)}\n\n${report(cells)}`);
  mkdirSync(new URL(".", image), { recursive: true });
  writeFileSync(image, chart(cells, names, machine));
  console.log(`\nWritten: ${fileURLToPath(image)}`);
}

function machine(): string {
  const used = Object.entries(versions).filter(([, version]) => version !== undefined);
  const runtimes = used.map(([name, version]) =>
    `${name === "bun" ? "Bun" : name === "deno" ? "Deno" : "Node"} ${version}`
  );
  return `${runtimes.join(", ")}; ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown CPU"}`;
}

function bareOf(server: string): string | undefined {
  const runtime = SERVERS.find(({ name }) => name === server)?.runtime;
  return servers.find(({ name }) => name === `bare-${runtime}`)?.name;
}

function chosen<T extends { readonly name: string }>(all: readonly T[], names?: string): T[] {
  if (names === undefined) return [...all];
  return names.split(",").map((name) => {
    const found = all.find((item) => item.name === name);
    if (found !== undefined) return found;
    console.error(`There is no "${name}".\n\n${HELP}`);
    process.exit(2);
  });
}
