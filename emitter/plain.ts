/**
 * A value in JSON, or `undefined` if it holds bytes, for which JSON has no form.
 *
 * @throws {TypeError} if it is cyclic, nested too deep, or holds a big integer.
 */
export function toPlain(value: unknown): string | undefined {
  let isPlain = true;
  const look = function (this: Readonly<Record<string, unknown>>, key: string, value: unknown) {
    if (!isPlain) return undefined;
    // A Buffer has become a list of numbers by itself.
    isPlain = !holdsBytes(value) && !holdsBytes(this[key]);
    return isPlain ? value : undefined;
  };
  try {
    const text = JSON.stringify(value, look);
    return isPlain ? text : undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TypeError("Cannot encode: the data is nested too deep", { cause: error });
  }
}

function holdsBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Blob;
}
