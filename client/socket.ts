import type {
  AckCallback,
  AckResult,
  AnyListener,
  DecorateAcknowledgements,
  EventName,
  EventNames,
  EventNamesWithAck,
  EventParams,
  EventsMap,
} from "../events/mod.ts";
import { createAnswer } from "./answer.ts";
import { CatchAllEmitter } from "./catch_all.ts";
import type { CloseDetails } from "../parser/engine/mod.ts";
import type { EventData, EventPacket, Packet } from "../parser/mod.ts";
import type { Connector } from "./connector.ts";
import type { NamespaceHandler } from "./manager_events.ts";
import type { DisconnectReason as Reason, SocketReservedEvents } from "./socket_events.ts";
import { withCredentials } from "./credentials.ts";
import { endError } from "./end_error.ts";
import type { AnyEvents, Auth, SocketOptions } from "./options.ts";
import { type BufferedEvent, createOutbox, type Outbox } from "./outbox.ts";
import { checkName } from "./reserved.ts";
import {
  type ArgsWithSignal,
  emitWithAck,
  type EventSender,
  Sender,
  type SendFlags,
} from "./sender.ts";

// Packet types are digits here, as on the wire: their names would all stay in the bundle.

const NO_FLAGS: SendFlags = {};
const OLD_SERVER = "The server speaks Socket.IO v2";

/** This side's end of one namespace. */
export class Socket<
  ListenEvents extends EventsMap = AnyEvents,
  EmitEvents extends EventsMap = ListenEvents,
> extends CatchAllEmitter<ListenEvents, SocketReservedEvents> implements EventSender {
  /** The manager of the connection. */
  declare readonly io: Connector;
  /** The namespace. */
  declare readonly nsp: string;
  /** The credentials; a change holds from the next connection on. */
  declare auth: Auth | undefined;
  /** The id that the server gave, the same there; `undefined` while it is not connected. */
  declare id: string | undefined;
  /** Whether the namespace is joined. */
  connected = false;
  /** Whether the last connection took up the session of the one before. */
  recovered = false;
  /** Events that came before the namespace was joined, as arguments of `emit`. */
  receiveBuffer: unknown[][] = [];
  /** Events to be sent when the namespace is joined; an empty list in its place drops them. */
  sendBuffer: BufferedEvent[] = [];
  readonly #options: SocketOptions;
  readonly #outbox: Outbox;
  readonly #handler: NamespaceHandler = {
    opened: (late) => late ? this.#joinIn() : this.#asking || this.#join(),
    packet: (packet) => this.#packet(packet),
    failed: (error) => this.connected || this.dispatch("connect_error", error),
    closed: (reason, details) => this.#closed(reason as Reason, details),
  };
  #session: string | undefined;
  #offset: string | undefined;
  #active = false;
  // What asks for the credentials, until they are sent.
  #asking: object | undefined;
  #refusals = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  /** For the manager. */
  constructor(io: Connector, nsp: string, options: SocketOptions = {}) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.#options = { ...options };
    this.auth = this.#options.auth;
    this.#outbox = createOutbox(this, this.#options.retries);
  }

  /** The opposite of {@linkcode Socket.connected}. */
  get disconnected(): boolean {
    return !this.connected;
  }

  /** Whether it is connected, or will be without further ado when there is a connection. */
  get active(): boolean {
    return this.#active;
  }

  /** Joins the namespace, connecting to the server where needed. */
  connect(): this {
    if (this.connected) return this;
    this.#active = true;
    this.io.attach(this.nsp, this.#handler);
    return this;
  }

  /** The same as {@linkcode Socket.connect}. */
  open(): this {
    return this.connect();
  }

  /** Leaves the namespace, and closes the connection if no other one uses it. */
  disconnect(): this {
    if (this.connected) this.io.send({ type: 1, nsp: this.nsp });
    this.#leave();
    this.#closed("io client disconnect");
    return this;
  }

  /** The same as {@linkcode Socket.disconnect}. */
  close(): this {
    return this.disconnect();
  }

  /** Leaves the namespace, and waits for the end of the connection if no other one uses it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    if (!this.io.isOpen) await this.io[Symbol.asyncDispose]();
  }

  /**
   * Sends an event. A function as last argument is called with the answer. What is sent while the
   * socket is not connected waits until it is.
   *
   * @throws {Error} if the name is reserved, and a `TypeError` if it is neither text nor a number.
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): this {
    this.sendEvent(event, args, NO_FLAGS);
    return this;
  }

  /**
   * Sends an event and resolves to the answer. An `AbortSignal` as last argument ends the wait; it
   * is not sent.
   *
   * @throws {Error} (rejects) when the time is over, the connection is lost, or the wait is ended.
   */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: ArgsWithSignal<EmitEvents, Event>
  ): Promise<AckResult<EmitEvents, Event>> {
    return emitWithAck(this, event, args, NO_FLAGS) as Promise<AckResult<EmitEvents, Event>>;
  }

  /** Sends the event `message`. */
  send(...args: EventParams<EmitEvents, "message">): this {
    return this.emit("message", ...args);
  }

  /** See {@linkcode Sender.volatile}. */
  get volatile(): Sender<EmitEvents> {
    return new Sender(this, { volatile: true });
  }

  /** See {@linkcode Sender.compress}. */
  compress(compress: boolean): Sender<EmitEvents> {
    return new Sender(this, { compress });
  }

  /** See {@linkcode Sender.timeout}. */
  timeout(timeout: number): Sender<DecorateAcknowledgements<EmitEvents>> {
    return new Sender(this, { timeout });
  }

  /** Part of {@linkcode EventSender}: sends an event with flags. */
  sendEvent(
    event: string | symbol,
    args: readonly unknown[],
    flags: SendFlags,
    settle?: AckCallback,
  ): () => void {
    checkName(event);
    const data = [event, ...args];
    const all = { timeout: this.#options.ackTimeout, ...flags };
    if (!settle && typeof data.at(-1) === "function") {
      const ack = data.pop() as AnyListener;
      settle = (error, answer) => {
        if (all.timeout !== undefined) this.invoke(ack, [error ?? null, ...answer], event);
        else if (!error) this.invoke(ack, answer, event);
      };
    }
    return this.#outbox.add(data as unknown as EventData, all, settle);
  }

  /** Sends a packet of this namespace; events pass those who hear all that go. For the outbox. */
  sendPacket(packet: EventPacket, flags: SendFlags): void {
    this.tellOutgoing(packet.data);
    // Who heard that may have left.
    if (this.connected) this.io.send(packet, flags);
  }

  /** Says where a listener failed. */
  override listenerFailed(error: unknown, event: EventName): void {
    super.listenerFailed(error, `${String(event)}" of "${this.nsp}`);
  }

  // Some servers never answer: whoever asks anew must not wait for ever.
  #joinIn(delay: number = this.io.reconnectionDelayMax()): void {
    this.#retryTimer = setTimeout(() => this.#join(), delay);
  }

  #join(): void {
    clearTimeout(this.#retryTimer);
    const asking = this.#asking = {};
    const waits = () => this.#asking === asking;
    withCredentials(this.auth, (credentials) => {
      if (!waits()) return;
      const pid = this.#session;
      const data = pid ? { pid, offset: this.#offset, ...credentials } : credentials;
      this.io.send({ type: 0, nsp: this.nsp, ...data && { data } });
      this.#asking = undefined; // once is enough
    }).catch((error) => waits() ? this.#refused(error) : this.listenerFailed(error, "auth"));
  }

  /** Takes a connect packet (0), an event (2), an ack (3), a connect error (4), or a disconnect. */
  #packet(packet: Packet): void {
    if (packet.type === 0) this.#joined(packet.data as { sid?: string; pid?: string } | undefined);
    else if (packet.type === 2) this.#event(packet);
    else if (packet.type === 3) this.#outbox.answered(packet.id, packet.data);
    else if (packet.type === 4) {
      const about = packet.data as { message: string; data?: unknown };
      const error = new Error(typeof about === "string" ? about : about.message);
      this.#refused(Object.assign(error, { data: about.data }));
    } else if (this.connected) {
      this.#leave();
      this.#closed("io server disconnect");
    } // or it was meant for the session before this one
  }

  #joined({ sid, pid }: { sid?: string; pid?: string } = {}): void {
    if (!sid) return this.#handler.failed(new Error(OLD_SERVER));
    this.id = sid;
    this.recovered = !!pid && pid === this.#session;
    if (!this.recovered) this.#offset = undefined;
    this.#session = pid;
    this.#refusals = 0;
    this.connected = true;
    for (let args; (args = this.receiveBuffer.shift());) this.#dispatch(args);
    this.#outbox.connected();
    // A listener may have left again.
    if (this.connected) this.dispatch("connect");
  }

  #event({ data, id }: EventPacket): void {
    const args: unknown[] = [...data];
    if (id !== undefined) args.push(createAnswer(this, id));
    if (this.connected) this.#dispatch(args);
    else this.receiveBuffer.push(args);
  }

  #dispatch(args: unknown[]): void {
    const last = args.at(-1);
    if (this.#session && args.length > 1 && typeof last === "string") this.#offset = last;
    this.tellIncoming(args);
    this.dispatch(...args as [string, ...unknown[]]);
  }

  #refused(error: Error): void {
    const { refusalRetries = 0 } = this.#options;
    this.#asking = undefined;
    if (this.#refusals < refusalRetries) {
      this.#joinIn(this.io.delay(this.#refusals++));
    } else this.#leave();
    this.dispatch("connect_error", error);
  }

  #leave(): void {
    clearTimeout(this.#retryTimer);
    this.#refusals = 0;
    this.#active = false;
    this.#session = this.#offset = this.#asking = undefined;
    this.io.detach(this.nsp);
  }

  #closed(reason: Reason, details?: CloseDetails | Error): void {
    clearTimeout(this.#retryTimer);
    this.#asking = undefined;
    this.receiveBuffer.length = 0;
    if (this.connected) {
      this.connected = false;
      this.id = undefined;
      this.dispatch("disconnect", reason, details);
      this.#outbox.disconnected();
    } else if (this.#active) this.dispatch("connect_error", endError(reason, details));
  }
}

/** The types of the reference that belong to the class. */
export declare namespace Socket {
  /** Why a socket is not connected any more. */
  export type DisconnectReason = Reason;
}
