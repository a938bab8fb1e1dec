/**
 * The cookie that a handshake sets to the id of the session, for load balancers.
 *
 * @example
 * ```ts
 * import { type CookieOptions, Engine } from "@sockeye/io/engine";
 * import { match } from "node:assert/strict";
 *
 * const cookie: CookieOptions = { name: "node", sameSite: "strict", maxAge: 86_400 };
 * const engine = new Engine({ cookie });
 * const url = "http://localhost/engine.io/?EIO=4&transport=polling";
 * const { headers } = await engine.fetch(new Request(url));
 * match(
 *   headers.get("set-cookie") ?? "",
 *   /^node=[^;]+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Strict$/,
 * );
 * await engine.close();
 * ```
 */
export interface CookieOptions {
  /** Its name, `io` by default. */
  name?: string;
  /** The path that it belongs to, `/` by default; `false` leaves it out. */
  path?: string | false;
  /** The domain that it belongs to; the host of the request by default. */
  domain?: string;
  /** Whether scripts cannot read it, `true` by default. */
  httpOnly?: boolean;
  /** Whether it travels over TLS only, `false` by default. */
  secure?: boolean;
  /** Whether it travels with requests from other sites; `lax` by default, `true` is `strict`. */
  sameSite?: boolean | "strict" | "lax" | "none";
  /** The seconds that it lives; as long as the browser runs by default. */
  maxAge?: number;
  /** When it ends, if `maxAge` does not say so. */
  expires?: Date;
  /** Whether it is kept apart for each top-level site, `false` by default. */
  partitioned?: boolean;
  /** How much it matters where space is short; the browser decides by default. */
  priority?: "low" | "medium" | "high";
}

/** The names of the options. */
export const COOKIE_OPTION_NAMES: readonly (keyof CookieOptions)[] = [
  "name",
  "path",
  "domain",
  "httpOnly",
  "secure",
  "sameSite",
  "maxAge",
  "expires",
  "partitioned",
  "priority",
];

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/;
const DEFAULT_NAME = "io";

/**
 * Prepares the cookie of an engine: what is returned makes the header value for an id.
 *
 * @throws {TypeError} if a part of it cannot stand in a header.
 */
export function cookieMaker(options: CookieOptions): (value: string) => string {
  const { name = DEFAULT_NAME } = options;
  if (!NAME.test(name)) {
    throw new TypeError(`Cannot set cookie: ${JSON.stringify(name)} is no valid name`);
  }
  const attributes = attributesOf(options);
  const wrong = attributes.find((attribute) => !ATTRIBUTE.test(attribute));
  if (wrong !== undefined) {
    throw new TypeError(`Cannot set cookie: ${JSON.stringify(wrong)} is no valid attribute`);
  }
  const tail = attributes.map((attribute) => `; ${attribute}`).join("");
  return (value) => `${name}=${encodeURIComponent(value)}${tail}`;
}

function attributesOf(options: CookieOptions): string[] {
  const { path = "/", domain, httpOnly = true, secure, maxAge, expires } = options;
  const { sameSite = "lax", partitioned, priority } = options;
  const attributes: string[] = [];
  if (maxAge !== undefined) attributes.push(`Max-Age=${Math.floor(maxAge)}`);
  if (domain !== undefined) attributes.push(`Domain=${domain}`);
  if (path !== false) attributes.push(`Path=${path}`);
  if (expires !== undefined) attributes.push(`Expires=${expires.toUTCString()}`);
  if (httpOnly) attributes.push("HttpOnly");
  if (secure === true) attributes.push("Secure");
  if (partitioned === true) attributes.push("Partitioned");
  if (priority !== undefined) attributes.push(`Priority=${capitalized(priority)}`);
  if (sameSite !== false) {
    attributes.push(`SameSite=${sameSite === true ? "Strict" : capitalized(sameSite)}`);
  }
  return attributes;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
