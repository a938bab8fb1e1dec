/** The chart of the README: bars for each scenario, drawn as SVG by hand. */
import { describe } from "./report.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Cell } from "./summary.ts";
import { digits } from "./table.ts";

const WIDTH = 760;
const COLUMNS = 2;
const MARGIN = 24;
const TOP = 104;
const BAR = 13;
const STEP = 17;
const TITLE = 30;
const VALUE_ROOM = 52;
const COLORS: Readonly<Record<string, string>> = {
  "sockeye-bun": "#e4572e",
  "sockeye-deno": "#f3a712",
  "bun-engine": "#5b7c99",
  "socketio-node": "#8fa6b8",
  "bare-bun": "#d9dee3",
  "bare-deno": "#d9dee3",
};

interface Panel {
  readonly title: string;
  readonly bars: readonly { readonly server: string; readonly value: number }[];
}

/** Draws one panel for each scenario, and one for the memory of idle connections. */
export function chart(cells: readonly Cell[], servers: readonly string[], note: string): string {
  const panels = [...cpuPanels(cells, servers), memoryPanel(cells, servers)]
    .filter(({ bars }) => bars.length > 0);
  const rows = Math.ceil(panels.length / COLUMNS);
  const rowHeight = TITLE + servers.length * STEP + 14;
  const height = TOP + rows * rowHeight + 22;
  const body = panels.map((panel, index) =>
    draw(panel, {
      x: MARGIN + (index % COLUMNS) * (WIDTH / COLUMNS),
      y: TOP + Math.floor(index / COLUMNS) * rowHeight,
    })
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="#ffffff"/>`,
    text(MARGIN, 30, "What a server spends", `font-size="17" font-weight="600"`),
    text(MARGIN, 48, `Shorter is better. ${note}`, `fill="#5c6670"`),
    ...legend(servers),
    ...body,
    "</svg>\n",
  ].join("\n");
}

function cpuPanels(cells: readonly Cell[], servers: readonly string[]): Panel[] {
  return SCENARIOS.map(({ name, operation }) => ({
    title: `${name}: CPU µs per ${operation}`,
    bars: bars(cells.filter(({ scenario }) => scenario === name), servers, ({ cpu }) => cpu),
  }));
}

function memoryPanel(cells: readonly Cell[], servers: readonly string[]): Panel {
  const measured = cells.filter(({ result }) => result.memory > 0);
  return {
    title: "idle connection: bytes",
    bars: bars(measured, servers, ({ memory }) => memory),
  };
}

function bars(
  cells: readonly Cell[],
  servers: readonly string[],
  figure: (result: Cell["result"]) => number,
): Panel["bars"] {
  return servers.flatMap((server) => {
    const cell = cells.find((cell) => cell.server === server);
    return cell === undefined ? [] : [{ server, value: figure(cell.result) }];
  });
}

function draw({ title, bars }: Panel, { x, y }: { x: number; y: number }): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const room = WIDTH / COLUMNS - 2 * MARGIN - VALUE_ROOM;
  const lines = bars.map(({ server, value }, index) => {
    const top = y + TITLE - 8 + index * STEP;
    const length = Math.max(1, value / most * room);
    return `<rect x="${x}" y="${top}" width="${length.toFixed(1)}" height="${BAR}" rx="2" ` +
      `fill="${colorOf(server)}"><title>${escape(describe(server))}</title></rect>` +
      text(x + length + 5, top + 10, digits(value), `fill="#3a4149"`);
  });
  return [text(x, y + 12, title, `font-weight="600"`), ...lines].join("\n");
}

function legend(servers: readonly string[]): string[] {
  const column = (WIDTH - 2 * MARGIN) / 3;
  return servers.map((server, index) => {
    const x = MARGIN + (index % 3) * column;
    const y = 62 + Math.floor(index / 3) * 18;
    return `<rect x="${x}" y="${y}" width="11" height="11" rx="2" fill="${colorOf(server)}"/>` +
      text(x + 16, y + 10, describe(server), "");
  });
}

function colorOf(server: string): string {
  return COLORS[server] ?? "#9aa5b1";
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
