import { Decoder, Encoder } from "@msgpack/msgpack";
import type { Format } from "../binary/mod.ts";
import { extensions } from "./carrier.ts";
import { scan } from "./scan.ts";

// What the library keeps for the next packet; it grows with the largest one otherwise.
const MAX_BUFFER = 1 << 20;

const decoder: Decoder = new Decoder({ extensionCodec: extensions });
/** MessagePack, read by the library. */
export const format: Format = { scan, decode: (bytes) => decoder.decode(bytes) };
let encoder = newEncoder();

function newEncoder(): Encoder {
  return new Encoder({ maxDepth: Infinity });
}

/** Encodes a value. The bytes are overwritten by the next call. */
export function toBytes(value: unknown): Uint8Array {
  const bytes = encoder.encodeSharedRef(value);
  if (bytes.length > MAX_BUFFER) encoder = newEncoder();
  return bytes;
}
