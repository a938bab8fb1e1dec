import type { Credentials } from "../../events/mod.ts";
import type { Link } from "./link.ts";

/** How a socket came to be. */
export interface Handshake {
  /** The headers of the request, by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the socket was made, as text. */
  readonly time: string;
  /** The address of the client. */
  readonly address: string;
  /** Whether the request came from a page of another origin, going by its `Origin` header. */
  readonly xdomain: boolean;
  /**
   * Whether the request came over TLS to the runtime, and not to a proxy before it. With `Deno.serve`
   * of the program this is what the request claims: a client that sends a whole URL, as to a proxy,
   * can claim it without TLS.
   */
  readonly secure: boolean;
  /** When the socket was made, in milliseconds since 1970. */
  readonly issued: number;
  /** The path and the query of the request. */
  readonly url: string;
  /** The parameters of the query; of a repeated one, the last. */
  readonly query: Readonly<Record<string, string>>;
  /** The credentials that the client gave; with protocol 3, the query of the namespace. */
  readonly auth: Credentials;
}

/** What a URL says of a handshake. */
interface Address {
  readonly path: string;
  readonly secure: boolean;
  readonly query: Readonly<Record<string, string>>;
}

// Deno has `http+unix` where it listens on a Unix socket.
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/** What a socket knows of its handshake from the start; the rest is in the request of its link. */
export interface Arrival {
  /** What the client gave for credentials. */
  readonly auth: unknown;
  /** When the socket was made, in milliseconds since 1970. */
  readonly issued: number;
}

/** Tells what is made from what it is made of. */
export function isHandshake(handshake: Handshake | Arrival): handshake is Handshake {
  return "headers" in handshake;
}

/** Describes how a socket came to be. */
export function createHandshake(link: Link, { auth, issued }: Arrival): Handshake {
  const { headers, url } = link.request;
  const { path, secure, query } = addressOf(url);
  const credentials = isRecord(auth) ? auth : {};
  return {
    headers,
    time: timeOf(issued),
    address: link.remoteAddress,
    xdomain: headers["origin"] !== undefined,
    secure,
    issued,
    url: path,
    // Programs written for clients of protocol 3 look for them here.
    query: link.protocol === 3 ? { ...query, ...texts(credentials) } : { ...query },
    auth: credentials,
  };
}

// Clients that begin with a WebSocket all have the same URL.
let lastUrl = "";
let lastAddress: Address = { path: "", secure: false, query: {} };

function addressOf(url: string): Address {
  if (url !== lastUrl) {
    lastAddress = parseAddress(url);
    lastUrl = url;
  }
  return lastAddress;
}

function parseAddress(url: string): Address {
  const path = url.replace(ORIGIN, "");
  const search = path.indexOf("?");
  const query = search === -1 ? {} : parseQuery(path.slice(search + 1));
  return { path, secure: /^(https|wss):/i.test(url), query };
}

// The text has no milliseconds, so that clients who come at once can share it.
let second = NaN;
let text = "";

function timeOf(issued: number): string {
  const now = Math.floor(issued / 1000);
  if (now !== second) {
    second = now;
    text = new Date(issued).toString();
  }
  return text;
}

/** Reads the parameters of a query by hand where it has nothing to be decoded. */
function parseQuery(search: string): Record<string, string> {
  if (/[%+]|__proto__/.test(search)) return Object.fromEntries(new URLSearchParams(search));
  const query: Record<string, string> = {};
  for (const pair of search.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (equals === -1) query[pair] = "";
    else query[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return query;
}

/** What a query could hold of credentials: an object would not even have to become a text. */
function texts(record: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(record).filter(([, value]) => typeof value !== "object");
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
