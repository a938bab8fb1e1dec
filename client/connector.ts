import type { CloseDetails, CloseReason, Frame, SendOptions } from "../parser/engine/mod.ts";
import type { Decoder, Packet } from "../parser/mod.ts";
import { endError } from "./end_error.ts";
import { Engine, type LeanEngineOptions, type Timers } from "./engine/mod.ts";
import type { NamespaceHandler } from "./manager_events.ts";
import type { LeanManagerOptions, ManagerOptions, PacketFormat } from "./options.ts";
import { Reconnection } from "./reconnection.ts";
import { textParser } from "./text_parser.ts";

/** Told how the attempt to connect went. */
export type Opened = (error?: Error) => void;

/**
 * Keeps one connection to a server for the sockets of all its namespaces, and makes it again when
 * it is lost.
 */
export class Connector extends Reconnection {
  /** The present connection, or the last one. */
  declare engine: Engine | undefined;
  readonly #uri: string | undefined;
  readonly #timers: Timers;
  readonly #parser: PacketFormat;
  readonly #handlers = new Map<string, NamespaceHandler>();
  // Who has asked to join and got no answer: whether it has left. Another has to wait for that.
  readonly #joins = new Map<string, boolean>();
  #state: "closed" | "opening" | "open" = "closed";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reconnecting = false;
  #stopped = false;
  #attempts = 0;
  // Tells what ended the last connection that was open.
  #lost!: () => Error;

  /**
   * Connects, unless `autoConnect` is off.
   *
   * @throws {TypeError} if an option cannot be fulfilled.
   */
  constructor(uri: string | undefined, options: LeanManagerOptions) {
    super(options);
    this.#uri = uri;
    this.#timers = options.timers ?? globalThis;
    this.#parser = options.parser ?? textParser;
    if (options.autoConnect !== false) this.open();
  }

  /** Whether it waits for its next attempt, or makes it. */
  get _reconnecting(): boolean {
    return this.#reconnecting;
  }

  /** Whether the connection stands. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /**
   * Connects, unless it is connected or about to be. It does not wait for the next attempt to
   * connect again, but takes its place.
   *
   * @param opened called with the outcome. With it, a failure is not followed by further attempts;
   * a connection that stood, and ended while it was told of, is.
   */
  open(opened?: Opened): this {
    if (this.#state === "closed") {
      this.stopWaiting();
      this.#connect(opened);
    }
    return this;
  }

  /** The same as {@linkcode Connector.open}. */
  connect(opened?: Opened): this {
    return this.open(opened);
  }

  /** Registers the socket of a namespace, and connects. For the library's own use. */
  attach(nsp: string, handler: NamespaceHandler): void {
    if (!this.#reconnecting) this.open();
    if (this.#handlers.has(nsp)) return;
    // Another object each time: who has left and is back waits for another connection.
    this.#handlers.set(nsp, { ...handler });
    if (this.isOpen) handler.opened(this.#joins.has(nsp));
  }

  /** Forgets the socket of a namespace, and closes after the last. For the library's own use. */
  detach(nsp: string): void {
    this.#handlers.delete(nsp);
    if (this.#joins.has(nsp)) this.#joins.set(nsp, true);
    if (!this.#handlers.size) this._close();
  }

  /** Sends a packet over the present connection. For the library's own use. */
  send(packet: Packet, options?: SendOptions): void {
    const message = this.#parser.encode(packet);
    if (packet.type === 0) this.#joins.set(packet.nsp, false);
    this.engine?.sendMessage(message, options);
  }

  /** Closes the connection and makes no other one. */
  disconnect(): void {
    this._close();
  }

  /** The same as {@linkcode Connector.disconnect}, as programs know it. */
  _close(): void {
    this.#stopped = true;
    this.stopWaiting();
    if (this.#state !== "closed") this.#closed("forced close");
  }

  /** Closes the connection, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this._close();
    const { engine } = this;
    if (engine?.readyState === "closing") {
      await new Promise<unknown>((resolve) => engine.once("close", resolve));
    }
  }

  /** Makes a connection. */
  protected createEngine(uri: string | undefined, options: ManagerOptions): Engine {
    return new Engine(uri, options as LeanEngineOptions);
  }

  #connect(opened?: Opened): void {
    const failed = (error: Error) => {
      this.#end();
      this.#tell((handler) => handler.failed(error));
      this.dispatch("error", error);
      if (opened) opened(error);
      else if (!this.#attempts) this.#reconnect();
    };
    try {
      this.engine = this.createEngine(this.#uri, this.opts);
    } catch (error) {
      // The program hears of an option that is refused from its own call, if there is one.
      if (this.#attempts) return failed(error as Error);
      throw error;
    }
    this.#state = "opening";
    this.#stopped = false;
    this.#joins.clear();
    this.#listen(this.engine, failed, opened);
    const limit = this.timeout();
    if (limit !== false) {
      this.#timer = this.#timers.setTimeout(() => failed(new Error("timeout")), limit);
    }
  }

  // Neither those that come meanwhile, nor those that leave before it is their turn.
  #tell(tell: (handler: NamespaceHandler, nsp: string) => void): void {
    for (const [nsp, handler] of [...this.#handlers]) {
      if (this.#handlers.get(nsp) === handler) tell(handler, nsp);
    }
  }

  #listen(engine: Engine, failed: (error: Error) => void, opened: Opened | undefined): void {
    const decoder = this.#parser.decoder();
    const at = (state: string) => this.engine === engine && this.#state === state;
    engine.on("open", () => {
      if (!at("opening")) return;
      this.#timers.clearTimeout(this.#timer);
      this.#state = "open";
      this.dispatch("open");
      this.#tell((handler, nsp) => {
        // It may have asked already.
        if (at("open") && !this.#joins.has(nsp)) handler.opened();
      });
      opened?.(at("open") ? undefined : this.#lost());
    });
    engine.on("error", (error) => {
      if (at("opening")) failed(error);
      else if (at("open")) this.dispatch("error", error);
    });
    engine.on("close", (reason, details) => {
      if (at("open")) this.#closed(reason, details);
      // There was no error: somebody closed it before it was open.
      else if (at("opening")) failed(endError(reason, details));
    });
    engine.on("ping", () => at("open") && this.dispatch("ping"));
    engine.on("data", (frame) => at("open") && this.#frame(decoder, frame));
  }

  #frame(decoder: Decoder, frame: Frame | ArrayBuffer): void {
    let packet;
    try {
      // The default format takes binary frames as they are; others have to look into them.
      const raw = this.opts.parser && frame instanceof ArrayBuffer ? new Uint8Array(frame) : frame;
      packet = decoder.decode(raw as Frame);
    } catch (error) {
      return this.#closed("parse error", error as Error);
    }
    if (!packet) return;
    this.dispatch("packet", packet);
    const { nsp, type } = packet;
    const handler = this.#handlers.get(nsp);
    const left = this.#joins.get(nsp);
    // An answer to who has asked to join: yes (0) or no (4).
    const answer = type % 4 === 0 && this.#joins.delete(nsp);
    if (!left) handler?.packet(packet);
    else if (answer) {
      if (!type) this.send({ type: 1, nsp });
      handler?.opened();
    }
  }

  #end(): void {
    this.#timers.clearTimeout(this.#timer);
    this.#state = "closed";
    this.engine?.close();
  }

  #closed(reason: CloseReason, details?: CloseDetails | Error): void {
    this.#end();
    this.#lost = () => endError(reason, details);
    this.#tell((handler) => handler.closed(reason, details));
    this.dispatch("close", reason, details);
    this.#reconnect();
  }

  #reconnect(): void {
    // A listener may have closed the manager, or opened it again.
    if (this.#reconnecting || this.#stopped || this.#state !== "closed" || !this.reconnection()) {
      return;
    }
    if (this.#attempts >= this.reconnectionAttempts()) {
      this.#attempts = 0;
      return this.dispatch("reconnect_failed");
    }
    this.#reconnecting = true;
    this.#timer = this.#timers.setTimeout(() => {
      this.dispatch("reconnect_attempt", this.#attempts);
      if (!this.#reconnecting) return;
      this.#connect((error) => {
        const attempt = this.#attempts;
        this.#reconnecting = false;
        if (error) {
          this.dispatch("reconnect_error", error);
          this.#reconnect();
        } else {
          this.#attempts = 0;
          this.dispatch("reconnect", attempt);
        }
      });
    }, this.delay(this.#attempts++));
  }

  /** Waits for no further attempt. */
  protected override stopWaiting(): void {
    if (this.#state === "closed") this.#timers.clearTimeout(this.#timer);
    this.#reconnecting = false;
    this.#attempts = 0;
  }
}
