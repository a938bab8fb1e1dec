import {
  type AckResult,
  AckTable,
  CatchAllEmitter,
  type DecorateAcknowledgements,
  type DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  type EventNames,
  type EventNamesWithAck,
  type EventParams,
  type EventsMap,
} from "../../events/mod.ts";
import {
  type EventData,
  type EventPacket,
  type Message,
  PacketType,
  type Parser,
  type SendOptions,
} from "../../parser/mod.ts";
import {
  type BroadcastFlags,
  type Recipient,
  type Room,
  sendOptions,
  type SocketId,
} from "../adapter/mod.ts";
import { BroadcastOperator, type RemoveLast } from "./broadcast.ts";
import { checkEventName } from "./event_name.ts";
import { type AckOfPromise, emitWithAck, type Sender, SocketOperator } from "./outgoing.ts";
import type { Client, SocketHost, Ticket } from "./ports.ts";

/** Whom a socket belongs to. */
export interface SocketPlace {
  /** The namespace. */
  readonly host: SocketHost;
  /** The connection. */
  readonly client: Client;
  /** The public id. */
  readonly id: SocketId;
  /** What recovery needs, where that is on. */
  readonly ticket: Ticket | undefined;
}

const NO_FLAGS: BroadcastFlags = {};
const OTHERS: BroadcastFlags = { broadcast: true };

/** The half of a socket that sends: to its client, and to others in its name. */
export abstract class SocketSender<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  ReservedEvents extends EventsMap,
  SocketData,
> extends CatchAllEmitter<ListenEvents, ReservedEvents> implements Sender<EmitEvents, SocketData> {
  /** The public id: random, and unlike the secret id of the connection. */
  readonly id: SocketId;
  // None of these is a property: what a program copies from a socket, to show or send it, holds none.
  readonly #client: Client;
  readonly #host: SocketHost;
  readonly #ticket: Ticket | undefined;
  #acks: AckTable | undefined;

  /** Takes where the socket belongs. */
  constructor({ id, client, ticket, host }: SocketPlace) {
    super();
    this.id = id;
    this.#client = client;
    this.#ticket = ticket;
    this.#host = host;
  }

  /** The connection that carries it. */
  get client(): Client {
    return this.#client;
  }

  /** The namespace as the socket uses it. */
  protected get host(): SocketHost {
    return this.#host;
  }

  /** What recovery needs, where that is on. */
  protected get ticket(): Ticket | undefined {
    return this.#ticket;
  }

  /** The private id by which the client can take up the session; a secret like a password. */
  get pid(): string | undefined {
    return this.#ticket?.pid;
  }

  /** Whether it took up an earlier session: same id, rooms and data, missed events sent again. */
  get recovered(): boolean {
    return this.#ticket?.recovered === true;
  }

  /** The format that the client speaks. */
  get parser(): Parser {
    return this.#client.parser;
  }

  /**
   * Sends an event to the client. A function as last argument is called with the answer; behind
   * {@linkcode SocketSender.timeout} it takes an error first, and is called in any case.
   *
   * @throws {Error} if the name is reserved: `connect`, `connect_error`, `disconnect`,
   * `disconnecting`, `newListener` or `removeListener`.
   * @throws {TypeError | RangeError} if the format cannot express an argument.
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): true;
  // One list, which becomes the packet's: with two, each event would be copied.
  emit(...data: unknown[]): true {
    this.sendEvent(data, NO_FLAGS);
    return true;
  }

  /**
   * Sends an event and resolves to the answer. Without {@linkcode SocketSender.timeout} it waits as
   * long as the client is there.
   *
   * @throws {Error} (rejects) if the name is reserved, or the client leaves before it has answered:
   * `socket has been disconnected`.
   */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<EmitEvents, Event>>
  ): Promise<AckResult<EmitEvents, Event>> {
    return emitWithAck(this, event, args, NO_FLAGS) as Promise<AckResult<EmitEvents, Event>>;
  }

  /** Sends the event `message`. */
  send(...args: EventParams<EmitEvents, "message">): this {
    this.sendEvent(["message", ...args], NO_FLAGS);
    return this;
  }

  /** The same as {@linkcode SocketSender.send}. */
  write(...args: EventParams<EmitEvents, "message">): this {
    return this.send(...args);
  }

  /** See {@linkcode SocketOperator.volatile}. */
  get volatile(): SocketOperator<EmitEvents, SocketData> {
    return new SocketOperator<EmitEvents, SocketData>(this, { volatile: true });
  }

  /** See {@linkcode SocketOperator.compress}. */
  compress(compress: boolean): SocketOperator<EmitEvents, SocketData> {
    return new SocketOperator<EmitEvents, SocketData>(this, { compress });
  }

  /** See {@linkcode SocketOperator.timeout}. */
  timeout(
    timeout: number,
  ): SocketOperator<
    DecorateAcknowledgements<EmitEvents>,
    SocketData,
    DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>
  > {
    return new SocketOperator<EmitEvents, SocketData>(this, NO_FLAGS).timeout(timeout);
  }

  /** An operator for the members of rooms, without this socket. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.others(NO_FLAGS).to(room);
  }

  /** The same as {@linkcode SocketSender.to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.to(room);
  }

  /** An operator for everyone but this socket and the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.others(NO_FLAGS).except(room);
  }

  /** An operator for everyone but this socket. */
  get broadcast(): BroadcastOperator<EmitEvents, SocketData> {
    return this.others(NO_FLAGS);
  }

  /** An operator for everyone on this server but this socket. */
  get local(): BroadcastOperator<EmitEvents, SocketData> {
    return this.others(NO_FLAGS).local;
  }

  /** Part of {@linkcode Sender}: sends an event with flags. */
  sendEvent(data: unknown[], flags: BroadcastFlags): void {
    checkEventName(data[0]);
    const last = data[data.length - 1];
    if (typeof last === "function") {
      data.length--;
      return this.#sendForAck(data as unknown as EventData, last as AckOfPromise, flags);
    }
    const packet = eventPacket(this.#host.name, data as unknown as EventData);
    const { sendRecoverable } = this.#host.adapter;
    if (this.#ticket !== undefined && sendRecoverable !== undefined) {
      sendRecoverable.call(this.#host.adapter, this.recipient, packet, sendOptions(flags));
    } else {
      this.#deliverInTurn(this.parser.encode(packet), packet, flags);
    }
  }

  /** Part of {@linkcode Sender}: an operator for everyone else. */
  others(flags: BroadcastFlags): BroadcastOperator<EmitEvents, SocketData> {
    return new BroadcastOperator<EmitEvents, SocketData>(
      this.#host,
      undefined,
      new Set([this.id]),
      flags === NO_FLAGS ? OTHERS : { ...flags, broadcast: true },
    );
  }

  /** Part of {@linkcode Recipient}: sends an encoded event. */
  deliver(message: Message, packet: EventPacket, options: SendOptions | undefined): void {
    if (this.isClosed) return;
    this.tellOutgoing(packet.data);
    this.#client.send(message, options);
  }

  /** Part of {@linkcode Recipient}: awaits the answer to a broadcast. */
  awaitAck(id: number, answered: (response: readonly unknown[]) => void, gone: () => void): void {
    this.#addAck(id, (error, args) => error === undefined ? answered(args) : gone());
  }

  /** Part of {@linkcode Recipient}: awaits no answer any more. */
  forgetAck(id: number): void {
    this.#acks?.delete(id);
  }

  /** Part of {@linkcode Recipient}: hears a topic, unless catch-all listeners have to see it. */
  subscribe(topic: string): boolean {
    return !this.watchesOutgoing && this.#client.subscribe(topic);
  }

  /** Part of {@linkcode Recipient}: hears a topic no longer. */
  unsubscribe(topic: string): void {
    this.#client.conn.unsubscribe(topic);
  }

  /** For the connection: has the adapter look anew at how this socket can be reached. */
  refresh(): void {
    this.#host.adapter.refresh?.(this.id);
  }

  /** This socket as adapters know it. */
  protected abstract get recipient(): Recipient;

  /** Whether nothing can be sent any more. */
  protected abstract get isClosed(): boolean;

  /** Broadcasts have to pass by who hears every event that is sent. */
  protected override outgoingChanged(): void {
    this.refresh();
  }

  /** Hands an answer of the client to who awaits it. */
  protected resolveAck(id: number, args: readonly unknown[]): void {
    this.#acks?.resolve(id, args);
  }

  /** Settles all that is awaited: there will be no answer. */
  protected rejectAcks(): void {
    this.#acks?.rejectAll();
  }

  #sendForAck(data: EventData, ack: AckOfPromise, flags: BroadcastFlags): void {
    const id = this.#host.nextAckId();
    const packet = { ...eventPacket(this.#host.name, data), id };
    const message = this.parser.encode(packet);
    const takesError = flags.timeout !== undefined || ack.takesError;
    this.#addAck(id, (error, args) => {
      if (error !== undefined && !takesError) return;
      this.invoke(ack, takesError ? [error ?? null, ...args] : args, String(data[0]));
    }, flags.timeout);
    if (this.isClosed) this.rejectAcks();
    else this.#deliverInTurn(message, packet, flags);
  }

  #deliverInTurn(message: Message, packet: EventPacket, flags: BroadcastFlags): void {
    const { adapter } = this.#host;
    if (adapter.sendInTurn === undefined) {
      return this.deliver(message, packet, sendOptions(flags));
    }
    adapter.sendInTurn(this.id, () => this.deliver(message, packet, sendOptions(flags)));
  }

  #addAck(id: number, callback: Parameters<AckTable["add"]>[1], timeout?: number): void {
    (this.#acks ??= new AckTable()).add(id, callback, timeout);
  }
}

function eventPacket(nsp: string, data: EventData): EventPacket {
  return { type: PacketType.Event, nsp, data };
}
