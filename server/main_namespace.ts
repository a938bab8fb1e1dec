import type {
  EventNames,
  EventParams,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "../events/mod.ts";
import {
  Broadcaster,
  BroadcastOperator,
  type Namespace,
  type NamespaceReservedEvents,
  type Next,
  type Socket,
} from "./namespace/mod.ts";

/** The events of a {@linkcode Server} besides those that other servers send. */
export type ServerReservedEvents<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  ServerSideEvents extends EventsMap,
  SocketData,
> = NamespaceReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData> & {
  /** A namespace was made. */
  new_namespace: (
    namespace: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ) => void;
};

/** What a server does in the name of its main namespace: its listeners and middlewares are those. */
export abstract class MainNamespace<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  ServerSideEvents extends EventsMap,
  SocketData,
> extends Broadcaster<
  ServerSideEvents,
  EmitEvents,
  ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  SocketData
> {
  /** The main namespace, `/`. */
  abstract readonly sockets: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;

  /** See {@linkcode Namespace.use}. */
  use(
    middleware: (
      socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      next: Next,
    ) => unknown,
  ): this {
    this.sockets.use(middleware);
    return this;
  }

  /** See {@linkcode Namespace.serverSideEmit}. */
  serverSideEmit<Event extends EventNames<ServerSideEvents>>(
    event: Event,
    ...args: EventParams<ServerSideEvents, Event>
  ): boolean {
    return this.sockets.serverSideEmit(event, ...args);
  }

  /** See {@linkcode Namespace.serverSideEmitWithAck}. */
  serverSideEmitWithAck<Event extends EventNames<ServerSideEvents>>(
    event: Event,
    ...args: unknown[]
  ): Promise<unknown[]> {
    return this.sockets.serverSideEmitWithAck(event, ...args);
  }

  /** Calls the listener at each event of this name. */
  override on<
    Event extends ReservedOrUserEventNames<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents
    >,
  >(
    event: Event,
    listener: ReservedOrUserListener<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents,
      Event
    >,
  ): this {
    this.sockets.on(event as never, listener as never);
    return this;
  }

  /** Calls the listener at the next event of this name only. */
  override once<
    Event extends ReservedOrUserEventNames<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents
    >,
  >(
    event: Event,
    listener: ReservedOrUserListener<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents,
      Event
    >,
  ): this {
    this.sockets.once(event as never, listener as never);
    return this;
  }

  /** Like {@linkcode MainNamespace.on}, ahead of the listeners that are there. */
  override prependListener<
    Event extends ReservedOrUserEventNames<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents
    >,
  >(
    event: Event,
    listener: ReservedOrUserListener<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents,
      Event
    >,
  ): this {
    this.sockets.prependListener(event as never, listener as never);
    return this;
  }

  /** Like {@linkcode MainNamespace.once}, ahead of the listeners that are there. */
  override prependOnceListener<
    Event extends ReservedOrUserEventNames<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents
    >,
  >(
    event: Event,
    listener: ReservedOrUserListener<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents,
      Event
    >,
  ): this {
    this.sockets.prependOnceListener(event as never, listener as never);
    return this;
  }

  /** Removes a listener, all listeners of an event, or, without arguments, all listeners. */
  override off<
    Event extends ReservedOrUserEventNames<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents
    >,
  >(
    event?: Event,
    listener?: ReservedOrUserListener<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents,
      Event
    >,
  ): this {
    this.sockets.off(event as never, listener as never);
    return this;
  }

  /** The listeners of an event, in the order in which they are called. */
  override listeners<
    Event extends ReservedOrUserEventNames<
      ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents
    >,
  >(
    event: Event,
  ): ReservedOrUserListener<
    ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    ServerSideEvents,
    Event
  >[] {
    return this.sockets.listeners(event as never) as never;
  }

  /** How many listeners an event has. */
  override listenerCount(event: string | symbol): number {
    return this.sockets.listenerCount(event as never);
  }

  /** Whether an event has a listener. */
  override hasListeners(event: string | symbol): boolean {
    return this.sockets.hasListeners(event as never);
  }

  /** The events that have a listener. */
  override eventNames(): (
    | EventNames<ServerSideEvents>
    | EventNames<ServerReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>
  )[] {
    return this.sockets.eventNames() as never;
  }

  /** Calls the listeners of an event of the main namespace. */
  override dispatch(event: string | symbol, args: readonly unknown[]): boolean {
    return this.sockets.dispatch(event, args);
  }

  /** Makes an operator for everyone in the main namespace. */
  protected override everyone(): BroadcastOperator<EmitEvents, SocketData> {
    return new BroadcastOperator<EmitEvents, SocketData>(this.sockets);
  }
}
