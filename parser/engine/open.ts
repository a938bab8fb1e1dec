import { ParseError } from "./parse_error.ts";

/** What the server says first on a new Engine.IO connection. */
export interface Open {
  /** The id of the session, a secret between the server and this client. */
  readonly sid: string;
  /** The transports that the client may move to. */
  readonly upgrades: readonly string[];
  /** Milliseconds between the last pong and the next ping of the server. */
  readonly pingInterval: number;
  /** Milliseconds that a ping may stay without an answer. */
  readonly pingTimeout: number;
  /** The largest body or frame that the server takes, in bytes. */
  readonly maxPayload: number;
}

/** Encodes the data of the open packet; the packet's digit comes before it. */
export function encodeOpen(open: Open): string {
  return JSON.stringify(open);
}

/**
 * Decodes the data of an open packet. Servers of protocol 3 leave `maxPayload` out; it is
 * `Infinity` then.
 *
 * @throws {ParseError} if it is not JSON or lacks a field.
 */
export function decodeOpen(data: string): Open {
  const value = parse(data);
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload = Infinity } = value;
  if (
    typeof sid !== "string" || !Array.isArray(upgrades) ||
    !isDuration(pingInterval) ||
    !isDuration(pingTimeout) || typeof maxPayload !== "number"
  ) {
    throw new ParseError(
      "Cannot decode open packet: a field is missing or has the wrong type",
    );
  }
  return {
    sid,
    upgrades: upgrades.map(String),
    pingInterval,
    pingTimeout,
    maxPayload,
  };
}

function parse(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === "object" && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch (cause) {
    throw new ParseError("Cannot decode open packet: it is not JSON", {
      cause,
    });
  }
  throw new ParseError("Cannot decode open packet: it is not an object");
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}
