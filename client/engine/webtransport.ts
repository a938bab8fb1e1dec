import type { Frame } from "../../parser/engine/mod.ts";
import type { Outgoing } from "./data.ts";
import {
  type Transport,
  TransportError,
  type TransportHandler,
  type TransportOptions,
  transportUrl,
} from "./transport.ts";

// The first byte of a frame: its length, or how many bytes of length follow; the top bit says that
// it is binary.
const BINARY = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** One bidirectional stream of a WebTransport session, where the platform has that. */
export class WebTransportTransport implements Transport {
  /** Whom it works for. */
  declare handler: TransportHandler | undefined;
  /** Whether it can send right now. */
  writable = false;
  readonly #options: TransportOptions;
  #session: Session | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** Takes the options; {@linkcode WebTransportTransport.open} connects. */
  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** `webtransport` */
  get name(): string {
    return "webtransport";
  }

  /** Connects. */
  open(): void {
    this.#run().then(
      () => this.handler?.closed({ description: "webtransport connection closed" }),
      (error) => this.handler?.failed(new TransportError("webtransport error", error)),
    );
  }

  /** Sends what it can take from the queue. */
  flush(queue: Outgoing[]): void {
    const pending = queue.findIndex(({ ready }) => ready);
    this.#write(
      queue.splice(0, pending < 0 ? queue.length : pending).flatMap(({ frames }) => frames),
    );
  }

  /** Ends the connection. */
  close(): void {
    this.writable = false;
    this.#session?.close();
  }

  async #run(): Promise<void> {
    const { WebTransport } = globalThis as unknown as { WebTransport: SessionClass };
    const { platform, serverCertificateHashes, session: { sid } } = this.#options;
    const session = this.#session = new WebTransport(
      transportUrl(this.#options, "http", this.name),
      { serverCertificateHashes, ...platform },
    );
    // The end is told by the stream as well; nobody else may be left to hear of this one.
    session.closed.catch(() => {});
    await session.ready;
    const { readable, writable } = await session.createBidirectionalStream();
    this.#writer = writable.getWriter();
    await this.#write(["0" + (sid ? JSON.stringify({ sid }) : "")]);
    this.handler?.opened?.();
    for await (const frame of readFrames(readable.getReader())) this.handler?.frame(frame);
  }

  async #write(frames: readonly Frame[]): Promise<void> {
    this.writable = false;
    try {
      for (const frame of frames) await this.#writer?.write(encodeFrame(frame));
    } catch {
      // The reading side fails as well, and tells why.
      return;
    }
    this.writable = true;
    this.handler?.drained?.();
  }
}

function encodeFrame(frame: Frame): Uint8Array {
  const binary = typeof frame !== "string";
  const bytes = binary ? frame : new TextEncoder().encode(frame);
  const { length } = bytes;
  const short = length < LENGTH_16 ? length : length < 0x10000 ? LENGTH_16 : LENGTH_64;
  const head = headSize(short);
  const encoded = new Uint8Array(head + length);
  const view = new DataView(encoded.buffer);
  if (head === 3) view.setUint16(1, length);
  if (head === 9) view.setBigUint64(1, BigInt(length));
  encoded[0] = short | (binary ? BINARY : 0);
  encoded.set(bytes, head);
  return encoded;
}

/** What is used of a reader: the type of a whole one is not the same on every platform. */
interface Reader {
  read(): Promise<{ readonly value?: Uint8Array | undefined }>;
}

async function* readFrames(reader: Reader): AsyncGenerator<Frame> {
  let rest = new Uint8Array();
  for (let chunk; (chunk = (await reader.read()).value);) {
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    rest = joined;
    for (;;) {
      const [first = 0] = rest;
      const short = first & ~BINARY;
      const head = headSize(short);
      if (rest.length < head) break;
      const view = new DataView(rest.buffer, rest.byteOffset);
      const long = head === 3 ? view.getUint16(1) : head === 9 ? view.getBigUint64(1) : short;
      const end = head + Number(long);
      if (rest.length < end) break;
      const data = rest.slice(head, end);
      rest = rest.subarray(end);
      yield first & BINARY ? data : new TextDecoder().decode(data);
    }
  }
}

function headSize(length: number): number {
  return length < LENGTH_16 ? 1 : length === LENGTH_16 ? 3 : 9;
}

/** What is used of the platform's session; not every library of types knows it. */
interface Session {
  readonly ready: Promise<void>;
  readonly closed: Promise<unknown>;
  createBidirectionalStream(): Promise<
    { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> }
  >;
  close(): void;
}

type SessionClass = new (url: string, options?: unknown) => Session;
