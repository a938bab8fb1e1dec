// The demo: `node scripts/start.mjs [deno|bun]`, on Deno unless told otherwise.
import process from "node:process";
import { build, install, mustRun } from "./tools.mjs";

const runtime = process.argv[2] ?? "deno";
install();
build();
mustRun(
  runtime,
  runtime === "bun" ? ["examples/chat/server.ts"] : ["run", "-A", "examples/chat/server.ts"],
);
