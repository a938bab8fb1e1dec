import { refuseUnsupported } from "./options.ts";
import { PollingTransport } from "./polling.ts";
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
 * The same options, with transports as classes where they were named. All of them by default.
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
  return { ...options, transports };
}

interface Named {
  readonly transports?: readonly (string | TransportClass)[];
}
