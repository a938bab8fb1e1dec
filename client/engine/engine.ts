import type {
  CloseDetails,
  CloseReason,
  Frame,
  Open,
  SendOptions,
} from "../../parser/engine/mod.ts";
import { addressOf } from "./address.ts";
import { type BinaryData, type Outgoing, toMessage } from "./data.ts";
import { Emitter } from "./emitter.ts";
import { type EngineEvents, type EngineState, PACKET_NAMES } from "./events.ts";
import type { BinaryType, LeanEngineOptions } from "./options.ts";
import type { Timers } from "./timers.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/**
 * One Engine.IO connection over one transport, which it takes as a class. It connects at once and
 * never again: each connection is an object of its own.
 */
export class Engine extends Emitter<EngineEvents> {
  /** The id of the session, once it is open. */
  declare id: string | undefined;
  /** Where the connection stands. */
  readyState: EngineState = "opening";
  /** How binary data arrives. */
  declare binaryType: BinaryType;
  /** The messages that wait for the transport. */
  readonly writeBuffer: Outgoing[] = [];
  readonly #options: LeanEngineOptions;
  readonly #session: TransportOptions["session"] = {};
  readonly #timers: Timers;
  readonly #transport: Transport;
  readonly #ended = new AbortController();
  #open: Open | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expiry = Infinity;

  /**
   * Connects.
   *
   * @throws {TypeError} if there is no transport among the options.
   */
  constructor(uri: string | undefined, options: LeanEngineOptions) {
    super();
    const [Kind] = options.transports;
    if (typeof Kind !== "function") throw new TypeError("No class of a transport given");
    this.#options = options;
    this.#timers = options.timers ?? globalThis;
    this.binaryType = options.binaryType ?? "uint8array";
    const transport = this.#transport = new Kind({
      ...options,
      ...addressOf(uri, options),
      session: this.#session,
    });
    transport.handler = {
      frame: (frame) => this.#frame(frame),
      drained: () => {
        if (!this.writeBuffer[0]) this.dispatch("drain");
        this.#flush();
      },
      failed: (error) => this.#failed(error),
      closed: (details) => this.#closed("transport close", details),
      tell: (event, about) => this.dispatch(event, about),
    };
    transport.open();
  }

  /** The transport in use. */
  get transport(): Transport {
    return this.#transport.current ?? this.#transport;
  }

  /** Whether the next message would leave at once. */
  get writable(): boolean {
    return this.#transport.writable && this.readyState === "open";
  }

  /**
   * Sends text or binary data.
   *
   * @param sent called once it is given to the transport.
   */
  send(data: string | BinaryData, options?: SendOptions, sent?: () => void): this {
    const message = toMessage([typeof data === "string" ? "4" + data : data]);
    return this.sendMessage(message, options, sent);
  }

  /** The same as {@linkcode Engine.send}. */
  write(data: string | BinaryData, options?: SendOptions, sent?: () => void): this {
    return this.send(data, options, sent);
  }

  /** Sends frames that were encoded before. */
  sendMessage(message: Outgoing, options?: SendOptions, sent?: () => void): this {
    // Neither open nor opening.
    if (!/^open/.test(this.readyState)) return this;
    if (this.hasListeners("packetCreate")) {
      for (const frame of message.frames) {
        const data = typeof frame === "string" ? frame.slice(1) : frame;
        this.dispatch("packetCreate", {
          type: "message",
          data,
          options: { compress: options?.compress !== false },
        });
      }
    }
    if (sent) this.once("flush", sent);
    return this.#push(message);
  }

  /** Ends the connection, when what was sent before has left. */
  close(): this {
    if (this.readyState === "opening") this.#closed("forced close");
    else if (this.readyState === "open") {
      this.readyState = "closing";
      this.#transport.settle?.();
      this.#flush();
    }
    return this;
  }

  /**
   * Whether the server was silent for too long, which a tab that was frozen notices before its
   * timers do. It closes the connection then.
   */
  hasExpired(): boolean {
    const expired = Date.now() > this.#expiry;
    if (expired) queueMicrotask(() => this.#closed("ping timeout"));
    return expired;
  }

  #frame(frame: Frame): void {
    try {
      // All binary data is a message.
      if (typeof frame === "string") this.#packet(PACKET_NAMES[Number(frame[0])], frame.slice(1));
      else this.#packet("message", frame);
    } catch (cause) {
      this.#failed(new SyntaxError("Cannot decode packet", { cause }));
    }
  }

  #packet(type: string | undefined, data: Frame): void {
    if (!type) throw new RangeError("unknown type");
    this.dispatch("packet", { type, data });
    this.dispatch("heartbeat");
    if (type === "message") this.#message(data);
    if (type === "ping") {
      this.#watch();
      this.#push({ frames: ["3"] });
      this.dispatch("ping");
      this.dispatch("pong");
    }
    if (type === "open") this.#opened(data);
    if (type === "close") {
      this.#closed("transport close", { description: "transport closed by the server" });
    }
  }

  #message(data: Frame): void {
    const value = this.binaryType === "arraybuffer" && typeof data !== "string"
      ? data.slice().buffer
      : data;
    this.dispatch("data", value);
    this.dispatch("message", value);
  }

  #opened(data: Frame): void {
    const open = this.#open = JSON.parse(data as string) as Open;
    if (typeof open.sid !== "string") throw new TypeError("no sid");
    this.id = this.#session.sid = open.sid;
    this.readyState = "open";
    this.#watch();
    this.#listen("offline", () => {
      this.#closed("transport close", { description: "network is offline" });
    });
    if (this.#options.closeOnBeforeunload) this.#listen("beforeunload", () => this.#release());
    this.dispatch("handshake", open);
    this.dispatch("open");
    this.#flush();
  }

  #listen(event: string, listener: () => void): void {
    (globalThis as MaybeTarget).addEventListener?.(event, listener, this.#ended);
  }

  #watch(): void {
    const { pingInterval, pingTimeout } = this.#open!;
    // What is longer, platforms take for no time at all.
    const limit = Math.min(pingInterval + pingTimeout, 2 ** 31 - 1);
    this.#expiry = Date.now() + limit;
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.#closed("ping timeout"), limit);
  }

  #push(message: Outgoing): this {
    this.writeBuffer.push(message);
    this.#flush();
    return this;
  }

  /** Hands over what it can, and closes if that is wanted and nothing is left to send. */
  #flush(): void {
    const transport = this.#transport;
    const [first] = this.writeBuffer;
    if (!transport.writable) return;
    if (!first) {
      if (this.readyState === "closing") this.#closed("forced close");
    } else if (first.ready) first.ready.then(() => this.#flush());
    else {
      try {
        transport.flush(this.writeBuffer, this.#open?.maxPayload);
        this.dispatch("flush");
      } catch (error) {
        this.#failed(error as Error);
      }
    }
  }

  #failed(error: Error): void {
    this.dispatch("error", error);
    this.#closed(error instanceof SyntaxError ? "parse error" : "transport error", error);
  }

  #closed(reason: CloseReason, details?: CloseDetails | Error): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.#timers.clearTimeout(this.#timer);
    this.#ended.abort();
    this.#release();
    this.writeBuffer.length = 0;
    this.id = undefined;
    this.dispatch("close", reason, details);
  }

  #release(): void {
    this.#transport.close();
    this.#transport.handler = undefined;
  }
}

// Not every runtime has events of its own, and not all types know of them.
type MaybeTarget = {
  addEventListener?(event: string, listener: () => void, options: { signal: AbortSignal }): void;
};
