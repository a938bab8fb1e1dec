import { ByteReader, type Carrier, decodePart, encodeData, failure } from "../binary/mod.ts";
import { DEFAULT_MAX_DEPTH } from "../mod.ts";
import { carrier, standardCarrier } from "./carrier.ts";
import { format, toBytes } from "./codec.ts";

// What carries an event has levels of its own.
const MAX_DEPTH = DEFAULT_MAX_DEPTH + 8;

/**
 * Encodes any value as the packets of {@linkcode msgpackParser} have it, for what travels beside
 * packets. `undefined` and dates are kept; what MessagePack cannot carry becomes what
 * `JSON.stringify` makes of it.
 *
 * @throws {TypeError} if it is nested too deep, as cyclic data is, or holds a big integer or a `Blob`,
 * which has to be read first.
 *
 * @example
 * ```ts
 * import { decodeValue, encodeValue } from "@sockeye/io/parser/msgpack";
 * import { deepEqual } from "node:assert/strict";
 *
 * const value = { at: new Date(0), bytes: new Uint8Array([1]) };
 * deepEqual(decodeValue(encodeValue(value)), value);
 * ```
 */
export function encodeValue(value: unknown): Uint8Array {
  return encodeBy(carrier, value);
}

/**
 * Encodes any value like {@linkcode encodeValue}, but as the specification of MessagePack has it, for
 * readers that know no extensions of others: `undefined` becomes `null`, and a date a timestamp.
 *
 * @throws {TypeError} as {@linkcode encodeValue} does.
 *
 * @example
 * ```ts
 * import { decodeValue, encodeStandardValue } from "@sockeye/io/parser/msgpack";
 * import { deepEqual } from "node:assert/strict";
 *
 * const bytes = encodeStandardValue({ at: new Date(1500), none: undefined });
 * deepEqual(decodeValue(bytes), { at: new Date(1500), none: null });
 * ```
 */
export function encodeStandardValue(value: unknown): Uint8Array {
  return encodeBy(standardCarrier, value);
}

/**
 * Decodes one value.
 *
 * @throws {ParseError} if it is malformed, nested too deep, or not all.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = decodePart(reader, format, MAX_DEPTH);
  if (reader.left > 0) throw failure("more follows behind its end");
  return value;
}

function encodeBy(carrier: Carrier, value: unknown): Uint8Array {
  const { frames: [frame] } = encodeData([], value, MAX_DEPTH, carrier, toBytes);
  if (frame instanceof Uint8Array) return frame;
  throw new TypeError("Cannot encode value: a Blob must be read first");
}
