/**
 * Socket.IO for Deno and Bun: the server.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 *
 * const io = new Server();
 * io.on("connection", (socket) => {
 *   socket.on("chat", (text: string, done: (answer: string) => void) => {
 *     socket.broadcast.emit("chat", text);
 *     done("ok");
 *   });
 * });
 * await io.listen({ port: 0, hostname: "127.0.0.1" });
 * await io.close();
 * ```
 *
 * @module
 */
import type { DefaultEventsMap, DefaultSocketData, EventsMap } from "./events/mod.ts";
import { bunHost } from "./server/bun.ts";
import { denoHost } from "./server/deno.ts";
import type { ServerOptions } from "./server/options.ts";
import { BaseServer } from "./server/server.ts";

export { BaseServer };

export type {
  AckResult,
  DefaultEventsMap,
  DefaultSocketData,
  ErrorReporter,
  EventsMap,
  ListenerContext,
} from "./events/mod.ts";
export type { CloseDetails, CloseReason } from "./parser/engine/mod.ts";
export type { CustomParser, Parser } from "./parser/mod.ts";
export type {
  Adapter,
  AdapterClass,
  AdapterFactory,
  AdapterScope,
  Room,
  Session,
  SocketId,
  Target,
} from "./server/adapter/mod.ts";
export type {
  ConnectionError,
  CookieOptions,
  CorsDelegate,
  CorsOptions,
  Engine,
  EngineEvents,
  EngineOptions,
  Handler,
  HandlerOptions,
  Listening,
  ListenOptions,
  Middleware,
  SocketHandlers,
} from "./server/engine/mod.ts";
export {
  BroadcastOperator,
  BroadcastTimeoutError,
  Namespace,
  RemoteSocket,
  Socket,
  SocketOperator,
} from "./server/namespace/mod.ts";
export type {
  Client,
  DisconnectReason,
  Handshake,
  NamespaceMatcher,
  NamespaceReservedEvents,
  Next,
  RequestSnapshot,
  SocketEvent,
  SocketReservedEvents,
} from "./server/namespace/mod.ts";
export { MainNamespace, type ServerReservedEvents } from "./server/main_namespace.ts";
export type { RecoveryOptions, ServerOptions } from "./server/options.ts";

/**
 * A Socket.IO server, for `Deno.serve` and `Bun.serve`.
 *
 * The type parameters are the events that clients send, those that the server sends, those that
 * servers send to one another, and what the program keeps with each socket.
 */
export class Server<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> extends BaseServer<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
  /**
   * Listens at once.
   *
   * @param port the port; 0 lets the system choose.
   * @throws {TypeError | RangeError} if an option is wrong; the message names it.
   */
  constructor(port: number, options?: ServerOptions);
  /** Starts nothing: call `listen`, or give `handler()` to the runtime's own server. */
  constructor(options?: ServerOptions);
  constructor(first: number | ServerOptions = {}, options: ServerOptions = {}) {
    super(typeof first === "number" ? options : first, bunHost() ?? denoHost());
    if (typeof first !== "number") return;
    this.listen(first).catch((error) => this.listenerFailed(error, "listen"));
  }
}
