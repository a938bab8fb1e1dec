import type { CloseDetails, CloseReason } from "../parser/engine/mod.ts";

/** Why a socket is not connected any more. */
export type DisconnectReason = CloseReason | "io server disconnect" | "io client disconnect";

/** What is known of it besides. */
export type DisconnectDescription = CloseDetails | Error;

/** An error that keeps a socket from connecting. */
export interface ConnectError extends Error {
  /** What the server adds to its refusal. */
  readonly data?: unknown;
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
