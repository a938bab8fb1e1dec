/**
 * Engine.IO for Deno and Bun: a bidirectional connection to a client, by HTTP long polling first and
 * by WebSocket where there is one.
 *
 * @example
 * ```ts
 * import { Engine } from "@sockeye/io/engine";
 *
 * const engine = new Engine();
 * engine.on("connection", (session) => session.on("message", (data) => session.send(data)));
 * const listening = await engine.listen({ port: 0 });
 * await engine.close();
 * ```
 *
 * @module
 */
import { bunHost } from "../bun.ts";
import { denoHost } from "../deno.ts";
import { Engine as HostedEngine } from "./engine.ts";
import type { EngineOptions } from "./options.ts";

export {
  type AnyListener,
  Emitter,
  type EventNames,
  type EventsMap,
  type ReservedOrUserEventNames,
  type ReservedOrUserListener,
} from "../../events/mod.ts";
export {
  type CloseDetails,
  type CloseReason,
  type Frame,
  Message,
  type PacketType,
  type SendOptions,
} from "../../parser/engine/mod.ts";
export type { CookieOptions } from "./cookie.ts";
export type { CorsDelegate, CorsOptions, OriginFunction, StaticOrigin } from "./cors.ts";
export type { Engine as HostedEngine } from "./engine.ts";
export type { HandlerOptions } from "./handler.ts";
export { EngineEmitter } from "./engine_emitter.ts";
export type { ConnectionError, EngineEvents } from "./engine_events.ts";
export type { MessageData } from "./message_data.ts";
export type { AllowCallback, DefaultedOption, EngineOptions, ResolvedOptions } from "./options.ts";
export type { Middleware } from "./middlewares.ts";
export type { Next } from "./next.ts";
export type { RelayBus, RelayReceiver } from "./relay/bus.ts";
export type { FileServer } from "./reception_host.ts";
export type {
  Handler,
  Host,
  Listening,
  ListenOptions,
  RawSocket,
  RawSocketHandler,
  Runtime,
  SendResult,
  SocketHandlers,
  SocketSettings,
} from "./runtime.ts";
export type { Session } from "./session.ts";
export { SessionEmitter, type SessionEvents, type SessionPacket } from "./session_events.ts";
export type { ReadyState, Sent, SessionHandler } from "./session_services.ts";
export type { RequestSnapshot } from "./snapshot.ts";
export type {
  PendingUpgrade,
  Queued,
  Transport,
  TransportHandler,
  TransportName,
} from "./transport.ts";
export type { WebTransportSessionLike, WebTransportStream } from "./webtransport.ts";
export type { WebTransportDetails } from "./webtransport_reception.ts";

/**
 * Serves Engine.IO on the runtime that runs the program.
 *
 * @example
 * ```ts
 * import { Engine } from "@sockeye/io/engine";
 * import { equal } from "node:assert/strict";
 *
 * const engine = new Engine({ path: "/live" });
 * const handler = engine.handler(() => new Response("a page"));
 * // Deno.serve(handler) on Deno, Bun.serve(handler) on Bun
 * const response = await handler(new Request("http://localhost/"));
 * equal(await response.text(), "a page");
 * ```
 *
 * @example Middlewares and events
 * ```ts
 * import { Engine } from "@sockeye/io/engine";
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const engine = new Engine();
 * engine.use(async (_request, next) => {
 *   const response = await next();
 *   response.headers.set("x-served-by", "sockeye");
 *   return response;
 * });
 * const log: unknown[] = [];
 * engine.on("initial_headers", (headers, request) => log.push(["opens", request.method]));
 * engine.on("headers", (headers) => headers.set("x-hello", "world"));
 * engine.on("connection", (session) => log.push(["connection", session.transport.name]));
 * engine.on("connection_error", ({ code, message }) => log.push([code, message]));
 *
 * const url = "http://localhost/engine.io/?EIO=4&transport=";
 * const { headers } = await engine.fetch(new Request(url + "polling"));
 * deepEqual([headers.get("x-hello"), headers.get("x-served-by")], ["world", "sockeye"]);
 * equal((await engine.fetch(new Request(url + "pigeon"))).status, 400);
 * deepEqual(log, [["opens", "GET"], ["connection", "polling"], [0, "Transport unknown"]]);
 * equal(engine.clientsCount, 1);
 * await engine.close();
 * ```
 */
export class Engine extends HostedEngine {
  /**
   * Takes the options.
   *
   * @throws {TypeError | RangeError} if an option is wrong.
   */
  constructor(options?: EngineOptions) {
    super(options, denoHost() ?? bunHost());
  }
}
