/** Measures all cells in this runtime and prints them as JSON: nanoseconds, and bytes on the wire. */
import { CODECS, withOurs } from "./codecs.mjs";
import { PACKETS } from "./packets.mjs";

const ROUNDS = 15;
const ROUND_MS = Number(process.argv[2] ?? 20);

const isNode = globalThis.Deno === undefined && globalThis.Bun === undefined;
const codecs = isNode ? CODECS : await withOurs();

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

const cells = [];
for (const [packetName, packet] of Object.entries(PACKETS)) {
  for (const [codecName, codec] of Object.entries(codecs)) {
    const input = codec.prepare(packet);
    const encoded = codec.encode(input);
    const received = codec.received(encoded);
    const common = { packet: packetName, codec: codecName, bytes: bytesOf(encoded), times: [] };
    cells.push({ ...common, way: "encode", task: codec.encode, input });
    cells.push({ ...common, way: "decode", task: codec.decode, input: received, times: [] });
  }
}
for (const cell of cells) cell.count = calibrate(cell.task, cell.input);
for (let round = 0; round < ROUNDS; round++) {
  for (const { task, input, count, times } of cells) {
    times.push(run(task, input, count) / count * 1e6);
  }
}
if (sink === undefined) throw new Error("nothing was measured");

console.log(JSON.stringify(cells.map(({ packet, codec, bytes, way, times }) => {
  times.sort((a, b) => a - b);
  return { packet, codec, bytes, way, ns: Math.round(times[times.length >> 1]) };
})));
