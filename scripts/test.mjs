// Every test, on Deno and on Bun, and there without its fast roads: `node scripts/test.mjs [files…]`.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { count, readResults } from "./junit.mjs";
import { build, install, root, run } from "./tools.mjs";

const bunTest = (report, files) => [
  "test",
  // As many files at a time as there are cores, each with globals of its own.
  "--parallel",
  "--timeout",
  "60000",
  "--only-failures",
  "--reporter=junit",
  `--reporter-outfile=${report}`,
  ...files.map((file) => `./${file}`),
];

const RUNS = [
  {
    name: "Deno",
    command: "deno",
    args: (report, files) => [
      "test",
      "-A",
      "--sanitize-ops",
      "--sanitize-resources",
      "--parallel",
      "--reporter=dot",
      `--junit-path=${report}`,
      ...(files.length > 0 ? files : ["tests"]),
    ],
  },
  { name: "Bun", command: "bun", args: bunTest },
  {
    name: "Bun without its fast roads",
    command: "bun",
    args: (report, files) => [
      ...bunTest(report, files.length > 0 ? files : SERVED),
      "--preload=./tests/harness/without_fast_roads.ts",
    ],
  },
];

// Where servers run, but with what brokers or browsers carry; elsewhere no road is to be taken away.
const SERVED = [
  ...readdirSync(join(root, "tests", "runtime"))
    .filter((name) => name.endsWith("_test.ts") && name !== "browsers_test.ts")
    .map((name) => `tests/runtime/${name}`),
  "tests/runtime/cluster/memory_test.ts",
  "tests/suite",
  "tests/unit/server",
];

/** Runs the tests on both runtimes. Resolves to the counts of all runs together. */
export async function test(files = []) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const one of RUNS) {
    const counts = await testIn(one, files);
    for (const outcome in total) total[outcome] += counts[outcome];
  }
  return total;
}

/** Prints the counts as the last line and sets the exit code. In CI a skipped test has failed. */
export function finish({ passed, failed, skipped }) {
  const strict = process.env.CI === "true";
  if (skipped > 0) console.log(`${skipped} skipped${strict ? ": that is a failure in CI" : ""}`);
  const failures = strict ? failed + skipped : failed;
  console.log(`${passed} passed, ${failures} failed`);
  process.exitCode = failures > 0 || passed === 0 ? 1 : 0;
}

async function testIn({ name, command, args }, files) {
  const folder = mkdtempSync(join(tmpdir(), "sockeye-"));
  const report = join(folder, "report.xml");
  console.log(`\n${name}: ${command} ${args("report.xml", files).join(" ")}`);
  const started = performance.now();
  const code = await run(command, args(report, files), (text) =>
    // Of tests that pass, a dot each on a line of its own says nothing.
    process.stdout.write(String(text).replaceAll(/^[.,]\n/gm, "")));
  const results = existsSync(report) ? readResults(readFileSync(report, "utf8")) : [];
  rmSync(folder, { recursive: true });
  const counts = count(results);
  if (code !== 0 && counts.failed === 0) {
    results.push({ outcome: "failed", name: `${command} test ended with ${code}`, text: "" });
    counts.failed++;
  }
  list(name, results);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`,
  );
  return counts;
}

function list(runtime, results) {
  for (const { outcome, name } of results) {
    if (outcome !== "passed") console.log(`${runtime}: ${outcome}: ${name}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  install();
  build();
  finish(await test(process.argv.slice(2)));
}
