/** One client has the server send events to all; each has to get every one, in order. */
import type { Buffer } from "node:buffer";
import { connect, many } from "./client.ts";
import { type Load, type LoadOptions, type Meter, until } from "./run.ts";
import { textFrame } from "./websocket.ts";

const PUBLISH = textFrame('42["pub",1]');
const DIGITS = '42["news",'.length;
const COMMA = 44;
// More than are ever under way.
const CYCLE = 64;

/** Starts all clients; an operation is one event that arrived at one client. */
export async function broadcast(options: LoadOptions, meter: Meter): Promise<Load> {
  const { clients: count, inFlight } = options;
  const clients = await many(count, 32, () => connect(options.port, "r", meter.fail));
  const [publisher] = clients;
  const began = new Float64Array(CYCLE);
  const arrived = new Uint32Array(CYCLE);
  let published = 0;
  let complete = 0;
  let stopping = false;

  const publish = () => {
    began[published++ % CYCLE] = performance.now();
    publisher?.send(PUBLISH);
  };
  const arrive = (seq: number) => {
    const slot = seq % CYCLE;
    const sofar = (arrived[slot] ?? 0) + 1;
    arrived[slot] = sofar;
    meter.operations++;
    if (sofar < count) return;
    arrived[slot] = 0;
    complete++;
    // What counts is when the last one has it.
    if (meter.measuring) meter.latency.add(performance.now() - (began[slot] ?? 0));
    if (!stopping) publish();
  };
  for (const client of clients) {
    let expected = 0;
    client.onPacket = (bytes, start) => {
      const seq = readNumber(bytes, start + DIGITS);
      if (seq !== expected++) meter.fail(`event ${seq} arrived where ${expected - 1} was due`);
      arrive(seq);
    };
  }
  for (let i = 0; i < inFlight; i++) publish();
  return {
    stop() {
      stopping = true;
      return until(() => complete === published, "the last broadcast", meter);
    },
  };
}

function readNumber(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; bytes[at] !== COMMA; at++) value = value * 10 + (bytes[at] ?? 0) - 48;
  return value;
}
