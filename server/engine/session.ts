import {
  type CloseDetails,
  type CloseReason,
  type Frame,
  Message,
  PacketType,
  type SendOptions,
} from "../../parser/engine/mod.ts";
import { showSession } from "./looks.ts";
import { type MessageData, toMessage } from "./message_data.ts";
import { guard, tellSent } from "./report.ts";
import { endPauses, SendQueue } from "./send_queue.ts";
import { ENDS, PACKET_NAMES, SessionEmitter } from "./session_events.ts";
import type { ReadyState, Sent, SessionServices } from "./session_services.ts";
import type { RequestSnapshot } from "./snapshot.ts";
import type { PendingUpgrade, Queued, Transport, TransportHandler } from "./transport.ts";

/** One client of the engine, whatever transport carries it. */
export class Session extends SessionEmitter implements TransportHandler {
  /** The secret id of the session. Never show it to another client. */
  readonly id: string;
  /** The protocol of the client: 4, or 3 for old ones. */
  readonly protocol: number;
  /** The address of the client, empty where the runtime does not tell. */
  readonly remoteAddress: string;
  readonly #request: RequestSnapshot;
  readonly #services: SessionServices<Session>;
  #transport: Transport;
  #state: ReadyState = "opening";
  #queue: SendQueue | undefined;
  #volatileTurn = -1;
  #upgrade: PendingUpgrade | undefined;

  /** Made by the engine, which calls `opened` once the transport is there. */
  constructor(
    id: string,
    protocol: number,
    request: RequestSnapshot,
    remoteAddress: string,
    services: SessionServices<Session>,
    transport: Transport,
  ) {
    super();
    this.id = id;
    this.protocol = protocol;
    this.#request = request;
    this.remoteAddress = remoteAddress;
    this.#services = services;
    this.#transport = transport;
    transport.handler = this;
  }

  /** The request that opened the session. Setting it, as programs for npm do, changes nothing. */
  get request(): RequestSnapshot {
    return this.#request;
  }
  set request(_request: RequestSnapshot | null) {}

  /** What carries the session at the moment. */
  get transport(): Transport {
    return this.#transport;
  }

  /** Where the session stands in its life. */
  get readyState(): ReadyState {
    return this.#state;
  }

  /** The messages that wait for the transport; where `close` is heard, those that were not sent. */
  get writeBuffer(): readonly Message[] {
    return this.#queue?.messages ?? [];
  }

  /** Whether an upgrade is under way. */
  get upgrading(): boolean {
    return this.#upgrade !== undefined;
  }

  /** Whether a message sent now would leave at once. */
  get writable(): boolean {
    return this.#queue === undefined && this.#isFree;
  }

  /**
   * Sends a message behind those sent before. Does nothing once the session is closing.
   *
   * @param data text, binary data, or a message that is encoded already.
   * @param sent called once the message was handed to the transport.
   */
  send(data: MessageData | Message, options?: SendOptions | Sent, sent?: Sent): this {
    if (typeof options === "function") return this.send(data, undefined, options);
    if (this.#state !== "open") return this;
    const message = data instanceof Message ? data : toMessage(data);
    if (options?.volatile) {
      const fits = this.#queue?.takes(message, this.#services.maxBackpressure) ?? true;
      if (!this.#isFree || !fits) return this;
    }
    const compress = options?.compress !== false;
    if (this.hasListeners("packetCreate")) this.announcePackets(message, compress);
    this.#push(message, compress, sent);
    if (options?.volatile) this.#volatileTurn = this.#services.turn.mark();
    return this;
  }

  /** The same as {@linkcode Session.send}. */
  write(...args: Parameters<Session["send"]>): this {
    return this.send(...args);
  }

  /**
   * Closes the session with the reason `forced close`. A client on long polling hears of it with
   * its next poll; it has 30 seconds for that, or until it would have missed a ping, with the reason
   * `ping timeout`.
   *
   * @param discard whether to drop what is not sent yet, and not to wait for such a client either.
   */
  close(discard = false): this {
    if (discard) this.ended("forced close");
    if (this.#state !== "open") return this;
    this.#state = "closing";
    this.#services.heartbeat.delete(this);
    this.#services.closing.add(this);
    // An upgrade goes on: its client may have left polling, and would not hear of it.
    this.#finish();
    return this;
  }

  /**
   * Lets what is published to a topic reach this client, in order with what is sent. `false` if
   * that cannot be now: on long polling, during an upgrade, behind messages that still wait, and
   * where a listener wants to see what is sent.
   */
  subscribe(topic: string): boolean {
    const free = this.#state === "open" && this.#upgrade === undefined && !this.isWatched;
    if (free && this.#queue !== undefined) this.#transport.hurry();
    return free && this.#queue === undefined && this.#transport.subscribe(topic);
  }

  /** Ends {@linkcode Session.subscribe}. */
  unsubscribe(topic: string): void {
    this.#transport.unsubscribe(topic);
  }

  /** For the engine: ends the session at once, whatever it was doing. The only way out. */
  ended(reason: CloseReason, details?: CloseDetails): void {
    const state = this.#state;
    if (state === "closed") return;
    // Both sides close: the client was the faster one.
    if (state === "closing" && reason === "transport close") return this.ended("forced close");
    this.#state = "closed";
    this.#services.heartbeat.delete(this);
    this.#services.closing.delete(this);
    this.#services.blocked.delete(this);
    const last = reason === "server shutting down" ? this.#queue?.items : undefined;
    this.#services.farewells.part(this.id, this.#transport, this.#upgrade, last);
    this.#upgrade = undefined;
    if (last === undefined) endPauses(this.#queue?.items ?? []);
    // Who hears of the end may look at what was not sent.
    if (state !== "opening") this.#announceEnd(reason, details);
    this.#queue = undefined;
  }

  /** For the transport: the session can begin. */
  opened(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#services.opened(this);
    // A closed engine has ended it, and stopped its timers for good.
    if (this.readyState === "open") this.#services.heartbeat.begin(this, this.protocol);
    this.dispatch("open", []);
  }

  /** For the transport: a packet of the client. */
  packet(type: PacketType, data: Frame): void {
    // Both sides close: the client will not come for our goodbye.
    if (this.#state === "closing" && type === PacketType.Close) return this.ended("forced close");
    if (this.#state !== "open") return;
    if (this.hasListeners("packet")) this.dispatch("packet", [{ type: PACKET_NAMES[type], data }]);
    if (type !== PacketType.Message) return this.#control(type, data);
    this.handler?.message(data);
    if (this.hasListeners("data")) this.dispatch("data", [data]);
    if (this.hasListeners("message")) this.dispatch("message", [data]);
  }

  /** For the transport: it can send again. */
  ready(): void {
    if (this.#queue !== undefined) this.#transport.flush(this.#queue.items);
  }

  /** For the transport: these messages have left the queue. */
  flushed(messages: readonly Queued[]): void {
    if (this.#queue?.items.length === 0) this.#queue = undefined;
    tellSent(messages, this.#services.reportError);
    this.#announceFlush(messages);
    if (this.#state === "closing" && this.#queue === undefined) this.#finish();
  }

  /** For the heartbeat: asks the client whether it is still there. */
  ping(): void {
    this.#push(this.beat(), false);
  }

  /** For the heartbeat: the client did not answer. */
  pingTimeout(): void {
    this.ended("ping timeout");
  }

  /** For the engine: an upgrade begins. */
  startUpgrade(upgrade: PendingUpgrade): void {
    this.#upgrade = upgrade;
  }

  /** For the upgrade: it came to nothing. */
  endUpgrade(): void {
    this.#upgrade = undefined;
  }

  /** For the upgrade: goes on with the new transport, and with what still waits. */
  adopt(transport: Transport): void {
    if (this.#state === "closed") return this.#services.farewells.adopt(this.id, transport);
    this.#upgrade = undefined;
    this.#transport.discard();
    this.#transport = transport;
    transport.handler = this;
    if (this.#state === "closing") return this.#finish();
    if (this.#queue !== undefined) transport.flush(this.#queue.items);
    this.handler?.upgraded();
    this.dispatch("upgrade", [transport]);
  }

  /** Says where a listener failed. */
  override listenerFailed(error: unknown, event: string | symbol): void {
    this.#services.reportError(error, { event: String(event) });
  }

  get #isFree(): boolean {
    return this.#state === "open" && this.#transport.writable &&
      this.#volatileTurn !== this.#services.turn.current;
  }

  #control(type: PacketType, data: Frame): void {
    if (type === PacketType.Close) return this.ended("transport close", ENDS.byClient);
    if (type !== PacketType.Ping && type !== PacketType.Pong) return;
    const expected = this.protocol === 3 ? PacketType.Ping : PacketType.Pong;
    if (type !== expected) return this.ended("transport error", ENDS.wrongWay);
    this.#services.heartbeat[type === PacketType.Pong ? "alive" : "heard"](this);
    if (type === PacketType.Ping) this.#push(this.beat(data), false);
    if (this.hasListeners("heartbeat")) this.dispatch("heartbeat", []);
  }

  #push(message: Message, compress: boolean, sent?: () => void): void {
    const first = this.#queue === undefined && message.ready === undefined;
    if (first && this.#transport.send(message, compress)) {
      if (sent !== undefined) queueMicrotask(() => guard(sent, "sent", this.#services.reportError));
      return this.#announceFlush(message);
    }
    // The transport may have failed just now, and the session with it.
    if (this.#state === "closed") return;
    const queue = this.#queue ??= new SendQueue();
    queue.push({ message, compress, sent });
    if (message.ready !== undefined) this.#await(message.ready);
    this.#transport.flush(queue.items);
    const full = this.#queue?.exceeds(this.#services.maxBackpressure);
    if (full) this.ended("transport error", ENDS.tooMuch);
  }

  async #await(ready: Promise<void>): Promise<void> {
    if (this.#transport.subscribed) this.#services.blocked.add(this);
    await ready;
    if (this.#queue !== undefined) this.#transport.flush(this.#queue.items);
    if (this.#queue?.blocked !== true) this.#services.blocked.delete(this);
  }

  #finish(): void {
    if (this.#queue !== undefined) this.#transport.flush(this.#queue.items);
    else this.#transport.finish(() => this.ended("forced close"));
  }

  #announceEnd(reason: CloseReason, details: CloseDetails | undefined): void {
    this.#services.ended(this);
    guard(() => this.handler?.close(reason, details), "close", this.#services.reportError);
    this.handler = undefined;
    this.announceClose(this.remoteAddress, reason, details);
  }

  #announceFlush(sent: Message | readonly Queued[]): void {
    const observed = this.hasListeners("flush") || this.hasListeners("drain");
    if (!observed && !this.#services.observed()) return;
    const all = sent instanceof Message ? [sent] : sent.map(({ message }) => message);
    // A pause is nothing that is sent.
    const messages = all.filter(({ frames }) => frames.length > 0);
    if (messages.length > 0) this.dispatch("flush", [messages]);
    if (this.#queue === undefined) this.dispatch("drain", []);
    this.#services.flushed(this, messages);
  }
}

showSession(Session);
