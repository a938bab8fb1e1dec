import { type Frame, ParseError } from "../../parser/engine/mod.ts";

/*
 * A frame on the stream of a WebTransport session:
 *
 *   | length below 126    | bytes |   one byte of head
 *   | 126 | 16-bit length | bytes |   three
 *   | 127 | 64-bit length | bytes |   nine
 *
 * The top bit of the first byte says that the bytes are a binary message, and not text.
 */

const BINARY = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const LONGEST_HEAD = 9;
const FIRST_ROOM = 1024;

const EMPTY = new Uint8Array();
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes one frame for a stream. */
export function encodeStreamFrame(frame: Frame): Uint8Array {
  const bytes = typeof frame === "string" ? encoder.encode(frame) : frame;
  const { length } = bytes;
  const size = length < LENGTH_16 ? 1 : length < 0x10000 ? 3 : LONGEST_HEAD;
  const encoded = new Uint8Array(size + length);
  const view = new DataView(encoded.buffer);
  const binary = bytes === frame ? BINARY : 0;
  view.setUint8(0, binary | (size === 1 ? length : size === 3 ? LENGTH_16 : LENGTH_64));
  if (size === 3) view.setUint16(1, length);
  if (size === LONGEST_HEAD) view.setBigUint64(1, BigInt(length));
  encoded.set(bytes, size);
  return encoded;
}

/** Finds the frames in the chunks of a stream, wherever the chunks are split. */
export class StreamDecoder {
  readonly #limit: number;
  readonly #head = new Uint8Array(LONGEST_HEAD);
  #headSize = 0;
  #length = -1;
  #body = EMPTY;
  #filled = 0;
  #chunk = EMPTY;
  #position = 0;

  /**
   * @param limit the most bytes in one frame. What a frame announces is held against it before its
   * bytes are awaited.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes the next chunk. MUST be called only when {@linkcode StreamDecoder.next} found nothing. */
  add(chunk: Uint8Array): void {
    this.#chunk = chunk as Uint8Array<ArrayBuffer>;
    this.#position = 0;
  }

  /**
   * Returns the next frame, or `undefined` if more chunks are needed.
   *
   * @throws {ParseError} if a frame is empty, is too long, or is text that is not UTF-8.
   */
  next(): Frame | undefined {
    if (this.#length < 0) this.#readHead();
    if (this.#length < 0) return undefined;
    const bytes = this.#readBody();
    if (bytes === undefined) return undefined;
    const binary = this.#head[0]! >= BINARY;
    this.#length = -1;
    this.#headSize = 0;
    return binary ? bytes : text(bytes);
  }

  #readHead(): void {
    while (this.#position < this.#chunk.length) {
      this.#head[this.#headSize++] = this.#chunk[this.#position++]!;
      if (this.#headSize === headSize(this.#head[0]!)) return this.#measure();
    }
  }

  #measure(): void {
    const view = new DataView(this.#head.buffer);
    const size = this.#headSize;
    const length = size === 1
      ? this.#head[0]! & ~BINARY
      : size === 3
      ? view.getUint16(1)
      : Number(view.getBigUint64(1));
    if (length === 0) throw new ParseError("Cannot decode frame: it is empty");
    if (length > this.#limit) {
      throw new ParseError(`Cannot decode frame: it is longer than ${this.#limit} bytes`);
    }
    this.#length = length;
  }

  // The room grows with what has come, and not by what was announced.
  #readBody(): Uint8Array | undefined {
    const length = this.#length;
    const start = this.#position;
    const end = Math.min(this.#chunk.length, start + length - this.#filled);
    this.#position = end;
    if (end - start === length) return this.#chunk.slice(start, end);
    const filled = this.#filled + end - start;
    if (filled > this.#body.length) {
      const room = new Uint8Array(
        Math.min(length, Math.max(filled, this.#body.length * 2, FIRST_ROOM)),
      );
      room.set(this.#body);
      this.#body = room;
    }
    this.#body.set(this.#chunk.subarray(start, end), this.#filled);
    this.#filled = filled;
    if (filled < length) return undefined;
    const body = this.#body;
    this.#body = EMPTY;
    this.#filled = 0;
    return body;
  }
}

function headSize(first: number): number {
  const length = first & ~BINARY;
  return length < LENGTH_16 ? 1 : length === LENGTH_16 ? 3 : LONGEST_HEAD;
}

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ParseError("Cannot decode frame: it is no UTF-8", { cause });
  }
}
