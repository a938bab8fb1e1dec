/** The parts of an address that a client connects to. */
export interface Address {
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
  /** The name or address of the host, an IPv6 address in brackets. */
  readonly hostname: string;
  /** The port, filled in where the address leaves it out. */
  readonly port: string;
  /** What follows the host, without the query; empty if there is nothing. */
  readonly path: string;
  /** The query, without the question mark. */
  readonly query: string;
}

/** The members of the page's or worker's `location` that fill in what an address leaves out. */
export interface BaseLocation {
  /** Such as `https:`. */
  readonly protocol: string;
  /** The name or address of the host. */
  readonly hostname: string;
  /** Empty for the default port. */
  readonly port: string | number;
}

// Not the platform's URL: an address may lack its scheme or its host, and the one of React Native
// was incomplete for years.
const ADDRESS =
  /^(?:(?:(https?|wss?):)?\/\/)?(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?/i;

/**
 * Splits an address. Scheme, host and port come from `base` where it has none, and without a base
 * from `http://localhost`.
 *
 * @param fallback the port where the address has none.
 *
 * @example
 * ```ts
 * import { parseAddress } from "@sockeye/io/engine/client";
 * import { equal } from "node:assert/strict";
 *
 * const { hostname, port, path } = parseAddress("https://example.com/admin?a=b");
 * equal(hostname + ":" + port + path, "example.com:443/admin");
 * ```
 */
export function parseAddress(
  uri?: string,
  base: BaseLocation | undefined = here(),
  fallback?: string | number,
): Address {
  // It matches whatever there is.
  const [, scheme, host, port, path, query = ""] = ADDRESS.exec(uri ?? "") as unknown as string[];
  const secure = /^(http|ws)s/i.test(`${scheme ?? base?.protocol}`);
  const ownPort = port || fallback || (host ? "" : base?.port);
  return {
    secure,
    hostname: host || base?.hostname || "localhost",
    port: String(ownPort || (secure ? 443 : 80)),
    path: path as string,
    query,
  };
}

/** Where the page or worker comes from. One made of a text or a Blob has no host, but an origin. */
function here(): BaseLocation | undefined {
  const { location, origin } = globalThis as { location?: BaseLocation; origin?: string };
  return location && !location.hostname && /^http/.test(`${origin}`) ? new URL(origin!) : location;
}
