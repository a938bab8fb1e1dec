/** What `deno task bench` prints. */
import { SCENARIOS } from "./scenarios.ts";
import { SERVERS } from "./servers.ts";
import type { Cell } from "./summary.ts";
import { digits, table } from "./table.ts";

/** All tables: the ratios first, then each scenario in full. */
export function report(cells: readonly Cell[]): string {
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))];
  return [ratios(cells, scenarios), ...scenarios.map((name) => details(cells, name))].join("\n\n");
}

/** Server CPU time for each operation, and how that compares with the first server. */
export function ratios(cells: readonly Cell[], scenarios: readonly string[]): string {
  const servers = [...new Set(cells.map(({ server }) => server))];
  const rows = servers.map((server) => [
    describe(server),
    ...scenarios.map((scenario) => {
      const cell = find(cells, scenario, server);
      return cell === undefined ? "failed" : `${digits(cell.result.cpu)} (× ${digits(cell.ratio)})`;
    }),
    memoryOf(cells, server),
  ]);
  const head = ["CPU µs per operation", ...scenarios, "idle bytes"];
  return `Less is better; in brackets against ${describe(servers[0] ?? "")}.\n\n` +
    table(head, rows);
}

function details(cells: readonly Cell[], name: string): string {
  const scenario = SCENARIOS.find((scenario) => scenario.name === name);
  const operation = scenario?.operation ?? "operation";
  const rows = cells.filter((cell) => cell.scenario === name).map((cell) => {
    const { cpu, perSecond, p50, p99, serverLoad, generatorLoad } = cell.result;
    return [
      describe(cell.server),
      digits(cpu),
      cell.overBare === undefined ? "–" : digits(cell.overBare),
      digits(perSecond),
      digits(p50),
      digits(p99),
      percent(serverLoad),
      percent(generatorLoad) + (cell.generatorBound ? " (the bottleneck)" : ""),
      String(cell.failures),
    ];
  });
  const head = [
    `${name}`,
    `CPU µs/${operation}`,
    "× bare",
    `${operation}/s`,
    "p50 µs",
    "p99 µs",
    "server CPU",
    "generator CPU",
    "failed runs",
  ];
  return `### ${name}: ${scenario?.about ?? ""}\n\n${table(head, rows)}`;
}

function memoryOf(cells: readonly Cell[], server: string): string {
  const cell = cells.find(({ server: name, result }) => name === server && result.memory > 0);
  return cell === undefined ? "–" : digits(cell.result.memory);
}

function find(cells: readonly Cell[], scenario: string, server: string): Cell | undefined {
  return cells.find((cell) => cell.scenario === scenario && cell.server === server);
}

/** What a server is, in words. */
export function describe(server: string): string {
  return SERVERS.find(({ name }) => name === server)?.about ?? server;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
