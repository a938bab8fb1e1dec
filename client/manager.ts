import type { EventsMap } from "../events/mod.ts";
import { Connector } from "./connector.ts";
import type { AnyEvents, SocketOptions } from "./options.ts";
import { Socket } from "./socket.ts";

/** A socket that knows which kind of manager it belongs to. */
export type ManagedSocket<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  Manager = LeanManager,
> =
  & Socket<ListenEvents, EmitEvents>
  & { readonly io: Manager };

/**
 * The sockets of one server. This manager takes its transports as classes only, so that a bundle
 * carries no other.
 */
export class LeanManager extends Connector {
  readonly #sockets = new Map<string, Socket>();

  /** The socket of a namespace, made at first use, and connected unless `autoConnect` is off. */
  socket<ListenEvents extends EventsMap = AnyEvents, EmitEvents extends EventsMap = ListenEvents>(
    nsp: string,
    options?: SocketOptions,
  ): ManagedSocket<ListenEvents, EmitEvents, this> {
    let socket = this.#sockets.get(nsp);
    if (!socket) this.#sockets.set(nsp, socket = new Socket(this, nsp, options));
    if (this.opts.autoConnect !== false) socket.connect();
    return socket as unknown as ManagedSocket<ListenEvents, EmitEvents, this>;
  }

  /** Whether there is a socket for this namespace. */
  has(nsp: string): boolean {
    return this.#sockets.has(nsp);
  }
}
