/** Connections that are opened and then do nothing: what they cost in time and in memory. */
import { connect, many } from "./client.ts";
import { difference, type LoadOptions, type LoadResult, type Meter, snapshot } from "./run.ts";

// These are there before anything is measured.
const WARM_UP = 500;
const AT_ONCE = 64;

/** Opens clients; an operation is one handshake, up to the answer of the namespace. */
export async function idle(options: LoadOptions, meter: Meter): Promise<LoadResult> {
  const { port } = options;
  const open = async () => {
    const began = performance.now();
    await connect(port, "r", meter.fail);
    meter.done(began);
  };
  await many(WARM_UP, AT_ONCE, open);
  const memory = await residentMemory(port);
  meter.measuring = true;
  const before = await snapshot(port, meter);
  await many(options.clients, AT_ONCE, open);
  const after = await snapshot(port, meter);
  const growth = await residentMemory(port) - memory;
  return { ...difference(before, after, meter), memory: growth / options.clients };
}

/** The resident memory of the server after a collection of garbage, in bytes. */
async function residentMemory(port: number): Promise<number> {
  // The first collection may leave what was still in use when it began.
  await fetch(`http://127.0.0.1:${port}/stats`);
  const response = await fetch(`http://127.0.0.1:${port}/stats`);
  return (await response.json()).rss;
}
