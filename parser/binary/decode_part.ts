import { failure, isRecord } from "../shape.ts";
import type { ByteReader } from "./byte_reader.ts";

// As long as "__proto__", so that it fits in its place; peers that send it as a key lose nothing.
const ALIAS = "\0proto\0\0\0";
const ALIAS_BYTES = new TextEncoder().encode(ALIAS);

/**
 * Decodes the part of a frame that was just passed over, from `start` to where the reader stands.
 *
 * @throws {ParseError} if the library cannot decode it.
 */
export function decodePart(
  reader: ByteReader,
  start: number,
  decode: (bytes: Uint8Array) => unknown,
): unknown {
  const { buffer, byteOffset } = reader.bytes;
  // Never a Buffer, of which the libraries would make buffers for the bytes in it.
  const bytes = new Uint8Array(buffer, byteOffset + start, reader.at - start);
  const { protoKeys } = reader;
  reader.protoKeys = undefined;
  try {
    if (protoKeys === undefined) return decode(bytes);
    return decodeProtoKeys(bytes, protoKeys.map((at) => at - start), decode);
  } catch (cause) {
    throw failure("its data is malformed", cause);
  }
}

/**
 * Decodes bytes in which keys are named `__proto__`, which no library takes as a plain name, by
 * giving them another name meanwhile.
 *
 * @param starts where the names start
 */
function decodeProtoKeys(
  bytes: Uint8Array,
  starts: readonly number[],
  decode: (bytes: Uint8Array) => unknown,
): unknown {
  const copy = bytes.slice();
  for (const start of starts) copy.set(ALIAS_BYTES, start);
  const value = decode(copy);
  restore(value);
  return value;
}

function restore(value: unknown): void {
  if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) restore(item);
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      restore(key);
      restore(item);
    }
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) restore(value[key]);
    if (Object.hasOwn(value, ALIAS)) rename(value);
  }
}

function rename(object: Record<string, unknown>): void {
  const value = object[ALIAS];
  delete object[ALIAS];
  Object.defineProperty(object, "__proto__", {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
