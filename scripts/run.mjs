// Runs a program of this project on Deno: `node scripts/run.mjs FILE ARGUMENTS`. The tasks of
// deno.json come here, since in a task the name `deno` means the npm package of that name, which
// Deno then takes for JavaScript.
import process from "node:process";
import { mustRun } from "./tools.mjs";

try {
  mustRun("deno", ["run", "-A", ...process.argv.slice(2)]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
