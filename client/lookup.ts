import type { EventsMap } from "../events/mod.ts";
import { parseAddress } from "./engine/mod.ts";
import type { LeanManager, ManagedSocket } from "./manager.ts";
import type { AnyEvents, LookupOptions, ManagerOptions } from "./options.ts";
import { Socket } from "./socket.ts";

/** Connects to a server, and to a namespace there, over a connection that is shared. */
export interface Lookup {
  /**
   * Returns the socket of a namespace.
   *
   * @param uri the address of the server; its path names the namespace. Default: where the page or
   * worker comes from.
   */
  <ListenEvents extends EventsMap = AnyEvents, EmitEvents extends EventsMap = ListenEvents>(
    uri?: string,
    options?: LookupOptions,
  ): ManagedSocket<ListenEvents, EmitEvents>;
  /** Returns the socket of a namespace of the server that the page or worker comes from. */
  <ListenEvents extends EventsMap = AnyEvents, EmitEvents extends EventsMap = ListenEvents>(
    options: LookupOptions,
  ): ManagedSocket<ListenEvents, EmitEvents>;
  /** The class of managers in use. */
  readonly Manager: typeof LeanManager;
  /** The class of sockets. */
  readonly Socket: typeof Socket;
  /** The same function. */
  readonly io: Lookup;
  /** The same function. */
  readonly connect: Lookup;
  /** The version of the Socket.IO protocol. */
  readonly protocol: number;
}

/** The version of the Socket.IO protocol. */
export const protocol = 5;

/**
 * Makes an `io` function over a class of managers. The one of this package takes all transports; a
 * bundle that shall carry one only makes its own:
 *
 * @example
 * ```ts no-eval
 * import { createLookup, LeanManager, WebSocketTransport } from "@sockeye/io/client";
 *
 * const io = createLookup(LeanManager);
 * const socket = io("https://example.com", { transports: [WebSocketTransport] });
 * ```
 */
export function createLookup(Manager: typeof LeanManager): Lookup {
  const managers = new Map<string, LeanManager>();

  function lookup(uri?: string | LookupOptions, options: LookupOptions = {}): Socket {
    if (typeof uri === "object") return lookup(undefined, uri);
    const { secure, hostname, port, path, query } = parseAddress(uri);
    const origin = `http${secure ? "s" : ""}://${hostname}:${port}`;
    const key = origin + (options.path ?? "/socket.io");
    const nsp = path || "/";
    const make = () => new Manager(`${origin}?${query}`, options as ManagerOptions);
    let manager = managers.get(key);
    if (options.forceNew || options.multiplex === false || manager?.has(nsp)) manager = make();
    else if (!manager) managers.set(key, manager = make());
    return manager.socket(nsp, options);
  }

  return Object.assign(lookup as unknown as Lookup, {
    Manager,
    Socket,
    io: lookup,
    connect: lookup,
    protocol,
  });
}
