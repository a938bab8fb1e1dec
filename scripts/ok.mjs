// What CI runs: the checks of the code and every test. `deno task ok`, or `node scripts/ok.mjs`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { finish, test } from "./test.mjs";
import { install, root, run } from "./tools.mjs";

const entries = Object.values(JSON.parse(readFileSync(join(root, "deno.json"), "utf8")).exports);

/** Each check: its name, and the command that is silent and ends with 0 if all is well. */
const CHECKS = [
  ["format", "deno", ["fmt", "--check"]],
  ["lint", "deno", ["lint"]],
  ["types", "deno", ["check", "."]],
  ["doc comments", "deno", ["doc", "--lint", ...entries]],
  ["examples in doc comments", "deno", ["test", "-A", "--doc", "--reporter=dot", ...entries]],
  ["publish", "deno", ["publish", "--dry-run", "--allow-dirty"]],
];

install();
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
