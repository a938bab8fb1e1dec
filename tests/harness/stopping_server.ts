// Our server in a server of the runtime, which stops when it is asked for another page, without a
// word to ours; with `close`, ours is closed, and the process ended: prints its port.
import process from "node:process";
import { Server } from "../../mod.ts";

interface Runtimes {
  Deno?: {
    serve(options: object, handler: unknown): { addr: { port: number }; shutdown(): Promise<void> };
  };
  Bun?: { serve(options: object): { port: number; stop(all: boolean): Promise<void> } };
}

const LATER = 10 * 60_000;
const io = new Server({
  pingInterval: LATER,
  connectTimeout: LATER,
  connectionStateRecovery: { maxDisconnectionDuration: LATER },
});
const handler = io.handler(() => {
  setTimeout(stop);
  return new Response("stopping");
});
// Those who have come once are to be gone: a poll of theirs would be waited for.
const gone: Promise<void>[] = [];
io.on("connection", ({ conn }) => {
  gone.push(new Promise((resolve) => conn.on("close", () => resolve())));
});
const { Deno, Bun } = globalThis as Runtimes;
const address = { port: 0, hostname: "127.0.0.1" };
const server = Deno?.serve({ ...address, onListen() {} }, handler) ??
  Bun!.serve({ ...address, ...handler });
console.log(`port ${"addr" in server ? server.addr.port : server.port}`);

async function stop(): Promise<void> {
  if (process.argv[2] === "close") {
    await io.close();
    process.exit();
  }
  await Promise.all(gone);
  return "shutdown" in server ? server.shutdown() : server.stop(true);
}
