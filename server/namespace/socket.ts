import {
  type AckResult,
  AckTable,
  type AnyListener,
  type DecorateAcknowledgements,
  type DefaultEventsMap,
  type DefaultSocketData,
  Emitter,
  type EventNames,
  type EventNamesWithAck,
  type EventParams,
  type EventsMap,
} from "../../events/mod.ts";
import type { CloseDetails } from "../../parser/engine/mod.ts";
import {
  type EventData,
  type EventPacket,
  isReservedEvent,
  type Message,
  type Packet,
  PacketType,
  type Parser,
  type SendOptions,
} from "../../parser/mod.ts";
import {
  type BroadcastFlags,
  type Recipient,
  type RestoredSession,
  type Room,
  sendOptions,
  type SocketId,
} from "../adapter/mod.ts";
import { BroadcastOperator, type RemoveLast } from "./broadcast.ts";
import { CatchAll } from "./catch_all.ts";
import { createHandshake, type Handshake } from "./handshake.ts";
import { type Hook, type Next, runHooks } from "./hook.ts";
import type { Link, RequestSnapshot } from "./link.ts";
import { type AckOfPromise, emitWithAck, type Sender, SocketOperator } from "./outgoing.ts";
import type { Client, DisconnectReason, SocketHost, SocketNamespace } from "./ports.ts";

/** The events that every socket has besides those of the user. */
export type SocketReservedEvents = {
  /** The socket is about to leave its rooms. */
  disconnecting: (reason: DisconnectReason, details?: CloseDetails) => void;
  /** The socket has left. */
  disconnect: (reason: DisconnectReason, details?: CloseDetails) => void;
  /** A middleware of this socket refused an event. */
  error: (error: Error) => void;
};

/** An event on its way to the listeners: name, arguments, and the acknowledgement if one is asked. */
export type SocketEvent = [event: string, ...args: unknown[]];

/** What a socket starts from. */
export interface SocketInit {
  /** The namespace. */
  readonly host: SocketHost;
  /** The connection. */
  readonly client: Client;
  /** The public id. */
  readonly id: SocketId;
  /** The private id for recovery, where that is on. */
  readonly pid: string | undefined;
  /** The credentials. */
  readonly auth: unknown;
  /** The session that is taken up, if one is. */
  readonly restored: RestoredSession | undefined;
}

const NO_FLAGS: BroadcastFlags = {};

// Kept apart from a network failure: here somebody wanted the socket to end.
const FINAL: ReadonlySet<DisconnectReason> = new Set([
  "client namespace disconnect",
  "server namespace disconnect",
  "parse error",
]);

const State = { Connecting: 0, Connected: 1, Closed: 2 } as const;

/**
 * One client in one namespace.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 *
 * const io = new Server();
 * io.on("connection", (socket) => {
 *   socket.join("lobby");
 *   socket.on("say", (text: string, done: (answer: string) => void) => {
 *     socket.to("lobby").emit("said", socket.id, text);
 *     done("ok");
 *   });
 *   socket.on("disconnect", (reason) => console.log(socket.id, "left:", reason));
 * });
 * await io.close();
 * ```
 */
export class Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> extends Emitter<ListenEvents, SocketReservedEvents>
  implements Recipient, Sender<EmitEvents, SocketData> {
  /** The public id: random, and unlike the secret id of the connection. */
  readonly id: SocketId;
  /** The connection that carries it. */
  readonly client: Client;
  /** Whether it took up an earlier session: same id, rooms and data, missed events sent again. */
  readonly recovered: boolean;
  /** The private id by which the client can take up the session; a secret like a password. */
  readonly pid: string | undefined;
  readonly #host: SocketHost;
  readonly #auth: unknown;
  readonly #issued = Date.now();
  #state: 0 | 1 | 2 = State.Connecting;
  // All below come into being at first use: an idle socket has none of them.
  #data: SocketData | undefined;
  #handshake: Handshake | undefined;
  #acks: AckTable | undefined;
  #incoming: CatchAll | undefined;
  #outgoing: CatchAll | undefined;
  #middlewares: Hook<SocketEvent>[] | undefined;
  #turn: Promise<void> | undefined;

  /** For the namespace, which admits clients; it sends nothing and joins no room yet. */
  constructor(init: SocketInit) {
    super();
    this.id = init.id;
    this.client = init.client;
    this.recovered = init.restored !== undefined;
    this.#host = init.host;
    this.pid = init.pid;
    this.#auth = init.auth;
    if (init.restored !== undefined) this.#data = init.restored.data as SocketData;
  }

  /** The namespace. */
  get nsp(): SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    return this.#host as unknown as SocketNamespace<
      ListenEvents,
      EmitEvents,
      ServerSideEvents,
      SocketData
    >;
  }

  /** The low-level connection, with `transport.name`. */
  get conn(): Link {
    return this.client.conn;
  }

  /** What is kept of the request that opened the connection. */
  get request(): RequestSnapshot {
    return this.client.conn.request;
  }

  /** How the socket came to be. */
  get handshake(): Handshake {
    return this.#handshake ??= createHandshake(this.conn, this.#auth, this.#issued);
  }

  /** Whatever the program wants to keep with the socket; an empty object at first. */
  get data(): SocketData {
    return this.#data ??= {} as SocketData;
  }

  /** Replaces what the program keeps with the socket. */
  set data(data: SocketData) {
    this.#data = data;
  }

  /** Whether the client has been let in, and has not left. */
  get connected(): boolean {
    return this.#state === State.Connected;
  }

  /** The opposite of {@linkcode Socket.connected}. */
  get disconnected(): boolean {
    return !this.connected;
  }

  /** The rooms that the socket is in; a copy. */
  get rooms(): Set<Room> {
    return this.#host.adapter.socketRooms(this.id) ?? new Set();
  }

  /** The format that the client speaks. */
  get parser(): Parser {
    return this.client.parser;
  }

  /**
   * Sends an event to the client. A function as last argument is called with the answer.
   *
   * @throws {Error} if the name is reserved.
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): true {
    this.sendEvent(event, args, NO_FLAGS);
    return true;
  }

  /**
   * Sends an event and resolves to the answer.
   *
   * @throws {Error} (rejects) if the client leaves before it has answered.
   */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<EmitEvents, Event>>
  ): Promise<AckResult<EmitEvents, Event>> {
    return emitWithAck(this, event, args, NO_FLAGS) as Promise<AckResult<EmitEvents, Event>>;
  }

  /** Sends the event `message`. */
  send(...args: EventParams<EmitEvents, "message">): this {
    this.sendEvent("message", args, NO_FLAGS);
    return this;
  }

  /** The same as {@linkcode Socket.send}. */
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
  timeout(timeout: number): SocketOperator<DecorateAcknowledgements<EmitEvents>, SocketData> {
    return new SocketOperator<EmitEvents, SocketData>(this, NO_FLAGS).timeout(timeout);
  }

  /** An operator for the members of rooms, without this socket. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.others(NO_FLAGS).to(room);
  }

  /** The same as {@linkcode Socket.to}. */
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

  /** Joins rooms. With an adapter that is not in memory, wait for the promise. */
  join(rooms: Room | readonly Room[]): void | Promise<void> {
    if (this.#state === State.Closed) return;
    return this.#host.adapter.addAll(this.id, new Set([rooms].flat()));
  }

  /** Leaves a room. With an adapter that is not in memory, wait for the promise. */
  leave(room: Room): void | Promise<void> {
    return this.#host.adapter.del(this.id, room);
  }

  /** Leaves the namespace; `close` ends the whole connection, with all its namespaces. */
  disconnect(close: boolean = false): this {
    if (this.#state === State.Closed) return this;
    if (close) this.client.disconnect();
    else {
      this.client.sendPacket({ type: PacketType.Disconnect, nsp: this.#host.name });
      this.closed("server namespace disconnect");
    }
    return this;
  }

  /**
   * Adds a middleware for the events of this client. Events keep their order while a middleware
   * that returns a promise is at work. One that does not call `next` drops the event;
   * `next(error)` does so too and is heard by the listeners of `error`.
   */
  use(middleware: (event: SocketEvent, next: Next) => unknown): this {
    (this.#middlewares ??= []).push(middleware);
    return this;
  }

  /** Hears every event of the client, ahead of middlewares and listeners. */
  onAny(listener: AnyListener): this {
    (this.#incoming ??= new CatchAll()).add(listener, "last");
    return this;
  }

  /** Like {@linkcode Socket.onAny}, ahead of those that are there. */
  prependAny(listener: AnyListener): this {
    (this.#incoming ??= new CatchAll()).add(listener, "first");
    return this;
  }

  /** Removes a listener of {@linkcode Socket.onAny}, or all. */
  offAny(listener?: AnyListener): this {
    this.#incoming?.remove(listener);
    return this;
  }

  /** The listeners of {@linkcode Socket.onAny}. */
  listenersAny(): AnyListener[] {
    return this.#incoming?.list() ?? [];
  }

  /** Hears every event that is sent to the client, broadcasts included. */
  onAnyOutgoing(listener: AnyListener): this {
    return this.#addOutgoing(listener, "last");
  }

  /** Like {@linkcode Socket.onAnyOutgoing}, ahead of those that are there. */
  prependAnyOutgoing(listener: AnyListener): this {
    return this.#addOutgoing(listener, "first");
  }

  /** Removes a listener of {@linkcode Socket.onAnyOutgoing}, or all. */
  offAnyOutgoing(listener?: AnyListener): this {
    this.#outgoing?.remove(listener);
    this.#host.adapter.refresh?.(this.id);
    return this;
  }

  /** The listeners of {@linkcode Socket.onAnyOutgoing}. */
  listenersAnyOutgoing(): AnyListener[] {
    return this.#outgoing?.list() ?? [];
  }

  /** Part of {@linkcode Sender}: sends an event with flags. */
  sendEvent(event: string | symbol, args: readonly unknown[], flags: BroadcastFlags): void {
    if (isReservedEvent(event)) throw new Error(`"${String(event)}" is a reserved event name`);
    const data = [event, ...args];
    const last = data[data.length - 1];
    if (typeof last === "function") {
      data.length--;
      this.#sendForAck(data as unknown as EventData, last as AckOfPromise, flags);
      return;
    }
    const packet = eventPacket(this.#host.name, data as unknown as EventData);
    const { sendRecoverable } = this.#host.adapter;
    if (this.pid !== undefined && sendRecoverable !== undefined) {
      sendRecoverable.call(this.#host.adapter, this, packet, sendOptions(flags));
    } else {
      this.deliver(this.parser.encode(packet), packet, sendOptions(flags));
    }
  }

  /** Part of {@linkcode Sender}: an operator for everyone else. */
  others(flags: BroadcastFlags): BroadcastOperator<EmitEvents, SocketData> {
    return new BroadcastOperator<EmitEvents, SocketData>(
      this.#host,
      new Set(),
      new Set([this.id]),
      { ...flags, broadcast: true },
    );
  }

  /** Part of {@linkcode Recipient}: sends an encoded event. */
  deliver(message: Message, packet: EventPacket, options: SendOptions | undefined): void {
    if (this.#state === State.Closed) return;
    this.#outgoing?.call(packet.data, (error) => this.listenerFailed(error, "onAnyOutgoing"));
    this.client.send(message, options);
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
    if (this.#outgoing !== undefined && !this.#outgoing.isEmpty) return false;
    return this.conn.subscribe(topic);
  }

  /** Part of {@linkcode Recipient}: hears a topic no longer. */
  unsubscribe(topic: string): void {
    this.conn.unsubscribe(topic);
  }

  /** For the namespace: the client is let in. */
  admitted(): void {
    this.#state = State.Connected;
  }

  /** For the connection: a packet of the client came. */
  receive(packet: Packet): void {
    if (packet.type === PacketType.Event) this.#event(packet);
    else if (packet.type === PacketType.Ack) this.#acks?.resolve(packet.id, packet.data);
    else this.closed("client namespace disconnect");
  }

  /** The one way in which a socket ends. Does nothing if it has ended. */
  closed(reason: DisconnectReason, details?: CloseDetails): void {
    if (this.#state === State.Closed) return;
    const wasConnected = this.connected;
    const args = details === undefined ? [reason] : [reason, details];
    if (wasConnected) this.dispatch("disconnecting", args);
    if (wasConnected && !FINAL.has(reason)) this.#persist();
    this.#state = State.Closed;
    this.#host.release(this.id, this.pid);
    this.client.forget(this.#host.name, reason === "server namespace disconnect");
    this.#acks?.rejectAll();
    if (wasConnected) this.dispatch("disconnect", args);
  }

  /** Reports what a listener threw, with the place where it happened. */
  override listenerFailed(error: unknown, event: string | symbol): void {
    this.#host.reportError(error, String(event), this.id);
  }

  #persist(): void {
    const { adapter } = this.#host;
    if (this.pid === undefined || adapter.persistSession === undefined) return;
    const { id: sid, data, rooms } = this;
    adapter.persistSession(
      { sid, pid: this.pid, rooms: [...rooms], data, auth: this.#auth },
      this.parser,
    );
  }

  #event(packet: EventPacket): void {
    const event = packet.data as unknown as SocketEvent;
    if (typeof event[0] === "number") event[0] = String(event[0]);
    if (packet.id !== undefined) event.push(this.#replier(packet.id));
    this.#incoming?.call(event, (error) => this.listenerFailed(error, "onAny"));
    if (this.#middlewares === undefined) this.#hear(event);
    else if (this.#turn === undefined) this.#filter(event);
    else this.#setTurn(this.#turn.then(() => this.#run(event)));
  }

  #filter(event: SocketEvent): void {
    const turn = this.#run(event);
    if (turn !== undefined) this.#setTurn(turn);
  }

  /** Events that come meanwhile wait for the one before. */
  #setTurn(turn: Promise<void>): void {
    this.#turn = turn;
    turn.then(() => {
      if (this.#turn === turn) this.#turn = undefined;
    });
  }

  #run(event: SocketEvent): Promise<void> | undefined {
    return runHooks(this.#middlewares ?? [], event, (error) => {
      if (error === undefined) this.#hear(event);
      else if (!this.dispatch("error", [error])) this.listenerFailed(error, event[0]);
    });
  }

  #hear(event: SocketEvent): void {
    // `error` is for what middlewares refuse: a client must not pass for one.
    if (this.#state === State.Closed || event[0] === "error") return;
    this.dispatch(event[0], event.slice(1));
  }

  #replier(id: number): (...args: unknown[]) => void {
    let answered = false;
    return (...args) => {
      if (answered || this.#state === State.Closed) return;
      answered = true;
      this.client.sendPacket({ type: PacketType.Ack, nsp: this.#host.name, data: args, id });
    };
  }

  #sendForAck(data: EventData, ack: AckOfPromise, flags: BroadcastFlags): void {
    const id = this.#host.nextAckId();
    const packet = { ...eventPacket(this.#host.name, data), id };
    const message = this.parser.encode(packet);
    const takesError = flags.timeout !== undefined || ack.takesError;
    this.#addAck(id, (error, args) => {
      if (error !== undefined && !takesError) return;
      this.#answer(ack, takesError ? [error ?? null, ...args] : args, String(data[0]));
    }, flags.timeout);
    if (this.#state === State.Closed) this.#acks?.rejectAll();
    else this.deliver(message, packet, sendOptions(flags));
  }

  #answer(ack: AnyListener, args: readonly unknown[], event: string): void {
    try {
      ack(...args);
    } catch (error) {
      this.listenerFailed(error, event);
    }
  }

  #addAck(id: number, callback: Parameters<AckTable["add"]>[1], timeout?: number): void {
    (this.#acks ??= new AckTable()).add(id, callback, timeout);
  }

  #addOutgoing(listener: AnyListener, where: "first" | "last"): this {
    (this.#outgoing ??= new CatchAll()).add(listener, where);
    this.#host.adapter.refresh?.(this.id);
    return this;
  }
}

function eventPacket(nsp: string, data: EventData): EventPacket {
  return { type: PacketType.Event, nsp, data };
}
