import { MAX_DEPTH } from "./blobs.ts";

/**
 * A copy of data as it is now, for what is sent later: lists, plain objects and bytes are copied.
 * Other objects, such as a `Blob`, are taken as they are, as is what is nested too deep to travel.
 */
export function snapshot<Value>(value: Value): Value {
  return copy(value, 0) as Value;
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copied = { ...value } as Record<string, unknown>;
  for (const key in copied) {
    const item = copied[key];
    if (typeof item === "object" && item !== null) copied[key] = copy(item, depth + 1);
  }
  return copied;
}
