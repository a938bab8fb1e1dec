// What CI runs: the checks of the code and every test. `deno task ok`, or `node scripts/ok.mjs`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { finish, test } from "./test.mjs";
import { build, install, root, run } from "./tools.mjs";

const config = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
const entries = Object.values(config.exports);
// Of the files that it is told, and not of what they export, Deno runs the examples.
const shipped = ["mod.ts", "parser", "events", "server", "client", "emitter"];

// Not the scripts of web pages: what they import has an address and no file.
const typescript = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !config.exclude.includes(name) && !name.startsWith("."))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(root, entry.name), { recursive: true }).map((file) =>
        join(entry.name, String(file))
      )
      : [entry.name]
  )
  .filter((file) => file.endsWith(".ts"));

/** Each check: its name, and the command that is silent and ends with 0 if all is well. */
const CHECKS = [
  ["format", "deno", ["fmt", "--check"]],
  ["lint", "deno", ["lint"]],
  ["types", "deno", ["check", ...typescript]],
  ["doc comments", "deno", ["doc", "--lint", ...entries]],
  ["examples in doc comments", "deno", ["test", "-A", "--doc", "--reporter=dot", ...shipped]],
  ["publish", "deno", ["publish", "--dry-run", "--allow-dirty"]],
];

install();
build();
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [name, command, args] of CHECKS) {
  let output = "";
  const ok = await run(command, args, (text) => output += text) === 0;
  counts[ok ? "passed" : "failed"]++;
  console.log(`${ok ? "ok    " : "FAILED"} ${name}`);
  if (!ok) console.log(`${command} ${args.join(" ")}\n${output}`);
}
const tested = await test();
for (const outcome in counts) counts[outcome] += tested[outcome];
console.log();
finish(counts);
process.exit();
