import { refuseUnsupported } from "./options.ts";
import { PollingTransport } from "./polling.ts";
import { nativeTimers } from "./timers.ts";
import type { TransportClass } from "./transport.ts";
import { WebSocketTransport } from "./websocket.ts";
import { WebTransportTransport } from "./webtransport.ts";

/** The transports that there are, in the order in which they are tried. */
export const allTransports: readonly TransportClass[] = [
  PollingTransport,
  WebSocketTransport,
  WebTransportTransport,
];

/**
 * The same options in the form that takes no tables: transports as classes, all of them by default,
 * and timers where native ones are wanted.
 *
 * @throws {TypeError} if there is an option that only Node.js can fulfil.
 */
export function namedTransports<Options extends Named>(
  options: Options,
): Omit<Options, "transports"> & { transports: readonly TransportClass[] } {
  refuseUnsupported(options);
  const wanted: readonly (string | TransportClass)[] = options.transports ?? allTransports;
  const transports = wanted.flatMap((item) =>
    typeof item === "string" ? allTransports.filter((kind) => kind.prototype.name === item) : item
  );
  return { ...options, transports, ...options.useNativeTimers && { timers: nativeTimers } };
}

/** The options that may name things. */
export interface Named {
  /** Whether to use the platform's own timers. */
  readonly useNativeTimers?: boolean;
  /** Names or classes of transports. */
  readonly transports?: readonly (string | TransportClass)[];
}
