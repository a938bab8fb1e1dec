import { failure } from "../shape.ts";

/** `__proto__` in UTF-8. */
export const PROTO: readonly number[] = [95, 95, 112, 114, 111, 116, 111, 95, 95];

/**
 * Walks over the bytes of a frame before a library decodes it, so that whatever a frame announces
 * is there before memory is spent on it.
 */
export class ByteReader {
  /** The frame. */
  readonly bytes: Uint8Array;
  /** Where the next byte is read. */
  at = 0;
  /** Where keys named `__proto__` start, if there are any. */
  protoKeys: number[] | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Reads one byte. */
  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw failure("it ends too early");
    this.at++;
    return byte;
  }

  /** Reads a whole number of `size` bytes, 1, 2 or 4. */
  uint(size: number): number {
    const start = this.at;
    this.skip(size);
    let value = 0;
    for (let i = start; i < this.at; i++) {
      value = value * 256 + (this.bytes[i] ?? 0);
    }
    return value;
  }

  /** Passes over bytes that MUST be there. */
  skip(count: number): void {
    if (count > this.left) throw failure("it ends too early");
    this.at += count;
  }

  /** Passes over the text of a key. */
  key(length: number): void {
    const start = this.at;
    this.skip(length);
    this.#checkEnd(length);
    if (length !== PROTO.length) return;
    for (let i = 0; i < PROTO.length; i++) {
      if (this.bytes[start + i] !== PROTO[i]) return;
    }
    (this.protoKeys ??= []).push(start);
  }

  /** A library would read on behind a text that ends within a character, and remember the result. */
  #checkEnd(length: number): void {
    const { at, bytes } = this;
    const cut = length > 0 && bytes[at - 1] as number >= 0xc0 ||
      length > 1 && bytes[at - 2] as number >= 0xe0 ||
      length > 2 && bytes[at - 3] as number >= 0xf0;
    if (cut) throw failure("a key ends within a character");
  }

  /** Checks that a container can hold what it announces, each entry being a byte at least. */
  entries(count: number): void {
    if (count > this.left) throw failure("it announces more than it holds");
  }
}
