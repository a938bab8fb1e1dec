// A server in a thread of its own, which shares its namespaces by a channel of the name that it is
// told first: tells its port, and does what it is told.
import { Server } from "../../mod.ts";
import { createAdapter } from "../../server/adapter/broadcast_channel/mod.ts";
import { serve } from "./serve.ts";

interface ThreadScope {
  onmessage: ((event: { data: Order }) => void) | null;
  postMessage(message: unknown): void;
}

/** What the thread is told to do. */
export type Order =
  | { readonly type: "start"; readonly channelName: string }
  /** To do nothing else until the first of these is no longer 0. */
  | { readonly type: "block"; readonly until: Int32Array }
  /** To say as many numbers to everybody, in one turn. */
  | { readonly type: "say"; readonly count: number }
  | { readonly type: "close" };

const thread = globalThis as unknown as ThreadScope;

async function start(channelName: string): Promise<(order: Order) => Promise<void> | void> {
  const errors: string[] = [];
  const io = new Server({ adapter: createAdapter({ channelName }), transports: ["websocket"] });
  io.sockets.adapter.on("error", ({ message }: Error) => void errors.push(message));
  io.on("errors", (done: (errors: string[]) => void) => done(errors));
  const served = await serve(io);
  thread.postMessage(served.port);
  return async (order) => {
    if (order.type === "block") {
      thread.postMessage("blocked");
      Atomics.wait(order.until, 0, 0);
    } else if (order.type === "say") {
      for (let i = 0; i < order.count; i++) io.emit("say", i);
    } else if (order.type === "close") {
      await served.close();
      thread.postMessage("closed");
    }
  };
}

let obey: ((order: Order) => Promise<void> | void) | undefined;

thread.onmessage = async ({ data }) => {
  if (data.type === "start") obey = await start(data.channelName);
  else await obey?.(data);
};
