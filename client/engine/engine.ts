import type {
  CloseDetails,
  CloseReason,
  Frame,
  Open,
  SendOptions,
} from "../../parser/engine/mod.ts";
import { addressOf, type EngineAddress } from "./address.ts";
import { type BinaryData, decodeBase64, type Outgoing, toMessage } from "./data.ts";
import { Emitter } from "./emitter.ts";
import { type EngineEvents, type EngineState, PACKET_NAMES } from "./events.ts";
import type { BinaryType, EngineOptions } from "./options.ts";
import type { Timers } from "./timers.ts";
import type { Transport, TransportClass, TransportHandler } from "./transport.ts";

let webSocketWorked = false;

/**
 * One Engine.IO connection, which takes its transports as classes. It connects at once and never
 * again: each connection is an object of its own.
 */
export class Engine extends Emitter<EngineEvents> {
  /** The id of the session, once it is open. */
  id: string | undefined;
  /** Where the connection stands. */
  readyState: EngineState = "opening";
  /** The transport in use. */
  transport: Transport | undefined;
  /** How binary data arrives. */
  binaryType: BinaryType;
  readonly #options: EngineOptions;
  readonly #address: EngineAddress;
  readonly #timers: Timers;
  readonly #transports: TransportClass[];
  readonly #cookies = new Map<string, string>();
  readonly #queue: Outgoing[] = [];
  readonly #handler: TransportHandler = {
    frame: (frame) => this.#frame(frame),
    drained: () => this.#drained(),
    failed: (error) => this.#failed(error),
    closed: (details) => this.#closed("transport close", details),
  };
  readonly #ended = new AbortController();
  #cancelUpgrade: (() => void) | undefined;
  #upgrading = false;
  #open: Open | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expiry = Infinity;

  /** Connects. The transports of the options must be classes. */
  constructor(uri?: string, options: EngineOptions = {}) {
    super();
    this.#options = options;
    this.#timers = options.timers ?? globalThis;
    this.binaryType = options.binaryType ?? "uint8array";
    this.#address = addressOf(uri, options);
    this.#transports = (options.transports ?? []).filter((kind) => typeof kind !== "string");
    this.#start();
  }

  /** Whether the next message would leave at once. */
  get writable(): boolean {
    return this.transport?.writable === true && !this.#upgrading && this.readyState === "open";
  }

  /**
   * Sends text or binary data.
   *
   * @param sent called once it is given to the transport.
   */
  send(data: string | BinaryData, options?: SendOptions, sent?: () => void): this {
    const frame = typeof data === "string" ? "4" + data : data;
    return this.sendMessage(toMessage([frame]), options, sent);
  }

  /** The same as {@linkcode Engine.send}. */
  write(data: string | BinaryData, options?: SendOptions, sent?: () => void): this {
    return this.send(data, options, sent);
  }

  /** Sends frames that were encoded before. */
  sendMessage(message: Outgoing, options?: SendOptions, sent?: () => void): this {
    if (this.readyState !== "open" && this.readyState !== "opening") return this;
    if (this.hasListeners("packetCreate")) {
      for (const frame of message.frames) {
        const data = typeof frame === "string" ? frame.slice(1) : frame;
        const compress = options?.compress !== false;
        this.dispatch("packetCreate", { type: "message", data, options: { compress } });
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
      this.#cancelUpgrade?.();
      this.#upgrading = false;
      this.#flush();
      this.#finish();
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

  #start(): void {
    const { rememberUpgrade } = this.#options;
    const first = rememberUpgrade && webSocketWorked && this.#find("websocket") ||
      this.#transports[0];
    if (!first) {
      queueMicrotask(() => this.#failed(new Error("No transports available")));
      return;
    }
    this.#use(this.#make(first)).open();
  }

  #find(name: string): TransportClass | undefined {
    return this.#transports.find((kind) => kind.prototype.name === name);
  }

  #make(kind: TransportClass): Transport {
    return new kind({
      ...this.#options,
      ...this.#options.transportOptions?.[kind.prototype.name],
      ...this.#address,
      cookies: this.#cookies,
    });
  }

  #use(transport: Transport): Transport {
    if (this.transport) this.transport.handler = undefined;
    transport.handler = this.#handler;
    return this.transport = transport;
  }

  #frame(frame: Frame): void {
    try {
      // All binary data is a message, and what starts with a "b" is binary.
      if (typeof frame !== "string") this.#packet(4, frame);
      else if (frame[0] === "b") this.#packet(4, decodeBase64(frame.slice(1)));
      else this.#packet(Number(frame[0]), frame.slice(1));
    } catch (cause) {
      this.#failed(new SyntaxError("Cannot decode packet", { cause }));
    }
  }

  #packet(type: number, data: Frame): void {
    this.dispatch("packet", { type: PACKET_NAMES[type], data });
    this.dispatch("heartbeat");
    // Digits as on the wire: the names would all stay in the bundle.
    if (type === 4) this.#message(data);
    else if (type === 2) {
      this.#watch();
      this.#push({ frames: ["3"] });
      this.dispatch("ping");
      this.dispatch("pong");
    } else if (type === 0) this.#opened(data);
    else if (type === 1) {
      this.#closed("transport close", { description: "transport closed by the server" });
    } else if (!(type < 7)) throw new RangeError("unknown type");
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
    this.id = this.#address.session.sid = open.sid;
    this.readyState = "open";
    webSocketWorked = this.transport?.name === "websocket";
    this.#watch();
    this.#listen("offline", () => {
      this.#closed("transport close", { description: "network is offline" });
    });
    if (this.#options.closeOnBeforeunload) this.#listen("beforeunload", () => this.#release());
    this.dispatch("handshake", open);
    this.dispatch("open");
    this.#flush();
    if (this.#options.upgrade !== false) this.#upgrade(open.upgrades);
  }

  #listen(event: string, listener: () => void): void {
    globalThis.addEventListener?.(event, listener, this.#ended);
  }

  #watch(): void {
    const { pingInterval, pingTimeout } = this.#open!;
    const limit = pingInterval + pingTimeout;
    this.#expiry = Date.now() + limit;
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.#closed("ping timeout"), limit);
  }

  #upgrade(names: readonly string[]): void {
    this.#cancelUpgrade = this.transport?.upgrade?.({
      names,
      timers: this.#timers,
      make: (name) => {
        const kind = this.#find(name);
        return kind && this.#make(kind);
      },
      hold: (held) => {
        this.#upgrading = held;
        this.#flush();
        this.#finish();
      },
      use: (transport) => {
        webSocketWorked = this.#use(transport).name === "websocket";
      },
      tell: (event, about) => this.dispatch(event, about),
    });
  }

  #push(message: Outgoing): this {
    this.#queue.push(message);
    this.#flush();
    return this;
  }

  #flush(): void {
    const { transport } = this;
    if (!transport?.writable || this.#upgrading || this.readyState === "closed") return;
    const [first] = this.#queue;
    if (!first) return;
    if (first.ready) {
      first.ready.then(() => this.#flush());
      return;
    }
    transport.flush(this.#queue, this.#open?.maxPayload);
    this.dispatch("flush");
  }

  #drained(): void {
    if (this.#queue[0]) return this.#flush();
    this.dispatch("drain");
    this.#finish();
  }

  /** Closes, if that is wanted and nothing is left to send. */
  #finish(): void {
    if (
      this.readyState === "closing" && !this.#queue[0] && !this.#upgrading &&
      this.transport?.writable
    ) this.#closed("forced close");
  }

  #failed(error: Error): void {
    webSocketWorked = false;
    const opening = this.readyState === "opening";
    if (opening && this.#options.tryAllTransports && this.#transports.length > 1) {
      this.#transports.shift();
      this.#start();
      return;
    }
    this.dispatch("error", error);
    this.#closed(error instanceof SyntaxError ? "parse error" : "transport error", error);
  }

  #closed(reason: CloseReason, details?: CloseDetails | Error): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.#timers.clearTimeout(this.#timer);
    this.#expiry = Infinity;
    this.#ended.abort();
    this.#release();
    this.#queue.length = 0;
    this.id = undefined;
    this.dispatch("close", reason, details);
  }

  #release(): void {
    this.#cancelUpgrade?.();
    if (this.transport) this.transport.handler = undefined;
    this.transport?.close();
  }
}
