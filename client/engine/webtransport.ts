import { decodePacket, type Frame, type Message, ParseError } from "../../parser/engine/mod.ts";
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
  /** @inheritdoc */
  handler: TransportHandler | undefined;
  /** @inheritdoc */
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

  /** @inheritdoc */
  open(): void {
    this.#run().then(
      () => this.handler?.closed({ description: "webtransport connection closed" }),
      (error) =>
        this.handler?.failed(
          error instanceof ParseError ? error : new TransportError("webtransport error", error),
        ),
    );
  }

  /** @inheritdoc */
  flush(queue: Message[]): void {
    const pending = queue.findIndex(({ ready }) => ready);
    this.#write(
      queue.splice(0, pending < 0 ? queue.length : pending).flatMap(({ frames }) => frames),
    );
  }

  /** @inheritdoc */
  close(): void {
    this.writable = false;
    this.#session?.close();
  }

  async #run(): Promise<void> {
    const { WebTransport } = globalThis as unknown as { WebTransport: SessionClass };
    const { platform, session: { sid } } = this.#options;
    const session = this.#session = new WebTransport(
      transportUrl(this.#options, "http", this.name, false),
      platform,
    );
    // The end is told by the stream as well; nobody else may be left to hear of this one.
    session.closed.catch(() => {});
    await session.ready;
    const { readable, writable } = await session.createBidirectionalStream();
    this.#writer = writable.getWriter();
    await this.#write(["0" + (sid ? JSON.stringify({ sid }) : "")]);
    this.handler?.opened?.();
    for await (const frame of readFrames(readable.getReader())) {
      const { type, data } = decodePacket(frame);
      this.handler?.packet(type, data);
    }
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
  const head = length < LENGTH_16 ? 1 : length < 0x10000 ? 3 : 9;
  const encoded = new Uint8Array(head + length);
  const view = new DataView(encoded.buffer);
  if (head === 1) encoded[0] = length;
  else if (head === 3) {
    encoded[0] = LENGTH_16;
    view.setUint16(1, length);
  } else {
    encoded[0] = LENGTH_64;
    view.setBigUint64(1, BigInt(length));
  }
  if (binary) encoded[0]! |= BINARY;
  encoded.set(bytes, head);
  return encoded;
}

async function* readFrames(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Frame> {
  let rest = new Uint8Array();
  const take = async (count: number): Promise<Uint8Array | undefined> => {
    const parts = [rest];
    for (let have = rest.length; have < count;) {
      const { value } = await reader.read();
      if (!value) return undefined;
      have += parts.push(value as Uint8Array<ArrayBuffer>) && value.length;
    }
    const all = new Uint8Array(await new Blob(parts).arrayBuffer());
    rest = all.slice(count);
    return all.subarray(0, count);
  };
  for (let head; (head = await take(1));) {
    const first = head[0]!;
    let length = first & ~BINARY;
    if (length >= LENGTH_16) {
      const bytes = await take(length === LENGTH_16 ? 2 : 8);
      if (!bytes) return;
      length = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    }
    if (length === 0) throw new ParseError("Cannot decode frame: it is empty");
    const data = await take(length);
    if (!data) return;
    yield first & BINARY ? data : new TextDecoder().decode(data);
  }
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
