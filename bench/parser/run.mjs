/**
 * Compares the parsers on Node, Deno and Bun: `deno task bench:parser`.
 * Ends with an error if ours is slower than the target in a cell.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { CODECS, OURS } from "./codecs.mjs";
import { PACKETS } from "./packets.mjs";

const RUNTIMES = { Node: ["node"], Deno: ["deno", "run", "-A"], Bun: ["bun"] };
const PASSES = 2;
const WAYS = ["encode", "decode"];
const MAX_RATIO_TO_JSON = 1.5;

const script = new URL("./measure.mjs", import.meta.url).pathname;
const folder = new URL("../../node_modules/.bin", import.meta.url).pathname;
const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };

function measure([command, ...args], codec) {
  const { status, stdout, stderr } = spawnSync(command, [...args, script, codec], {
    encoding: "utf8",
    env,
  });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** The best of several processes, taken by turns. */
function measureAll(name, command) {
  const codecs = [...(name === "Node" ? [] : OURS), ...Object.keys(CODECS)];
  const passes = Array.from(
    { length: PASSES },
    () => codecs.flatMap((codec) => measure(command, codec)),
  );
  return passes[0].map((cell, index) => ({
    ...cell,
    ns: Math.min(...passes.map((pass) => pass[index].ns)),
  }));
}

function table(name, cells) {
  const codecs = [...new Set(cells.map(({ codec }) => codec))];
  const find = (packet, codec, way) =>
    cells.find((cell) => cell.packet === packet && cell.codec === codec && cell.way === way);
  console.log(`\n### ${name}, nanoseconds\n`);
  console.log(`| packet | | ${codecs.join(" | ")} |`);
  console.log(`|---|---|${codecs.map(() => "---:").join("|")}|`);
  for (const packet of Object.keys(PACKETS)) {
    for (const way of WAYS) {
      const row = codecs.map((codec) => find(packet, codec, way).ns);
      console.log(`| ${packet} | ${way} | ${row.join(" | ")} |`);
    }
  }
  return codecs.includes("our json") ? misses(name, find) : [];
}

function misses(name, find) {
  const found = [];
  for (const packet of Object.keys(PACKETS)) {
    for (const way of WAYS) {
      const ns = (codec) => find(packet, codec, way).ns;
      const check = (codec, rival, ratio) => {
        if (ns(codec) <= ratio * ns(rival)) return;
        const times = (ns(codec) / ns(rival)).toFixed(2);
        found.push(`${name}: ${way} ${packet}: ${codec} takes ${times} times ${rival}`);
      };
      check("our json", "official json", 1);
      check("our json", "JSON", MAX_RATIO_TO_JSON);
      check("our msgpack", "official msgpack", 1);
    }
  }
  return found;
}

function sizes(cells) {
  const codecs = ["our json", "our msgpack", "our cbor"];
  console.log(`\n### Bytes on a WebSocket\n\n| packet | ${codecs.join(" | ")} |`);
  console.log(`|---|${codecs.map(() => "---:").join("|")}|`);
  for (const packet of Object.keys(PACKETS)) {
    const row = codecs.map((codec) =>
      cells.find((cell) => cell.packet === packet && cell.codec === codec).bytes
    );
    console.log(`| ${packet} | ${row.join(" | ")} |`);
  }
}

const results = Object.entries(RUNTIMES).map((
  [name, command],
) => [name, measureAll(name, command)]);
const missed = results.flatMap(([name, cells]) => table(name, cells));
sizes(results.at(-1)[1]);
console.log(missed.length === 0 ? "\nAll targets are met." : `\nMissed:\n${missed.join("\n")}`);
process.exitCode = missed.length === 0 ? 0 : 1;
