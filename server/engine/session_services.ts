import type { ErrorReporter } from "../../events/mod.ts";
import type { CloseDetails, CloseReason, Frame, Message } from "../../parser/engine/mod.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Farewells } from "./farewells.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { Turn } from "./turn.ts";

/** The layer above, told what happens on a session. Assigned once. */
export interface SessionHandler {
  /** The data of the next message. */
  message(data: Frame): void;
  /** The session moved to another transport. */
  upgraded(): void;
  /** The session ended. Called once; nothing comes after it. */
  close(reason: CloseReason, details?: CloseDetails): void;
}

/** Called once a message was handed to the transport. */
export type Sent = () => void;

/** The states of a session, in the order in which they come. */
export type ReadyState = "opening" | "open" | "closing" | "closed";

/** What all sessions of an engine have in common; `Owner` is the session. */
export interface SessionServices<Owner> {
  /** Who sends the pings. */
  readonly heartbeat: Heartbeat;
  /** The sessions that are closing, and wait for their client to hear of it. */
  readonly closing: Deadlines<Owner>;
  /** Where transports go when their sessions have ended. */
  readonly farewells: Farewells;
  /** The sessions that wait for a message still being read, so that nothing may overtake it. */
  readonly blocked: Set<Owner>;
  /** Tells one turn of the event loop from the next. */
  readonly turn: Turn;
  /** The most that may wait for one client, in bytes of text. */
  readonly maxBackpressure: number;
  /** Told of what the program throws. */
  readonly reportError: ErrorReporter;
  /** A session opened. */
  opened(session: Owner): void;
  /** A session ended. */
  ended(session: Owner): void;
  /** Whether somebody listens to what is sent. */
  observed(): boolean;
  /** A session handed messages to its transport. */
  flushed(session: Owner, messages: readonly Message[]): void;
}
