/**
 * Measures one codec in this runtime, so that no codec spoils what the compiler knows of another,
 * and prints its cells as JSON: nanoseconds, and bytes on the wire.
 */
import process from "node:process";
import { CODECS, OURS, withOurs } from "./codecs.mjs";
import { PACKETS } from "./packets.mjs";

const ROUNDS = 15;
const ROUND_MS = 10;

const [, , codecName] = process.argv;
const codec = (OURS.includes(codecName) ? await withOurs() : CODECS)[codecName];

let sink;

function run(task, input, count) {
  const start = performance.now();
  for (let i = 0; i < count; i++) sink = task(input);
  return performance.now() - start;
}

/** How often the task runs in a round; finding out warms it up as well. */
function calibrate(task, input) {
  let count = 1000;
  for (;;) {
    const elapsed = run(task, input, count);
    if (elapsed > ROUND_MS) return Math.ceil(count * ROUND_MS / elapsed);
    count *= 2;
  }
}

function bytesOf(frames) {
  const list = Array.isArray(frames) ? frames : [frames];
  return list.reduce((sum, frame) => sum + (frame.byteLength ?? frame.length), 0);
}

const cells = Object.entries(PACKETS).flatMap(([packet, value]) => {
  const input = codec.prepare(value);
  const encoded = codec.encode(input);
  const common = { packet, codec: codecName, bytes: bytesOf(encoded) };
  return [
    { ...common, way: "encode", task: codec.encode, input, times: [] },
    { ...common, way: "decode", task: codec.decode, input: codec.received(encoded), times: [] },
  ];
});
for (const cell of cells) cell.count = calibrate(cell.task, cell.input);
for (let round = 0; round < ROUNDS; round++) {
  for (const { task, input, count, times } of cells) {
    times.push(run(task, input, count) / count * 1e6);
  }
}
if (sink === undefined) throw new Error("nothing was measured");

// The best round: whatever else the machine does only ever adds to a time.
console.log(JSON.stringify(cells.map(({ packet, codec, bytes, way, times }) => {
  return { packet, codec, bytes, way, ns: Math.round(Math.min(...times)) };
})));
