import type { EventsMap } from "../events/mod.ts";
import { addressOf, parseAddress } from "./engine/mod.ts";
import type { LeanManager, ManagedSocket } from "./manager.ts";
import {
  type AnyEvents,
  DEFAULT_PATH,
  type LookupOptions,
  type ManagerOptions,
  type SharingOptions,
} from "./options.ts";
import { Socket } from "./socket.ts";

/** Connects to a server, and to a namespace there, over a connection that is shared. */
export interface Lookup<Options = ManagerOptions, Manager extends LeanManager = LeanManager> {
  /** Returns the socket of a namespace of the server that the page or worker comes from. */
  <ListenEvents extends EventsMap = AnyEvents, EmitEvents extends EventsMap = ListenEvents>(
    options: Options & SharingOptions,
  ): ManagedSocket<ListenEvents, EmitEvents, Manager>;
  // The last one is what `Parameters<typeof io>` takes.
  /**
   * Returns the socket of a namespace.
   *
   * @param uri the address of the server; its path names the namespace. Default: where the page or
   * worker comes from.
   */
  <ListenEvents extends EventsMap = AnyEvents, EmitEvents extends EventsMap = ListenEvents>(
    uri?: string | URL,
    options?: Options & SharingOptions,
  ): ManagedSocket<ListenEvents, EmitEvents, Manager>;
  /** The class of managers in use. */
  readonly Manager: ManagerClass<Options, Manager>;
  /** The class of sockets. */
  readonly Socket: typeof Socket;
  /** The same function. */
  readonly io: Lookup<Options, Manager>;
  /** The same function. */
  readonly connect: Lookup<Options, Manager>;
  /** The version of the Socket.IO protocol. */
  readonly protocol: number;
}

/** A class of managers. */
export type ManagerClass<Options, Manager extends LeanManager = LeanManager> = new (
  uri: string | undefined,
  options: Options,
) => Manager;

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
export function createLookup<Options, Made extends LeanManager = LeanManager>(
  Manager: ManagerClass<Options, Made>,
): Lookup<Options, Made> {
  const managers = new Map<string, Made>();

  function lookup(uri?: string | URL | LookupOptions, options?: LookupOptions): Socket {
    if (uri instanceof URL) return lookup(uri.href, options);
    if (uri && typeof uri === "object") return lookup("", uri);
    if (uri && typeof uri !== "string") throw new TypeError(`Cannot use address ${uri}`);
    options ??= {};
    const { secure, host, path } = addressOf(uri, {
      ...options,
      path: options.path || DEFAULT_PATH,
    });
    const key = [secure, host, path].join();
    const nsp = parseAddress(uri).path || "/";
    let manager = managers.get(key);
    const shared = options.multiplex !== false && !options.forceNew && !manager?.has(nsp);
    if (!shared || !manager) {
      manager = new Manager(uri, options as Options);
      if (shared) managers.set(key, manager);
    }
    return manager.socket(nsp, options);
  }

  return Object.assign(lookup as unknown as Lookup<Options, Made>, {
    Manager,
    Socket,
    io: lookup,
    connect: lookup,
    protocol,
  });
}
