import type { Frame } from "../../../../parser/engine/mod.ts";
import type {
  WebTransportSessionLike,
  WebTransportStream,
} from "../../../../server/engine/webtransport.ts";
import { encodeStreamFrame, StreamDecoder } from "../../../../server/engine/webtransport_frames.ts";
import { within } from "../../../harness/once.ts";

/** A WebTransport session that goes nowhere, and the client at its other end. */
export class FakeWebTransport implements WebTransportSessionLike {
  readonly url: string;
  readonly ready: Promise<void> = Promise.resolve();
  readonly closed: Promise<unknown>;
  readonly incomingBidirectionalStreams: ReadableStream<WebTransportStream>;
  readonly #up = new TransformStream<Uint8Array, Uint8Array>();
  // A client that has read all to the end leaves.
  readonly #down = new TransformStream<Uint8Array, Uint8Array>({ flush: () => this.close() });
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new StreamDecoder(1e9);
  readonly #settle: { resolve(value: unknown): void; reject(error: Error): void };
  #streams!: ReadableStreamDefaultController<WebTransportStream>;
  #over = false;

  constructor(url = "https://host/engine.io/?EIO=4&transport=webtransport") {
    this.url = url;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.closed = promise;
    this.#settle = { resolve, reject };
    this.incomingBidirectionalStreams = new ReadableStream({
      start: (controller) => {
        this.#streams = controller;
      },
    });
    this.#writer = this.#up.writable.getWriter();
    this.#reader = this.#down.readable.getReader();
    this.#writer.closed.catch(() => {});
    this.#reader.closed.catch(() => {});
  }

  /** Settles once the server takes nothing from the stream any more. */
  get stopped(): Promise<void> {
    return this.#writer.closed.catch(() => {});
  }

  /** The client opens its stream, and says something. */
  open(...frames: Frame[]): this {
    this.#streams.enqueue({ readable: this.#up.readable, writable: this.#down.writable });
    for (const frame of frames) this.send(frame);
    return this;
  }

  /** The client sends a frame. */
  send(frame: Frame): void {
    this.bytes(encodeStreamFrame(frame));
  }

  /** The client sends whatever it likes. */
  bytes(bytes: Uint8Array): void {
    this.#writer.write(bytes).catch(() => {});
  }

  /** The next frame that the client gets; `undefined` at the end. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#decoder.next();
      if (frame !== undefined) return frame;
      const { value } = await within(this.#reader.read(), "a frame").catch(() => ({
        value: undefined,
      }));
      if (value === undefined) return undefined;
      this.#decoder.add(value);
    }
  }

  /** The client ends its half of the stream. */
  finish(): void {
    this.#writer.close().catch(() => {});
  }

  /** The session ends, from whichever side, or is lost. */
  close(lost?: Error): void {
    if (this.#over) return;
    this.#over = true;
    if (lost === undefined) this.#settle.resolve({ closeCode: 0, reason: "" });
    else this.#settle.reject(lost);
    const error = lost ?? new Error("connection lost");
    this.#writer.abort(error).catch(() => {});
    this.#reader.cancel(error).catch(() => {});
    this.#streams.error(error);
  }
}
