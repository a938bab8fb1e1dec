// Measures on the runtime that runs it, and prints JSON.
import process from "node:process";
import { emitterCases, roomCases, serverCases } from "./cases.ts";
import { time } from "./timing.ts";

const cases = [...emitterCases(), ...roomCases(), ...serverCases()];
console.log(JSON.stringify(cases.map(time)));
process.exit();
