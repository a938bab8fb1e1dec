import { isRecord } from "../shape.ts";

// As long as "__proto__", so that it fits in its place; peers that send it as a key lose nothing.
const ALIAS = "\0proto\0\0\0";
const ALIAS_BYTES = new TextEncoder().encode(ALIAS);

/**
 * Decodes a frame in which keys are named `__proto__`, which no library takes as a plain name, by
 * giving them another name meanwhile.
 *
 * @param starts where the names start
 */
export function decodeProtoKeys(
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
