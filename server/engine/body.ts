/** The body is larger than allowed. */
export const TOO_LARGE: unique symbol = Symbol("too large");

/** The body of a request that is still being read. */
export interface BodyReading<Body> {
  /** The body, or {@linkcode TOO_LARGE}. Rejects if the peer goes away, or on `cancel`. */
  readonly body: Promise<Body | typeof TOO_LARGE>;
  /** Reads no further. */
  cancel(): void;
}

/**
 * Reads a body, as bytes or as text, and never holds more than `limit` bytes of it.
 *
 * @param declared what {@linkcode declaredLength} said of the request, and is within the limit.
 */
export function readBody(
  request: Request,
  binary: boolean,
  declared: number | undefined,
  limit: number,
): BodyReading<string | Uint8Array> {
  if (binary) return readStream(request, limit);
  // The runtime reads no more than was announced, so that the limit holds without counting. But it
  // cannot be told to stop, and goes on to read what is announced after the session has ended.
  if (declared !== undefined && declared <= SMALL) return { body: request.text(), cancel() {} };
  const reading = readStream(request, limit);
  return {
    body: reading.body.then((bytes) => bytes === TOO_LARGE ? bytes : decoder.decode(bytes)),
    cancel: reading.cancel,
  };
}

/**
 * The length that a request announces, in bytes; `undefined` if it announces none, as where the
 * body comes in chunks. Both runtimes refuse a request that does both.
 */
export function declaredLength({ headers }: Request): number | undefined {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Whether a request says that its body is binary data. */
export function isBinary({ headers }: Request): boolean {
  return headers.get("content-type") === "application/octet-stream";
}

const decoder = new TextDecoder();
const SMALL = 64 * 1024;

// What is used of it alone: the whole one is not the same type everywhere.
type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

function readStream(request: Request, limit: number): BodyReading<Uint8Array> {
  if (request.body === null) return { body: Promise.resolve(new Uint8Array()), cancel() {} };
  const reader = request.body.getReader();
  return { body: readAll(reader, limit), cancel: () => cancel(reader) };
}

async function readAll(
  reader: Reader,
  limit: number,
): Promise<Uint8Array | typeof TOO_LARGE> {
  // Doubled when full: a body that comes byte by byte is not copied byte by byte.
  let bytes = new Uint8Array(Math.min(limit, 4096));
  let length = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, length);
    if (length + value.length > limit) {
      cancel(reader);
      return TOO_LARGE;
    }
    if (length + value.length > bytes.length) {
      const larger = new Uint8Array(
        Math.min(limit, Math.max(bytes.length * 2, length + value.length)),
      );
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(value, length);
    length += value.length;
  }
}

function cancel(reader: Reader): void {
  reader.cancel().catch(ignore);
}

// The peer is gone already: there is nothing left to cancel.
function ignore(): void {}
