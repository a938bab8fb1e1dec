import type { ErrorReporter } from "../../events/mod.ts";
import {
  decodeBase64,
  type Frame,
  type Message,
  PacketType,
  ParseError,
  typeOf,
} from "../../parser/engine/mod.ts";
import type { LegacyFrames } from "./legacy.ts";
import type { Outbox, Sender } from "./outbox.ts";
import type { RawSocket, RawSocketHandler } from "./runtime.ts";
import {
  NOBODY,
  type Queued,
  readyCount,
  type Transport,
  type TransportHandler,
} from "./transport.ts";

/** What all WebSocket transports of an engine have in common. */
export interface WebSocketSettings {
  /** What it is: the stream of a WebTransport session is treated like a WebSocket. */
  readonly name: "websocket" | "webtransport";
  /** The largest message of a peer, in bytes. */
  readonly maxPayload: number;
  /** The most that may wait for one peer, in bytes. */
  readonly maxBackpressure: number;
  /** The length from which a frame is compressed; `Infinity` if none is. */
  readonly compressFrom: number;
  /** Where frames gather until the end of the turn. */
  readonly outbox: Outbox;
  /** Told of what fails where a message is handled. */
  readonly reportError: ErrorReporter;
}

// Before binary data of a client that can send text only.
const LETTER_B = 98;
const LEGACY_DELAY = 10;

// The transport whose message is being handled. What it sends meanwhile, Bun gathers by itself.
let receiving: WebSocketTransport | undefined;
// Whether it has sent something: what Bun gathers does not count as buffered there.
let answered = false;

/** An Engine.IO session over one WebSocket, or over what is made to look like one. */
export class WebSocketTransport implements Transport, RawSocketHandler, Sender {
  handler: TransportHandler = NOBODY;
  subscribed = false;
  readonly #settings: WebSocketSettings;
  readonly #legacy: LegacyFrames | undefined;
  #socket: RawSocket | undefined;
  #gathered: Queued[] | undefined;

  /**
   * @param legacy how protocol 3 frames binary data, or `undefined` for protocol 4.
   */
  constructor(settings: WebSocketSettings, legacy: LegacyFrames | undefined) {
    this.#settings = settings;
    this.#legacy = legacy;
  }

  get name(): "websocket" | "webtransport" {
    return this.#settings.name;
  }

  get writable(): boolean {
    return this.#socket !== undefined && this.#gathered === undefined &&
      !(answered && receiving === this) && this.#socket.bufferedAmount === 0;
  }

  open(socket: RawSocket): void {
    this.#socket = socket;
    // The first frame may reach the client together with the answer to its upgrade. Clients of
    // that age may begin to listen for frames only after they have heard of the answer.
    if (this.#legacy === undefined) this.#opened();
    else setTimeout(() => this.#opened(), LEGACY_DELAY);
  }

  /** Goes on with a socket that is open already. */
  attach(socket: RawSocket): void {
    this.#socket = socket;
  }

  message(data: Frame): void {
    const before = receiving;
    receiving = this;
    answered = false;
    try {
      this.#decode(data);
    } catch (error) {
      this.#failed(error);
    } finally {
      receiving = before;
    }
  }

  close(code: number, reason: string, failed: boolean): void {
    this.#socket = undefined;
    this.handler.ended(failed ? "transport error" : "transport close", {
      description: reason === "" ? "websocket connection closed" : reason,
      context: code,
    });
  }

  hurry(): void {
    this.sendGathered();
  }

  finish(done: () => void): void {
    this.discard();
    done();
  }

  send(message: Message, compress: boolean): boolean {
    const socket = this.#socket;
    if (socket === undefined || (socket.cork !== undefined && receiving !== this)) return false;
    this.#write(socket, message, compress);
    return true;
  }

  flush(queue: Queued[]): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.cork === undefined || receiving === this) this.#flushNow(socket, queue);
    else if (this.#gathered === undefined) {
      this.#gathered = queue;
      this.#settings.outbox.add(this);
    }
  }

  sendGathered(): void {
    const queue = this.#gathered;
    this.#gathered = undefined;
    if (queue !== undefined && this.#socket !== undefined) this.#flushNow(this.#socket, queue);
  }

  discard(): void {
    const socket = this.#socket;
    this.handler = NOBODY;
    this.#socket = undefined;
    this.#gathered = undefined;
    socket?.close();
  }

  subscribe(topic: string): boolean {
    const socket = this.#socket;
    if (this.#legacy !== undefined || socket?.subscribe === undefined) return false;
    socket.subscribe(topic);
    return this.subscribed = true;
  }

  /** Sends a message to all that hear a topic but the peer; `false`, and nothing, if it cannot. */
  publish(topic: string, message: Message, compress: boolean): boolean {
    const socket = this.#socket;
    if (socket?.publish === undefined) return false;
    for (const frame of message.frames) {
      socket.publish(topic, frame, compress && frame.length >= this.#settings.compressFrom);
    }
    return true;
  }

  unsubscribe(topic: string): void {
    this.#socket?.unsubscribe?.(topic);
  }

  #opened(): void {
    const before = receiving;
    receiving = this;
    answered = false;
    try {
      this.handler.opened();
    } catch (error) {
      this.#failed(error);
    } finally {
      receiving = before;
    }
  }

  #decode(data: Frame): void {
    if (isLonger(data, this.#settings.maxPayload)) return this.#tooLong();
    if (this.#legacy !== undefined) this.#legacy.decode(data, this.handler);
    else if (typeof data !== "string") this.handler.packet(PacketType.Message, data);
    else if (data.charCodeAt(0) !== LETTER_B) this.handler.packet(typeOf(data), data.slice(1));
    else this.handler.packet(PacketType.Message, decodeBase64(data.slice(1)));
  }

  #tooLong(): void {
    this.#socket?.close(1009);
    this.handler.ended("transport error", { description: "message too big", context: 1009 });
  }

  #failed(error: unknown): void {
    if (error instanceof ParseError) {
      this.handler.ended("parse error", { description: error.message, context: error });
    } else this.#settings.reportError(error, { event: "message" });
  }

  #flushNow(socket: RawSocket, queue: Queued[]): void {
    this.#gathered = undefined;
    const count = readyCount(queue);
    if (count === 0) return;
    const messages = queue.splice(0, count);
    const write = () => {
      for (const { message, compress } of messages) this.#write(socket, message, compress);
    };
    if (socket.cork !== undefined && receiving !== this) socket.cork(write);
    else write();
    this.handler.flushed(messages);
  }

  #write(socket: RawSocket, message: Message, compress: boolean): void {
    const { compressFrom, maxBackpressure } = this.#settings;
    if (receiving === this) answered = true;
    for (const frame of message.frames) {
      const data = this.#legacy === undefined ? frame : this.#legacy.encode(frame);
      const result = socket.send(data, compress && data.length >= compressFrom);
      if (result === "queued" && socket.bufferedAmount > maxBackpressure) {
        return this.#overflowed(socket);
      }
    }
  }

  #overflowed(socket: RawSocket): void {
    socket.terminate();
    this.handler.ended("transport error", { description: "too much is waiting for the client" });
  }
}

/** Whether a frame has more bytes than a limit. Counts only where the length leaves it open. */
export function isLonger(data: Frame, limit: number): boolean {
  if (data.length > limit) return true;
  if (typeof data !== "string" || data.length * 3 <= limit) return false;
  return utf8Length(data) > limit;
}

/** The length of a text in UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair makes two of its four bytes.
    if (unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff)) length += 2;
    else if (unit > 0x7f) length += 1;
  }
  return length;
}
