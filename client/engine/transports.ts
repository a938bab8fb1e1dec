import type { EngineOptions, LeanEngineOptions } from "./options.ts";
import { refuseUnsupported } from "./options.ts";
import { PollingTransport } from "./polling.ts";
import { switchBetween } from "./switch.ts";
import { timersOf } from "./timers.ts";
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
 * The same options in the form of a connection over one transport, which stands for all that the
 * options name.
 *
 * @throws {TypeError} if there is an option that only Node.js can fulfil, or no transport is known
 * of those that are named.
 */
export function leanOptions(options: EngineOptions): LeanEngineOptions {
  refuseUnsupported(options);
  const wanted: readonly (string | TransportClass)[] = options.transports ?? allTransports;
  // Programs name transports of other versions, too.
  const kinds = Array.from(
    wanted,
    (item) =>
      typeof item === "string" ? allTransports.find((kind) => kind.prototype.name === item) : item,
  ).filter((kind) => !!kind);
  if (!kinds[0]) throw new TypeError(`Cannot use option "transports": ${wanted}`);
  return { ...options, ...timersOf(options), transports: [switchBetween(kinds, options)] };
}
