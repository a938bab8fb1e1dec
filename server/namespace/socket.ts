import type {
  DefaultEventsMap,
  DefaultSocketData,
  EventsMap,
  SocketEvent,
} from "../../events/mod.ts";
import type { CloseDetails } from "../../parser/engine/mod.ts";
import { type EventPacket, type Packet, PacketType } from "../../parser/mod.ts";
import type { Adapter, Recipient, RestoredSession, Room } from "../adapter/mod.ts";
import { EventFilter } from "./event_filter.ts";
import { isFinal } from "./final_reasons.ts";
import { type Arrival, createHandshake, type Handshake, isHandshake } from "./handshake.ts";
import type { Next } from "./hook.ts";
import type { Link, RequestSnapshot } from "./link.ts";
import { showSocket } from "./looks.ts";
import type { DisconnectReason, Newcomer, SocketNamespace, SocketReservedEvents } from "./ports.ts";
import { replier } from "./replier.ts";
import { listRooms, setOfRooms } from "./rooms.ts";
import { type SocketPlace, SocketSender } from "./socket_sender.ts";

/** What a socket starts from. */
export interface SocketInit extends SocketPlace {
  /** The credentials. */
  readonly auth: unknown;
  /** The session that is taken up, if one is. */
  readonly restored: RestoredSession | undefined;
}

const State = { Connecting: 0, Connected: 1, Leaving: 2, Closed: 3 } as const;

/**
 * One client in one namespace.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { io as connect } from "@sockeye/io/client";
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const io = new Server();
 * const log: unknown[] = [];
 * const left = Promise.withResolvers<string>();
 * io.on("connection", (socket) => {
 *   socket.data.name = socket.handshake.auth.name;
 *   socket.join(["lobby", "news"]);
 *   socket.leave("news");
 *   socket.use(([event], next) => next(event === "bad" ? new Error("No") : undefined));
 *   socket.on("error", (error) => log.push(error.message));
 *   socket.onAny((event, ...args) => log.push([event, args.length]));
 *   socket.on("say", async (text: string, done: (answer: string) => void) => {
 *     socket.to("lobby").emit("said", socket.data.name, text);
 *     done(await socket.timeout(10_000).emitWithAck("sure?")); // milliseconds
 *   });
 *   socket.on("bye", () => socket.disconnect());
 *   socket.on("disconnect", left.resolve);
 * });
 *
 * const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
 * const client = connect(`http://127.0.0.1:${port}`, { auth: { name: "Ada" } });
 * client.on("sure?", (done) => done("yes"));
 * client.emit("bad");
 * equal(await client.emitWithAck("say", "hello"), "yes");
 * client.emit("bye");
 * equal(await left.promise, "server namespace disconnect");
 * deepEqual(log, [["bad", 0], "No", ["say", 2], ["bye", 0]]);
 * await io.close();
 * ```
 */
export class Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> extends SocketSender<ListenEvents, EmitEvents, SocketReservedEvents, SocketData>
  implements Recipient, Newcomer {
  // On JavaScriptCore twelve fields, those of base classes included, take 112 bytes; one more, 160.
  #state: 0 | 1 | 2 | 3 = State.Connecting;
  // Made of an arrival when somebody asks for it.
  #handshake: Handshake | Arrival;
  // Those below come into being at first use: an idle socket has none of them.
  #data: SocketData | undefined;
  #filter: EventFilter | undefined;

  /** For the namespace, which admits clients; it sends nothing and joins no room yet. */
  constructor(init: SocketInit) {
    super(init);
    this.#handshake = { auth: init.auth, issued: Date.now() };
    if (init.restored !== undefined) this.#data = init.restored.data as SocketData;
  }

  /** The namespace. */
  get nsp(): SocketNamespace<
    EmitEvents,
    ServerSideEvents,
    SocketData,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  > {
    return this.host as unknown as typeof this.nsp;
  }

  /** The server; its type has to be said: `socket.server as Server`. */
  get server(): unknown {
    return this.nsp.server;
  }

  /** Who knows the rooms of the namespace. */
  get adapter(): Adapter {
    return this.host.adapter;
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
    const known = this.#handshake;
    if (isHandshake(known)) return known;
    return this.#handshake = createHandshake(this.conn, known);
  }

  /** Whatever the program wants to keep with the socket; an empty object until then. */
  get data(): SocketData {
    if (this.#data === undefined) this.#data = {} as SocketData;
    return this.#data;
  }

  /** Replaces what the program keeps with the socket. */
  set data(data: SocketData) {
    this.#data = data;
  }

  /** Whether the client has been let in, and has not left. */
  get connected(): boolean {
    return this.#state === State.Connected || this.#state === State.Leaving;
  }

  /** The opposite of {@linkcode Socket.connected}. */
  get disconnected(): boolean {
    return !this.connected;
  }

  /** The rooms that the socket is in; a copy. */
  get rooms(): Set<Room> {
    return this.host.adapter.socketRooms(this.id) ?? new Set();
  }

  /**
   * Joins rooms; does nothing once the socket has ended. In memory it has taken effect at once; with
   * another adapter, wait for the promise.
   */
  join(rooms: Room | readonly Room[]): void | Promise<void> {
    if (this.#state === State.Closed) return;
    return this.host.adapter.addAll(this.id, setOfRooms(rooms));
  }

  /** Leaves rooms, as {@linkcode Socket.join} joins them. */
  leave(rooms: Room | readonly Room[]): void | Promise<void> {
    const { adapter } = this.host;
    if (typeof rooms === "string") return adapter.del(this.id, rooms);
    const left = [...listRooms(rooms)].map((room) => adapter.del(this.id, room));
    if (left.some((result) => result instanceof Promise)) return Promise.all(left).then(() => {});
  }

  /** Leaves all rooms, that of its own id too. */
  leaveAll(): void | Promise<void> {
    return this.host.adapter.delAll(this.id);
  }

  /**
   * Takes the client out of the namespace, with the reason `server namespace disconnect`; in a
   * middleware, `next()` then lets nobody in. Does nothing once the socket has ended.
   *
   * @param close whether to end the whole connection, with all its namespaces; `false` by default.
   */
  disconnect(close: boolean = false): this {
    if (this.#state === State.Closed) return this;
    this.host.adapter.flush?.(this.id);
    if (close) this.client.disconnect();
    else if (this.#state === State.Connected) {
      this.client.sendPacket({ type: PacketType.Disconnect, nsp: this.host.name });
    }
    this.closed("server namespace disconnect");
    return this;
  }

  /**
   * Adds a middleware for the events of this client. `next()` passes the event on; an async function
   * of one parameter does so when its promise is fulfilled. One that does neither drops the event;
   * `next(error)` does so too and is heard by the listeners of `error`, or reported if there is none.
   * Events keep their order while a middleware that returns a promise is at work; how much may wait
   * says the option `maxHeldBytes`.
   */
  use(middleware: (event: SocketEvent, next: Next) => unknown): this {
    this.#filter ??= new EventFilter({
      passed: (event) => this.#hear(event),
      refused: (event, error) => {
        if (!this.dispatch("error", [error])) this.listenerFailed(error, event[0]);
      },
      failed: (event, error) => this.listenerFailed(error, event[0]),
      held: (bytes) => this.client.hold(bytes),
    });
    this.#filter.add(middleware);
    return this;
  }

  /** Throws: nothing would call what packages for npm `socket.io` put in its place. */
  set onevent(_listener: never) {
    throw new TypeError("Cannot replace socket.onevent: socket.onAny() hears every event");
  }

  /** For the namespace: the client is let in. */
  admitted(): void {
    this.#state = State.Connected;
  }

  /** For the connection: tells the listeners of the namespace. */
  announce(): void {
    this.host.announce(this);
  }

  /** For the connection: a packet of the client came. */
  receive(packet: Packet): void {
    if (packet.type === PacketType.Event) this.#event(packet);
    else if (packet.type === PacketType.Ack) this.resolveAck(packet.id, packet.data);
    else this.closed("client namespace disconnect");
  }

  /** The one way in which a socket ends. Does nothing if it has ended. */
  closed(reason: DisconnectReason, details?: CloseDetails): void {
    if (this.#state >= State.Leaving) return;
    const wasConnected = this.connected;
    const args = details === undefined ? [reason] : [reason, details];
    if (wasConnected) {
      this.#state = State.Leaving;
      this.dispatch("disconnecting", args);
      if (!isFinal(reason)) this.#persist();
    }
    this.#state = State.Closed;
    // The id of one that was not let in may be that of one which was: with protocol 3, of the same
    // client that asked again.
    if (wasConnected || !this.nsp.sockets.has(this.id)) this.host.release(this.id, this.pid);
    if (wasConnected) {
      this.client.forget(this.host.name, reason === "server namespace disconnect");
    }
    this.#filter?.close();
    this.rejectAcks();
    if (wasConnected) this.dispatch("disconnect", args);
  }

  /** Reports what a listener threw, with the place where it happened. */
  override listenerFailed(error: unknown, event: string | symbol): void {
    this.host.reportError(error, String(event), this.id);
  }

  /** This socket as adapters know it. */
  protected override get recipient(): Recipient {
    return this;
  }

  /** For the namespace: whether the socket has left, or must not be let in. */
  override get isClosed(): boolean {
    return this.#state === State.Closed;
  }

  #persist(): void {
    const { adapter } = this.host;
    if (this.ticket === undefined || adapter.persistSession === undefined) return;
    const { id: sid, data, rooms } = this;
    const { pid, auth } = this.ticket;
    adapter.persistSession({ sid, pid, rooms: [...rooms], data, auth }, this.parser);
  }

  #event(packet: EventPacket): void {
    const event = packet.data as unknown as SocketEvent;
    if (typeof event[0] === "number") event[0] = String(event[0]);
    if (packet.id !== undefined) event.push(replier(this, packet.id));
    this.tellIncoming(event);
    if (this.#filter === undefined) this.#hear(event);
    else this.#filter.pass(event);
  }

  #hear(event: SocketEvent): void {
    // `error` is for what the server refuses: a client must not pass for it.
    if (this.#state === State.Closed || event[0] === "error") return;
    this.dispatch(event[0], event.slice(1));
  }
}

showSocket(Socket);
