import { setProperty } from "../attachments.ts";
import { isRecord } from "../shape.ts";

/** Where the bytes of a `Blob` belong. How many there are is known when it has been read. */
export class Place {
  /** The bytes, once they have been read. */
  bytes: Uint8Array | undefined;
  readonly #blob: Blob;

  /** Reads nothing yet. */
  constructor(blob: Blob) {
    this.#blob = blob;
  }

  /** Reads the bytes. */
  async read(): Promise<void> {
    this.bytes = new Uint8Array(await this.#blob.arrayBuffer());
  }
}

/** Puts the bytes in their places within data that belongs to nobody else. */
export function filled(value: unknown): unknown {
  if (value instanceof Place) return value.bytes;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = filled(value[i]);
  } else if (value instanceof Map) {
    const entries = Array.from(value, ([key, item]) => [filled(key), filled(item)] as const);
    return new Map(entries);
  } else if (value instanceof Set) {
    return new Set(Array.from(value, filled));
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) setProperty(value, key, filled(value[key]));
  }
  return value;
}
