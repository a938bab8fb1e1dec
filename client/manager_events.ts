import type { CloseDetails, CloseReason } from "../parser/engine/mod.ts";
import type { Packet } from "../parser/mod.ts";

/** The events of a manager. */
export interface ManagerEvents {
  /** A connection stands. */
  open: () => void;
  /** A connection could not be made, or broke. */
  error: (error: Error) => void;
  /** The server asked whether this side lives. */
  ping: () => void;
  /** A packet came. */
  packet: (packet: Packet) => void;
  /** The connection has ended. */
  close: (reason: CloseReason, details?: CloseDetails | Error) => void;
  /** The connection stands again, after so many attempts. */
  reconnect: (attempt: number) => void;
  /** The attempt of this number begins. */
  reconnect_attempt: (attempt: number) => void;
  /** An attempt failed. */
  reconnect_error: (error: Error) => void;
  /** All attempts failed. */
  reconnect_failed: () => void;
}

/** What a manager tells the socket of a namespace. */
export interface NamespaceHandler {
  /**
   * The connection stands: the namespace can be joined.
   *
   * @param late whether an answer to who has left it is still to come; it is told again then.
   */
  opened(late?: boolean): void;
  /** A packet of the namespace came. */
  packet(packet: Packet): void;
  /** The connection could not be made. */
  failed(error: Error): void;
  /** The connection has ended. */
  closed(reason: CloseReason, details?: CloseDetails | Error): void;
}
