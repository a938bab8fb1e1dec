import { bytesOf, type Carrier } from "../binary/mod.ts";

/** The most bytes of a big integer; turning text into one takes quadratic time. */
export const MAX_BIGINT_BYTES = 1024;

const BIGINT_LIMIT = 1n << BigInt(8 * MAX_BIGINT_BYTES);

/** Writes what `scan` lets pass. */
export const carrier: Carrier = {
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
      return new Map(
        Array.from(value, ([key, item]) => [plain(key), plain(item)]),
      );
    }
    if (value instanceof Set) return new Set(Array.from(value, plain));
    return undefined;
  },
};

/** The library writes all typed arrays but these two. */
function toArray(view: ArrayBufferView): ArrayBufferView {
  if (view instanceof DataView) return bytesOf(view);
  const isHalf = (view as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ===
    "Float16Array";
  return isHalf ? Float32Array.from(view as unknown as Iterable<number>) : view;
}
