/**
 * The load generator: runs on Bun, opens TCP connections, speaks HTTP and WebSocket by hand, checks
 * what it gets, and prints one line of JSON.
 */
import process from "node:process";
import { broadcast } from "./broadcast.ts";
import { echo } from "./echo.ts";
import { idle } from "./idle.ts";
import { polling } from "./polling.ts";
import { rooms } from "./rooms.ts";
import { type Load, type LoadOptions, measure, Meter } from "./run.ts";

const LOADS: Record<string, (options: LoadOptions, meter: Meter) => Promise<Load>> = {
  echo: (options, meter) => echo("echo", options, meter),
  ack: (options, meter) => echo("ack", options, meter),
  broadcast,
  rooms,
  polling,
};

const [kind = "", json = "{}"] = process.argv.slice(2);
const options: LoadOptions = JSON.parse(json);
const meter = new Meter();
const start = LOADS[kind];
const result = start === undefined
  ? await idle(options, meter)
  : await measure(options, meter, await start(options, meter));
console.log(JSON.stringify(result));
process.exit(0);
