import { decodeValue, encodeValue } from "../../../parser/msgpack/mod.ts";
import { ClusterError } from "../cluster/mod.ts";
import { reasonOf } from "../cluster/reason.ts";
import { type Payload, toNode } from "./client/mod.ts";
import type { RedisParser } from "./options.ts";

const BRACE = 0x7b;
// What a text-only client makes of a byte that is no text, such as the first of MessagePack.
const DAMAGED: readonly number[] = [0xef, 0xbf, 0xbd];

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** How what servers tell each other is written and read. */
export interface Format {
  /** Writes what may hold bytes. */
  encode(value: unknown): Payload;
  /** Reads that. */
  decode(bytes: Uint8Array): unknown;
}

/** MessagePack, or the parser that the program has given. */
export function formatOf(parser: RedisParser | undefined): Format {
  if (parser === undefined) return { encode: encodeValue, decode: decodeValue };
  return {
    encode(value) {
      const encoded = parser.encode(value);
      if (typeof encoded === "string" || encoded instanceof Uint8Array) return encoded;
      throw new TypeError("Cannot encode message: the parser returned neither text nor bytes");
    },
    decode: (bytes) => parser.decode(toNode(bytes) as never),
  };
}

/** Writes JSON, unless there may be bytes. */
export function write(value: object, binary: boolean, { encode }: Format): Payload {
  return binary ? encode(value) : JSON.stringify(value);
}

/**
 * Reads what {@linkcode write} has written.
 *
 * @throws {ClusterError} if it is malformed.
 */
export function read(bytes: Uint8Array, format: Format): unknown {
  return bytes[0] === BRACE ? parse(bytes) : decode(bytes, format);
}

/**
 * Reads what the format has written.
 *
 * @throws {ClusterError} if it is malformed.
 */
export function decode(bytes: Uint8Array, format: Format): unknown {
  if (startsWith(bytes, DAMAGED)) {
    throw new ClusterError(
      "Cannot read cluster message: it was bytes, which Bun.RedisClient cannot receive; set plainText on all servers, or use another client",
    );
  }
  return attempt(() => format.decode(bytes));
}

/** Whether bytes begin with others. */
export function startsWith(bytes: Uint8Array, prefix: ArrayLike<number>): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

/** The bytes of a text. */
export function bytesOfText(value: string): Uint8Array {
  return utf8.encode(value);
}

function parse(bytes: Uint8Array): unknown {
  return attempt(() => JSON.parse(text.decode(bytes)));
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (cause) {
    throw new ClusterError(`Cannot read cluster message: ${reasonOf(cause)}`, { cause });
  }
}
