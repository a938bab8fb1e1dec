import type { Message } from "../../parser/engine/mod.ts";
import type { Session } from "./session.ts";

/** Why a request was refused, as the event `connection_error` tells. */
export interface ConnectionError {
  /** The request. */
  readonly req: Request;
  /** The code that was sent. */
  readonly code: number;
  /** The text that was sent. */
  readonly message: string;
  /** What else is known; it was not sent. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** The events of an engine. */
export interface EngineEvents {
  /** A client connected. */
  connection: (session: Session) => void;
  /** The headers of a reply that opens a session; they may be changed. */
  initial_headers: (headers: Headers, request: Request) => void;
  /** The headers of any reply; they may be changed. */
  headers: (headers: Headers, request: Request) => void;
  /** A request was refused. */
  connection_error: (error: ConnectionError) => void;
  /** A session handed messages to its transport. */
  flush: (session: Session, messages: readonly Message[]) => void;
  /** A session has nothing left to send. */
  drain: (session: Session) => void;
}
