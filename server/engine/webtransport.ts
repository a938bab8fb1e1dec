import type { ErrorReporter } from "../../events/mod.ts";
import { type Frame, ParseError } from "../../parser/engine/mod.ts";
import type { Deadlines } from "./deadlines.ts";
import { guard } from "./report.ts";
import type { RawSocket, RawSocketHandler, SendResult } from "./runtime.ts";
import { encodeStreamFrame, StreamDecoder } from "./webtransport_frames.ts";

/** A bidirectional stream of a {@linkcode WebTransportSessionLike}. */
export interface WebTransportStream {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the peer is sent. */
  readonly writable: WritableStream<Uint8Array>;
}

/** What is used of a WebTransport session; the one that `Deno.upgradeWebTransport` gives fits. */
export interface WebTransportSessionLike {
  /** The address that the client asked for, where the platform tells. */
  readonly url?: string;
  /** Settles once the session is established. */
  readonly ready: Promise<unknown>;
  /** Settles once the session has ended; rejects if it was lost. */
  readonly closed: Promise<unknown>;
  /** The streams that the client opens. The engine uses the first one. */
  readonly incomingBidirectionalStreams: ReadableStream<WebTransportStream>;
  /** Ends the session at once. What was written may not have left yet. */
  close(): void;
}

/** What all sockets of this kind have in common. */
export interface WebTransportSettings {
  /** The largest message of a peer, in bytes. */
  readonly maxPayload: number;
  /** Those that are closing: they get a while in which the last bytes can leave. */
  readonly closing: Deadlines<WebTransportSocket>;
  /** A socket is gone. */
  gone(socket: WebTransportSocket): void;
  /** Told of what fails where a message is handled. */
  readonly reportError: ErrorReporter;
}

/** What is used of a reader: the type of a whole one is not the same on every platform. */
interface Reader {
  readonly closed: Promise<unknown>;
  read(): Promise<{ readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}

/** What is joined to one write, at most, in bytes. */
const WRITE_SIZE = 65_536;
const PROTOCOL_ERROR = 1002;

/** One stream of a WebTransport session, made to look like a WebSocket: frames in both directions. */
export class WebTransportSocket implements RawSocket {
  handler: RawSocketHandler;
  readonly #session: WebTransportSessionLike;
  readonly #settings: WebTransportSettings;
  readonly #reader: Reader;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #decoder: StreamDecoder;
  readonly #waiting: Uint8Array[] = [];
  #buffered = 0;
  #writing = false;
  #state: "open" | "closing" | "closed" = "open";

  /** Takes the stream; nothing is read before {@linkcode WebTransportSocket.first}. */
  constructor(
    session: WebTransportSessionLike,
    { readable, writable }: WebTransportStream,
    handler: RawSocketHandler,
    settings: WebTransportSettings,
  ) {
    this.handler = handler;
    this.#session = session;
    this.#settings = settings;
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#decoder = new StreamDecoder(settings.maxPayload);
    // Both sides of the stream end with the session, whose end is told by the reading side.
    this.#reader.closed.catch(() => {});
    this.#writer.closed.catch(() => {});
  }

  get bufferedAmount(): number {
    return this.#buffered;
  }

  /**
   * Reads the first frame; `undefined` if none comes any more.
   *
   * @throws {ParseError} if it is no frame, or too long.
   */
  async first(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#decoder.next();
      if (frame !== undefined || !await this.#read()) return frame;
    }
  }

  /** Hands all further frames to the handler, until the end. */
  async run(): Promise<void> {
    try {
      do this.#deliver(); while (this.#state !== "closed" && await this.#read());
    } catch (error) {
      if (error instanceof ParseError) return this.#broken(error);
      throw error;
    }
    const lost = this.#session.closed.then(() => false, () => true);
    this.terminate();
    this.handler.close(0, "webtransport connection closed", await lost);
  }

  send(frame: Frame): SendResult {
    if (this.#state !== "open") return "dropped";
    const bytes = encodeStreamFrame(frame);
    this.#buffered += bytes.length;
    this.#waiting.push(bytes);
    if (!this.#writing) this.#drain();
    return "queued";
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#settings.closing.add(this);
    if (!this.#writing) this.#drain();
  }

  terminate(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#settings.closing.delete(this);
    this.#settings.gone(this);
    this.#waiting.length = 0;
    this.#reader.cancel().catch(() => {});
    this.#writer.abort().catch(() => {});
    endSession(this.#session);
  }

  #deliver(): void {
    while (this.#state !== "closed") {
      const frame = this.#decoder.next();
      if (frame === undefined) return;
      guard(() => this.handler.message(frame), "message", this.#settings.reportError);
    }
  }

  async #read(): Promise<boolean> {
    try {
      const { value } = await this.#reader.read();
      if (value !== undefined) this.#decoder.add(value);
      return value !== undefined;
    } catch {
      // The session was lost, or the peer has broken the stream off.
      return false;
    }
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    try {
      await this.#writer.ready;
      while (this.#waiting.length > 0) {
        const chunk = takeChunk(this.#waiting);
        await this.#writer.write(chunk);
        this.#buffered -= chunk.length;
      }
      if (this.#state === "closing") await this.#writer.close();
    } catch {
      // The reading side fails as well, and tells why.
      this.terminate();
    }
    this.#writing = false;
  }

  #broken({ message }: ParseError): void {
    this.terminate();
    this.handler.close(PROTOCOL_ERROR, message, true);
  }
}

/** Ends a session, whatever state it is in. */
export function endSession(session: WebTransportSessionLike): void {
  session.closed.catch(() => {});
  try {
    session.close();
  } catch {
    // Some platforms throw if it has ended already, or is not established yet.
    session.ready.then(() => session.close()).catch(() => {});
  }
}

function takeChunk(waiting: Uint8Array[]): Uint8Array {
  const [first] = waiting;
  if (first === undefined) return new Uint8Array();
  let size = first.length;
  let count = 1;
  for (let next; (next = waiting[count]) !== undefined; count++) {
    if (size + next.length > WRITE_SIZE) break;
    size += next.length;
  }
  if (count === 1) return waiting.shift() ?? first;
  const chunk = new Uint8Array(size);
  let end = 0;
  for (const bytes of waiting.splice(0, count)) {
    chunk.set(bytes, end);
    end += bytes.length;
  }
  return chunk;
}
