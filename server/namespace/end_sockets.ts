import type { Adapter } from "../adapter/mod.ts";
import type { Socket } from "./socket.ts";

/** A namespace whose sockets are to end. */
export interface Ending {
  /** It may hold back what was sent. */
  readonly adapter: Pick<Adapter, "drain">;
  /** The sockets in it. */
  readonly sockets: ReadonlyMap<string, Pick<Socket, "closed">>;
}

/**
 * Ends the sockets of all namespaces of a server that shuts down: at once, or where an adapter holds
 * back what was sent, as soon as it is on its way.
 */
export function endSockets(namespaces: ReadonlyMap<string, Ending>): Promise<void> | undefined {
  const drained = [...namespaces.values()].flatMap(({ adapter }) => adapter.drain?.() ?? []);
  if (drained.length > 0) return Promise.all(drained).then(() => end(namespaces));
  end(namespaces);
  return undefined;
}

function end(namespaces: ReadonlyMap<string, Ending>): void {
  for (const { sockets } of namespaces.values()) {
    for (const socket of sockets.values()) socket.closed("server shutting down");
  }
}
