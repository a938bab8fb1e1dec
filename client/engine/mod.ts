/**
 * The Engine.IO client: one connection over long polling, WebSocket or WebTransport.
 *
 * @example
 * ```ts no-eval
 * import { Socket } from "@sockeye/io/engine/client";
 *
 * const socket = new Socket("http://localhost:3000");
 * socket.on("open", () => socket.send("hello"));
 * socket.on("message", (data) => console.log(data));
 * ```
 *
 * @module
 */
export { addressOf, type EngineAddress } from "./address.ts";
export type { Cookies } from "./cookies.ts";
export { type BinaryData, type Outgoing, toMessage } from "./data.ts";
export { Emitter } from "./emitter.ts";
export { Engine } from "./engine.ts";
export type {
  EngineEvents,
  EngineEvents as SocketReservedEvents,
  EnginePacket,
  EngineState,
} from "./events.ts";
export {
  type BinaryType,
  type EngineOptions,
  type EngineOptions as SocketOptions,
  type LeanEngineOptions,
  refuseUnsupported,
} from "./options.ts";
export { PollingTransport } from "./polling.ts";
export { protocol, Socket } from "./socket.ts";
export { type Timers, timersOf } from "./timers.ts";
export {
  type Transport,
  type TransportClass,
  type TransportClass as TransportCtor,
  TransportError,
  type TransportHandler,
  type TransportOptions,
  type TransportSettings,
  type UpgradeEvent,
} from "./transport.ts";
export { allTransports, leanOptions } from "./transports.ts";
export { type Address, type BaseLocation, parseAddress } from "./url.ts";
export { WebSocketTransport } from "./websocket.ts";
export { WebTransportTransport } from "./webtransport.ts";
export type {
  CloseDetails,
  CloseReason,
  Frame,
  Open,
  Open as HandshakeData,
  SendOptions,
  SendOptions as WriteOptions,
} from "../../parser/engine/mod.ts";
export type {
  AnyListener,
  Credentials,
  EventName,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "../../events/mod.ts";
