import type { ErrorReporter } from "../../events/mod.ts";
import type { Patience } from "./patience.ts";

/** What all long-polling transports of an engine have in common. */
export interface PollingSettings {
  /** The largest body of a request, in bytes. */
  readonly maxPayload: number;
  /** The most packets in one body. */
  readonly maxPackets: number;
  /** Tells when a poll has waited so long that it pays to watch whether its client is there. */
  readonly patience: Patience;
  /** The rounds of `patience` that the body of a POST may take. */
  readonly bodyRounds: number;
  /** Seconds that a connection may be idle once its poll is answered, where the runtime can be told. */
  readonly idleTimeout: number;
  /** Told of what fails where a message is handled. */
  readonly reportError: ErrorReporter;
}
