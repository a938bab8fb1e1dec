import type { EngineOptions } from "./options.ts";
import type { TransportOptions } from "./transport.ts";
import { parseAddress } from "./url.ts";

/** Where the transports of one connection connect to. */
export type EngineAddress = Pick<TransportOptions, "secure" | "host" | "path" | "query">;

/**
 * Joins an address and the options that complete it, which hold where there is none.
 *
 * @example
 * ```ts
 * import { addressOf } from "@sockeye/io/engine/client";
 * import { equal } from "node:assert/strict";
 *
 * const { host, path } = addressOf("https://example.com", { port: 8443 });
 * equal(host + path, "example.com:8443/engine.io/");
 * ```
 */
export function addressOf(uri: string | undefined, options: EngineOptions): EngineAddress {
  const { secure, query } = options;
  const scheme = secure === undefined ? "" : secure ? "https:" : "http:";
  // As an option, an IPv6 address needs no brackets.
  const host = (options.hostname || options.host || "").replace(/^\w*:\w*:.*/, "[$&]");
  const address = parseAddress(uri || `${scheme}//${host}`, undefined, options.port);
  // In an address, a plus is what it looks like, as in npm socket.io-client: tokens may have one.
  const text = address.query.replaceAll("+", "%2B") ||
    `${new URLSearchParams((query ?? {}) as Record<string, string>)}`;
  return {
    secure: address.secure,
    host: `${address.hostname}:${address.port}`,
    path: (options.path || "/engine.io").replace(/\/$/, "") +
      (options.addTrailingSlash === false ? "" : "/"),
    query: text && "&" + text,
  };
}
