import { setProperty } from "../attachments.ts";
import { ParseError } from "../engine/mod.ts";
import { failure, isRecord } from "../shape.ts";
import { type ByteReader, PROTO } from "./byte_reader.ts";

/** What is known of a binary format. */
export interface Format {
  /**
   * Passes over one value and checks that it is there to its end, of known types, and nested at
   * most `depth` deep.
   *
   * @throws {ParseError} if it is not.
   */
  scan(reader: ByteReader, depth: number): void;
  /** Decodes one value that `scan` has let pass. */
  decode(bytes: Uint8Array): unknown;
}

/**
 * Passes over the next value of a frame.
 *
 * @throws {ParseError} if it is malformed, or nested deeper than `depth`.
 */
export function skipPart(reader: ByteReader, { scan }: Format, depth: number): void {
  reader.protoKeys = undefined;
  try {
    scan(reader, depth);
  } catch (cause) {
    // With a high limit of depth, the stack may end before it.
    throw cause instanceof ParseError ? cause : failure("its data is malformed", cause);
  }
}

/**
 * Decodes the next value of a frame.
 *
 * @throws {ParseError} if it is malformed, or nested deeper than `depth`.
 */
export function decodePart(reader: ByteReader, format: Format, depth: number): unknown {
  const start = reader.at;
  skipPart(reader, format, depth);
  const { bytes: { buffer, byteOffset }, protoKeys } = reader;
  // Never a Buffer, of which the libraries would make buffers for the bytes in it.
  const bytes = new Uint8Array(buffer, byteOffset + start, reader.at - start);
  try {
    if (protoKeys === undefined) return format.decode(bytes);
    return decodeProtoKeys(bytes, protoKeys.map((at) => at - start), format);
  } catch (cause) {
    throw failure("its data is malformed", cause);
  }
}

/**
 * Decodes bytes in which keys are named `__proto__`, which no library takes as a plain name, by
 * giving them another name meanwhile. It is as long, so that it fits in their place, and no peer can
 * know it, so that no other key is taken for it.
 *
 * @param starts where the names start
 */
function decodeProtoKeys(
  bytes: Uint8Array,
  starts: readonly number[],
  { decode }: Format,
): unknown {
  const copy = bytes.slice();
  const letters = crypto.getRandomValues(new Uint8Array(PROTO.length)).map((byte) => byte & 0x7f);
  // Not a number, which would stand before other keys.
  letters[0] = 0;
  for (const start of starts) copy.set(letters, start);
  const value = decode(copy);
  restore(value, String.fromCharCode(...letters));
  return value;
}

function restore(value: unknown, alias: string): void {
  if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) restore(item, alias);
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      restore(key, alias);
      restore(item, alias);
    }
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) restore(value[key], alias);
    if (Object.hasOwn(value, alias)) rename(value, alias);
  }
}

function rename(object: Record<string, unknown>, alias: string): void {
  const value = object[alias];
  delete object[alias];
  setProperty(object, "__proto__", value);
}
