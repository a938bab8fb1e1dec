import type { ExtendedError } from "../events/mod.ts";
import type { CloseDetails, CloseReason } from "../parser/engine/mod.ts";

/**
 * Why a socket is not connected any more. A program that ends the connection by itself, by
 * `socket.io.engine.close()` or `manager.disconnect()`, hears `forced close`, which is none of the
 * type, as with npm socket.io-client.
 */
export type DisconnectReason =
  | Exclude<CloseReason, "server shutting down" | "forced close">
  | "io server disconnect"
  | "io client disconnect";

/** What is known of it besides. */
export type DisconnectDescription = CloseDetails | Error;

/** An error that keeps a socket from connecting; its `data` is what the server adds to a refusal. */
export interface ConnectError extends ExtendedError {
  /** What lies behind a failure of the transport. */
  readonly description?: unknown;
  /** The response or event behind a failure of the transport. */
  readonly context?: unknown;
}

/** The events that every socket has besides those of the user. */
export type SocketReservedEvents = {
  /** The namespace is joined. */
  connect: () => void;
  /** The connection could not be made, or the server refuses the socket. */
  connect_error: (error: ConnectError) => void;
  /** The socket is not connected any more. */
  disconnect: (reason: DisconnectReason, details?: DisconnectDescription) => void;
};
