import {
  type DefaultEventsMap,
  type DefaultSocketData,
  type EventsMap,
  inspectable,
} from "../../events/mod.ts";
import type { EventPacket } from "../../parser/mod.ts";
import { type AdapterScope, LocalAdapter, type Target } from "../adapter/mod.ts";
import { Namespace, type NamespaceContext } from "./namespace.ts";
import type { RemoteSocket } from "./remote_socket.ts";

/** A namespace made for a client that asked for it. */
class ChildNamespace<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  ServerSideEvents extends EventsMap,
  SocketData,
> extends Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
  readonly #onEmpty: () => void;

  constructor(context: NamespaceContext, name: string, onEmpty: () => void) {
    super(context, name);
    this.#onEmpty = onEmpty;
  }

  protected override emptied(): void {
    if (this.isEmpty) this.#onEmpty();
  }
}

/** Passes broadcasts on to the namespaces that came of a parent. */
class ParentAdapter extends LocalAdapter {
  readonly #children: ReadonlySet<Namespace>;

  constructor(scope: AdapterScope, children: ReadonlySet<Namespace>) {
    super(scope);
    this.#children = children;
  }

  override broadcast(packet: EventPacket, target: Target): void {
    for (const { adapter, name } of this.#children) {
      adapter.broadcast({ ...packet, nsp: name }, target);
    }
  }

  override broadcastWithAck(): () => void {
    throw new Error("A broadcast on a parent namespace cannot ask for acknowledgements");
  }
}

/**
 * Stands for all namespaces that a RegExp or a function lets clients ask for. Each is made when the
 * first client asks; it takes over the middlewares and connection listeners that the parent has by
 * then. What is sent to the parent goes to all of them.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { io as connect } from "@sockeye/io/client";
 * import { equal, throws } from "node:assert/strict";
 *
 * const io = new Server();
 * const rooms = io.of(/^\/room-\d+$/);
 * rooms.on("connection", (socket) => rooms.emit("joined", socket.nsp.name));
 * throws(() => rooms.fetchSockets(), Error);
 *
 * const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
 * const client = connect(`http://127.0.0.1:${port}/room-7`);
 * equal(await new Promise((resolve) => client.on("joined", resolve)), "/room-7");
 * client.disconnect();
 * await io.close();
 * ```
 */
export class ParentNamespace<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> extends Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
  readonly #context: NamespaceContext;
  readonly #children: Set<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>;
  readonly #emptied: (name: string) => void;

  static {
    inspectable(this, (parent: ParentNamespace) => {
      return { name: parent.name, namespaces: [...parent.#children].map(({ name }) => name) };
    });
  }

  /** For the {@linkcode Directory}; `emptied` is told of each child that nobody is in any more. */
  constructor(context: NamespaceContext, name: string, emptied: (name: string) => void) {
    const children = new Set<
      Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
    >();
    super({
      ...context,
      createAdapter: (scope) => new ParentAdapter(scope, children as unknown as Set<Namespace>),
    }, name);
    this.#context = context;
    this.#children = children;
    this.#emptied = emptied;
  }

  /** Makes the namespace of this name. */
  createChild(
    name: string,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const child = new ChildNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>(
      this.#context,
      name,
      () => this.#emptied(name),
    );
    this.handDown(child);
    this.#children.add(child);
    return child;
  }

  /** Sends to a child no longer. */
  dismiss(child: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): void {
    this.#children.delete(child);
  }

  /**
   * Not supported: ask the namespaces themselves.
   *
   * @throws {Error} always.
   */
  override fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    throw new Error("fetchSockets() is not supported on parent namespaces");
  }
}
