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
import { portFrom } from "./server/engine/listen_options.ts";
import type { ServerOptions } from "./server/options.ts";
import { BaseServer } from "./server/server.ts";

export { BaseServer };

export type {
  AckResult,
  Credentials,
  DefaultEventsMap,
  DefaultSocketData,
  ErrorReporter,
  EventsMap,
  ExtendedError,
  ListenerContext,
  SocketEvent,
  SocketEvent as Event,
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
  RelayBus,
  RelayReceiver,
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
  Link,
  LinkListening,
  NamespaceMatcher,
  NamespaceReservedEvents,
  Next,
  RequestSnapshot,
  SocketNamespace,
  SocketReservedEvents,
} from "./server/namespace/mod.ts";
export { MainNamespace, type ServerReservedEvents } from "./server/main_namespace.ts";
export type { RecoveryOptions, ServerOptions } from "./server/options.ts";

/**
 * A Socket.IO server, for `Deno.serve` and `Bun.serve`.
 *
 * The type parameters are the events that clients send, those that the server sends, those that
 * servers send to one another, and what the program keeps with each socket. Without them every event
 * with any arguments goes.
 *
 * @example On a server of your own
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { equal } from "node:assert/strict";
 *
 * interface ClientEvents {
 *   add(a: number, b: number, done: (sum: number) => void): void;
 * }
 * interface ServerEvents {
 *   added(sum: number): void;
 * }
 *
 * const io = new Server<ClientEvents, ServerEvents>({ path: "/live", pingInterval: 10_000 });
 * io.on("connection", (socket) => {
 *   socket.on("add", (a, b, done) => {
 *     io.emit("added", a + b);
 *     done(a + b);
 *   });
 * });
 *
 * const handler = io.handler(() => new Response("a page"));
 * // Deno.serve({ port: 3000 }, handler);
 * // Bun.serve({ port: 3000, ...handler });
 * const response = await handler(new Request("http://localhost/"));
 * equal(await response.text(), "a page");
 * await io.close();
 * ```
 *
 * @example On a server that it starts
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { io as connect } from "@sockeye/io/client";
 * import { equal } from "node:assert/strict";
 *
 * const io = new Server();
 * io.use((socket, next) => {
 *   next(socket.handshake.auth.token === "secret" ? undefined : new Error("Who are you?"));
 * });
 * io.on("connection", (socket) => socket.emit("hello", "from the main namespace"));
 * io.of("/chat", (socket) => socket.emit("hello", `from ${socket.nsp.name}`));
 *
 * const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
 * const client = connect(`http://127.0.0.1:${port}/chat`);
 * equal(await new Promise((resolve) => client.on("hello", resolve)), "from /chat");
 * client.disconnect();
 * await io.close();
 * ```
 *
 * @example With an adapter, and an engine, of one's own
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { LocalAdapter } from "@sockeye/io/adapter";
 * import { Engine } from "@sockeye/io/engine";
 * import { ok } from "node:assert/strict";
 *
 * class MyAdapter extends LocalAdapter {}
 * const engine = new Engine({ path: "/live" });
 * const io = new Server().adapter(MyAdapter).bind(engine);
 * // The same by hand: engine.on("connection", (link) => io.onconnection(link));
 * ok(io.of("/chat").adapter instanceof MyAdapter);
 * await engine.close();
 * await io.close();
 * ```
 */
export class Server<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> extends BaseServer<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
  /**
   * Listens at once, on all addresses. A port that cannot be bound to is told to `reportError`;
   * without that option it is a promise rejected, which ends the process with an error.
   *
   * @param port the port; 0 lets the system choose.
   * @param options none by default; see {@linkcode ServerOptions} for the defaults of each.
   * @throws {TypeError | RangeError} if an option is wrong; the message names it.
   */
  constructor(port: number, options?: ServerOptions);
  /**
   * Starts nothing: call `listen`, or give `handler()` to the runtime's own server.
   *
   * @param options none by default; see {@linkcode ServerOptions} for the defaults of each.
   * @throws {TypeError | RangeError} if an option is wrong; the message names it.
   */
  constructor(options?: ServerOptions);
  constructor(first?: number | ServerOptions, options: ServerOptions = {}) {
    const port = portFrom(first);
    super(typeof port === "number" ? options : optionsOf(port ?? options), bunHost() ?? denoHost());
    if (typeof port !== "number") return;
    const { reportError } = options;
    this.listen(port).catch((cause) => {
      const error = new Error(`Cannot listen on port ${port}: ${cause?.message}`, { cause });
      if (reportError === undefined) throw error;
      reportError(error, { event: "listen" });
    });
  }
}

/** Programs in plain JavaScript may still give the HTTP server that npm socket.io takes. */
function optionsOf(first: ServerOptions): ServerOptions {
  const { listen } = first as { listen?: unknown };
  if (typeof first !== "function" && typeof listen !== "function") return first;
  throw new TypeError(
    "Server takes no HTTP server: give io.handler(next) to Deno.serve or Bun.serve, or call io.listen(port)",
  );
}
