import type { OfficialClients, OfficialSocket } from "./official.ts";
import { once } from "./once.ts";
import { START_PATIENCE } from "./process.ts";

/** Clients of a program of several threads, each of which tells its clients its name. */
export interface ThreadClients {
  /** One client of each thread, by the name of the thread. */
  readonly byThread: ReadonlyMap<string, OfficialSocket>;
  /** All that were opened, among them those that came to a thread that was known. */
  readonly all: readonly OfficialSocket[];
}

/**
 * Opens clients until two threads have one: threads start one after another, and the kernel
 * chooses the one of each connection.
 */
export async function inTwoThreads(clients: OfficialClients): Promise<ThreadClients> {
  const byThread = new Map<string, OfficialSocket>();
  const all: OfficialSocket[] = [];
  for (const end = Date.now() + START_PATIENCE; byThread.size < 2;) {
    if (Date.now() > end) throw new Error(`All ${all.length} clients came to one thread`);
    const client = clients.open({ transports: ["websocket"] });
    const [thread] = await once<[string]>(client, "thread");
    all.push(client);
    byThread.set(thread, client);
  }
  return { byThread, all };
}
