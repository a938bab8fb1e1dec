import {
  type AckResult,
  type AnyListener,
  debugScope,
  type DefaultEventsMap,
  type DefaultSocketData,
  type EventNames,
  type EventNamesWithAck,
  type EventParams,
  type EventsMap,
  type ServerSideParams,
} from "../../events/mod.ts";
import type {
  Adapter,
  AdapterScope,
  Publish,
  Recipient,
  Session,
  SocketId,
} from "../adapter/mod.ts";
import type { Admission } from "./admission.ts";
import { BroadcastOperator, type RemoveLast } from "./broadcast.ts";
import { Broadcaster } from "./broadcaster.ts";
import { Door, type House } from "./door.ts";
import { type Hook, type Next, withHook } from "./hook.ts";
import { showNamespace } from "./looks.ts";
import type { ListenerPlace, PeerEvents, SessionRecovery, SocketHost } from "./ports.ts";
import type { Socket } from "./socket.ts";

/** The events that every namespace has besides those that other servers send. */
export type NamespaceReservedEvents<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  ServerSideEvents extends EventsMap,
  SocketData,
> = PeerEvents<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>;

/** What all namespaces of a server share. */
export interface NamespaceContext {
  /** What they belong to, for the user. */
  readonly server?: unknown;
  /** Makes the adapter of a namespace. */
  createAdapter(scope: AdapterScope): Adapter;
  /** Makes an id that nobody can guess. */
  newId(): string;
  /** Reports what a listener threw. */
  reportError(error: unknown, context: ListenerPlace): void;
  /** Sends a frame to all links that subscribed to a topic, where the runtime can. */
  readonly publish: Publish | undefined;
  /** Set where sessions are kept for recovery. */
  readonly recovery: SessionRecovery | undefined;
}

const debug = debugScope("sockeye:namespace");

const RESERVED_SERVER_SIDE: ReadonlySet<string> = new Set([
  "connect",
  "connection",
  "new_namespace",
  "session_expired",
]);

/**
 * Clients that speak about the same thing: they share a name, middlewares and rooms. Get one by
 * `io.of(name)`.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { io as connect } from "@sockeye/io/client";
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const io = new Server();
 * const chat = io.of("/chat");
 * chat.use((socket, next) => {
 *   if (socket.handshake.auth.token === "secret") return next();
 *   next(Object.assign(new Error("Who are you?"), { data: { retry: true } }));
 * });
 * chat.on("connection", (socket) => chat.emit("joined", socket.id));
 * // In memory there is no other server to answer: the console says so.
 * deepEqual(await chat.serverSideEmitWithAck("how many?"), []);
 *
 * const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
 * const client = connect(`http://127.0.0.1:${port}/chat`, { auth: { token: "guess" } });
 * const refusal = await new Promise<Error>((resolve) => client.on("connect_error", resolve));
 * equal(refusal.message, "Who are you?");
 * client.auth = { token: "secret" };
 * client.connect();
 * equal(await new Promise((resolve) => client.on("joined", resolve)), client.id);
 * equal(chat.sockets.size, 1);
 * client.disconnect();
 * await io.close();
 * ```
 */
export class Namespace<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> extends Broadcaster<
  ServerSideEvents,
  EmitEvents,
  NamespaceReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  SocketData
> implements AdapterScope, SocketHost {
  /** The name, such as `/` or `/chat`. */
  readonly name: string;
  /** The sockets of this server, by id. */
  readonly sockets: Map<
    SocketId,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  > = new Map();
  /** Who knows the rooms, and reaches their members. */
  adapter: Adapter;
  /** Part of {@linkcode AdapterScope}. */
  readonly recovery: AdapterScope["recovery"];
  readonly #context: NamespaceContext;
  // Replaced, not changed: a client on its way in keeps to those that were there when it came.
  #middlewares: readonly Hook<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>[] =
    [];
  #ackIds = 0;
  readonly #door: Door;

  /** For the {@linkcode Directory}, which makes each namespace once. */
  constructor(context: NamespaceContext, name: string) {
    super();
    this.name = name;
    this.#context = context;
    this.recovery = context.recovery;
    this.adapter = context.createAdapter(this);
    this.#door = new Door(this.#house(), context);
  }

  /** The server. Namespaces know of none, so its type has to be said: `namespace.server as Server`. */
  get server(): unknown {
    return this.#context.server;
  }

  /**
   * Adds a middleware, called for each client that wants to join; `next()` lets it pass. An async
   * function of one parameter, `async (socket) => …`, does so when its promise is fulfilled.
   * `next(error)`, a throw or a rejected promise refuses the client: it hears `connect_error` with
   * the message and the `data` of the error. They run in the order in which they were added, ahead
   * of `connection`.
   */
  use(
    middleware: (
      socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      next: Next,
    ) => unknown,
  ): this {
    this.#middlewares = withHook(this.#middlewares, middleware);
    return this;
  }

  /** Whether nobody is in it, nor on the way in, nor awaited back. */
  get isEmpty(): boolean {
    return this.sockets.size === 0 && this.#door.waiting === 0 &&
      this.adapter.keepsSessions !== true;
  }

  /**
   * Sends an event to the same namespace on the other servers of the cluster. A function as last
   * argument takes `(error, answers)`, one answer from each server. Always `true`.
   *
   * @throws {Error} if the name is reserved: `connect`, `connection`, `new_namespace` or
   * `session_expired`.
   */
  serverSideEmit<Event extends EventNames<ServerSideEvents>>(
    event: Event,
    ...args: ServerSideParams<ServerSideEvents, Event>
  ): boolean {
    checkServerSideName(event);
    this.adapter.serverSideEmit([event, ...args]);
    return true;
  }

  /**
   * Like {@linkcode Namespace.serverSideEmit}; resolves to the answers, one of each other server. In
   * memory there are none.
   *
   * @throws {Error} (rejects) if the name is reserved, or not all have answered in the time that the
   * adapter gives them; then `error.responses` holds those that came.
   */
  serverSideEmitWithAck<Event extends EventNamesWithAck<ServerSideEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<ServerSideEvents, Event>>
  ): Promise<AckResult<ServerSideEvents, Event>[]> {
    return new Promise((resolve, reject) => {
      const ack = (error: Error | null, responses: AckResult<ServerSideEvents, Event>[]) =>
        error ? reject(Object.assign(error, { responses })) : resolve(responses);
      this.serverSideEmit(
        event,
        ...[...args, ack] as unknown as ServerSideParams<ServerSideEvents, Event>,
      );
    });
  }

  /** Makes its adapter anew; for a server whose adapter is set before clients come. */
  renewAdapter(): void {
    this.adapter = this.#context.createAdapter(this);
  }

  /** Part of {@linkcode SocketHost}. */
  announce(socket: Recipient): void {
    this.dispatch("connect", [socket]);
    this.dispatch("connection", [socket]);
  }

  /** Part of {@linkcode SocketHost}. */
  nextAckId(): number {
    return this.#ackIds++;
  }

  /** Part of {@linkcode AdapterScope}. */
  get publish(): AdapterScope["publish"] {
    return this.#context.publish;
  }

  /** Part of {@linkcode AdapterScope}: an event of another server. */
  serverSideEvent(args: readonly unknown[]): void {
    checkServerSideName(args[0]);
    this.dispatch(String(args[0]), args.slice(1));
  }

  /** Part of {@linkcode AdapterScope}. */
  sessionExpired(session: Session): void {
    this.dispatch("session_expired", [session]);
    this.emptied();
  }

  /** Part of {@linkcode SocketHost}: a socket has left. */
  release(id: SocketId, pid: string | undefined): void {
    if (debug.enabled) debug.log(`${this.name}: ${id} left`);
    const left = this.adapter.delAll(id);
    if (left instanceof Promise) left.catch((error) => this.listenerFailed(error, "adapter"));
    this.sockets.delete(id);
    if (pid !== undefined) this.#door.forget(pid);
    this.emptied();
  }

  /** Part of {@linkcode SocketHost}. */
  reportError(error: unknown, event: string, id: SocketId): void {
    this.#context.reportError(error, { event, namespace: this.name, socket: id });
  }

  /** Calls the acknowledgement of a broadcast; what it throws, or rejects with, is reported. */
  acknowledge(ack: AnyListener, args: readonly unknown[], event: string | symbol): void {
    this.invoke(ack, args, event);
  }

  /** Reports what a listener of the namespace threw. */
  override listenerFailed(error: unknown, event: string | symbol): void {
    this.#context.reportError(error, { event: String(event), namespace: this.name });
  }

  /** Lets a client in, or tells it why not. */
  admit(admission: Admission<Socket>, auth: unknown): void {
    this.#door.admit(admission, auth);
  }

  /** Gives a namespace the middlewares and the connection listeners of this one. */
  protected handDown(
    child: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): void {
    child.#middlewares = this.#middlewares;
    for (const event of ["connect", "connection"] as const) {
      for (const listener of this.listeners(event)) child.on(event, listener);
    }
  }

  /** Called when the namespace may have become empty. */
  protected emptied(): void {}

  /** Makes an operator for everyone. */
  protected override everyone(): BroadcastOperator<EmitEvents, SocketData> {
    return new BroadcastOperator<EmitEvents, SocketData>(this);
  }

  /** This namespace as its door uses it, where sockets have no types. */
  #house(): House {
    const namespace = this as unknown as Namespace;
    return {
      host: this,
      sockets: namespace.sockets,
      get middlewares() {
        return namespace.#middlewares;
      },
      listenerFailed: (error, event) => this.listenerFailed(error, event),
      left: () => this.emptied(),
    };
  }
}

function checkServerSideName(name: unknown): void {
  if (!RESERVED_SERVER_SIDE.has(name as string)) return;
  throw new Error(`"${String(name)}" is a reserved event name`);
}

showNamespace(Namespace);
