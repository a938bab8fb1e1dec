import type { EngineOptions } from "./options.ts";
import type { TransportOptions } from "./transport.ts";
import { parseAddress } from "./url.ts";

/** Where the transports of one connection connect to. */
export type EngineAddress = Pick<
  TransportOptions,
  "secure" | "host" | "path" | "query" | "session"
>;

/** Joins an address and the options that complete it. */
export function addressOf(uri: string | undefined, options: EngineOptions): EngineAddress {
  // As an option, an IPv6 address needs no brackets.
  const hostname = (options.hostname ?? options.host)?.replace(/^\w*:\w*:.*/, "[$&]");
  const address = parseAddress(uri ?? hostname);
  const { path = "/engine.io", secure = address.secure, query } = options;
  // What an address says comes before the options, but for the port.
  const encrypted = uri ? address.secure : secure;
  const port = encrypted === address.secure ? address.port : encrypted ? 443 : 80;
  return {
    secure: encrypted,
    host: `${address.hostname}:${options.port ?? port}`,
    path: path.replace(/\/$/, "") + (options.addTrailingSlash === false ? "" : "/"),
    query: query ? `${new URLSearchParams(query)}` : address.query,
    session: {},
  };
}
