/** Whether a value is or holds binary data, looked for as `JSON.stringify` would see it. */
export function holdsBinary(value: unknown): boolean {
  // What holds itself has an end here; to refuse it is up to who encodes it.
  const known = new Set<object>();
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const item = rest.pop();
    if (typeof item !== "object" || item === null || known.has(item)) continue;
    if (isBinary(item)) return true;
    known.add(item);
    const { toJSON } = item as { readonly toJSON?: unknown };
    if (typeof toJSON === "function") rest.push(toJSON.call(item));
    else if (Array.isArray(item)) { for (const element of item) rest.push(element); }
    else for (const key of Object.keys(item)) rest.push((item as Record<string, unknown>)[key]);
  }
  return false;
}

function isBinary(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Blob;
}
