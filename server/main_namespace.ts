import {
  type AckResult,
  type EventNames,
  type EventNamesWithAck,
  type EventParams,
  type EventsMap,
  inspectable,
  type ServerSideParams,
} from "../events/mod.ts";
import {
  Broadcaster,
  BroadcastOperator,
  type Namespace,
  type NamespaceReservedEvents,
  type Next,
  type RemoveLast,
  type Socket,
} from "./namespace/mod.ts";

/** The events of a {@linkcode Server} besides those that other servers send. */
export type ServerReservedEvents<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  ServerSideEvents extends EventsMap,
  SocketData,
> = NamespaceReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData> & {
  /** A namespace was made, by `of()` or for the first client that asked for it. */
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
    ...args: ServerSideParams<ServerSideEvents, Event>
  ): boolean {
    return this.sockets.serverSideEmit(event, ...args);
  }

  /** See {@linkcode Namespace.serverSideEmitWithAck}. */
  serverSideEmitWithAck<Event extends EventNamesWithAck<ServerSideEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<ServerSideEvents, Event>>
  ): Promise<AckResult<ServerSideEvents, Event>[]> {
    const { sockets } = this;
    const emitWithAck = sockets.serverSideEmitWithAck as (
      event: unknown,
      ...args: unknown[]
    ) => Promise<AckResult<ServerSideEvents, Event>[]>;
    return emitWithAck.call(sockets, event, ...args as unknown[]);
  }

  /** Makes an operator for everyone in the main namespace. */
  protected override everyone(): BroadcastOperator<EmitEvents, SocketData> {
    return new BroadcastOperator<EmitEvents, SocketData>(this.sockets);
  }
}

interface ShownServer {
  readonly engine: { readonly path: string; readonly clientsCount: number };
  readonly _nsps: ReadonlyMap<string, unknown>;
}

inspectable(MainNamespace, ({ engine: { path, clientsCount }, _nsps }: ShownServer) => {
  return { path, namespaces: [..._nsps.keys()], clientsCount };
});
