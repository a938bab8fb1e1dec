/** Deeper than parsers go, with the levels of the message itself. */
export const MAX_DEPTH = 200;

/**
 * Whether a value holds a `Blob`, whose bytes can only be had later.
 *
 * @throws {TypeError} if it is nested too deep, as cyclic data is.
 */
export function holdsBlob(value: unknown, depth: number = MAX_DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) {
    throw new TypeError("Cannot send to other servers: the data is nested too deep, or cyclic");
  }
  if (isBlob(value)) return true;
  if (isBytes(value)) return false;
  const items = Array.isArray(value) ? value : Object.values(value);
  return items.some((item) => holdsBlob(item, depth - 1));
}

/** Resolves to the same with the bytes of each `Blob` in its place; what holds none is not copied. */
export async function withoutBlobs(value: unknown): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (isBlob(value)) return new Uint8Array(await value.arrayBuffer());
  if (!holdsBlob(value)) return value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => withoutBlobs(item)));
  const entries = Object.entries(value).map(async ([key, item]) =>
    [key, await withoutBlobs(item)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

function isBlob(value: object): value is Blob {
  return typeof Blob === "function" && value instanceof Blob;
}

function isBytes(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}
