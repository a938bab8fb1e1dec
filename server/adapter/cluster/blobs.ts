// A value that is nested deeper, as cyclic data is, has an end of its own when it is written.
const MAX_DEPTH = 1000;

/** Whether a value holds a `Blob`, whose bytes can only be had later. */
export function holdsBlob(value: unknown, depth: number = MAX_DEPTH): boolean {
  if (typeof value !== "object" || value === null || depth === 0) return false;
  if (isBlob(value)) return true;
  if (isBytes(value)) return false;
  const items = Array.isArray(value) ? value : Object.values(value);
  return items.some((item) => holdsBlob(item, depth - 1));
}

/** Resolves to the same with the bytes of each `Blob` in its place; what holds none is not copied. */
export async function withoutBlobs(value: unknown, depth: number = MAX_DEPTH): Promise<unknown> {
  if (typeof value !== "object" || value === null || depth === 0) return value;
  if (isBlob(value)) return new Uint8Array(await value.arrayBuffer());
  if (!holdsBlob(value, depth)) return value;
  if (Array.isArray(value)) {
    return Promise.all(value.map((item) => withoutBlobs(item, depth - 1)));
  }
  const entries = Object.entries(value).map(async ([key, item]) =>
    [key, await withoutBlobs(item, depth - 1)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

function isBlob(value: object): value is Blob {
  return typeof Blob === "function" && value instanceof Blob;
}

function isBytes(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}
