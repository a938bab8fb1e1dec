import { bytesOf, type Carrier } from "../binary/mod.ts";

/** The most bytes of a big integer; turning text into one takes quadratic time. */
export const MAX_BIGINT_BYTES = 1024;

const BIGINT_LIMIT = 1n << BigInt(8 * MAX_BIGINT_BYTES);

/** Makes what writes what `scan` lets pass. */
export function createCarrier(maxNumericKeys: number): Carrier {
  const checked = <Collection extends Map<unknown, unknown> | Set<unknown>>(
    collection: Collection,
  ): Collection => {
    if (collection.size <= maxNumericKeys || numericKeys(collection) <= maxNumericKeys) {
      return collection;
    }
    throw new TypeError(
      `Cannot encode packet: a Map or Set has more than ${maxNumericKeys} numbers as keys`,
    );
  };
  return {
    absent: undefined,
    bigint: (value) => {
      if (value < BIGINT_LIMIT && value >= -BIGINT_LIMIT) return value;
      throw new TypeError(
        `Cannot encode packet: a big integer has more than ${MAX_BIGINT_BYTES} bytes`,
      );
    },
    special: (value, plain) => {
      if (value instanceof Date) return value;
      if (ArrayBuffer.isView(value)) return toArray(value);
      if (value instanceof ArrayBuffer) return bytesOf(value);
      if (value instanceof Map) {
        return checked(
          new Map(Array.from(value, ([key, item]) => [plain(key), plain(item)])),
        );
      }
      if (value instanceof Set) return checked(new Set(Array.from(value, plain)));
      return undefined;
    },
  };
}

function numericKeys(collection: Map<unknown, unknown> | Set<unknown>): number {
  let count = 0;
  for (const key of collection.keys()) {
    if (typeof key === "number" || typeof key === "bigint") count++;
  }
  return count;
}

/** The library writes all typed arrays but these two. */
function toArray(view: ArrayBufferView): ArrayBufferView {
  if (view instanceof DataView) return bytesOf(view);
  const isHalf = (view as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ===
    "Float16Array";
  return isHalf ? Float32Array.from(view as unknown as Iterable<number>) : view;
}
