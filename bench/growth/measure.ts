// Measures on the runtime that runs it, and prints JSON.
import process from "node:process";
import { broadcasts, manyRooms, manyRoomsOfOne, moves, overlaps } from "./rooms.ts";
import { cycles, heartbeats } from "./time.ts";

const findings = [
  broadcasts(),
  moves(),
  manyRooms(),
  manyRoomsOfOne(),
  overlaps(),
  await heartbeats(),
  await cycles(),
];
console.log(JSON.stringify(findings));
process.exit();
