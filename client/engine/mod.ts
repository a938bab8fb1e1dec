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
export { type BinaryData, type Outgoing, toMessage } from "./data.ts";
export { Emitter } from "./emitter.ts";
export { Engine } from "./engine.ts";
export type { EngineEvents, EnginePacket, EngineState } from "./events.ts";
export type { BinaryType, EngineOptions } from "./options.ts";
export { PollingTransport } from "./polling.ts";
export { Socket } from "./socket.ts";
export { nativeTimers, type Timers } from "./timers.ts";
export {
  type Transport,
  type TransportClass,
  TransportError,
  type TransportHandler,
  type TransportOptions,
  type TransportSettings,
  type UpgradeHost,
} from "./transport.ts";
export { allTransports, type Named, namedTransports } from "./transports.ts";
export { type Address, type BaseLocation, parseAddress } from "./url.ts";
export { WebSocketTransport } from "./websocket.ts";
export { WebTransportTransport } from "./webtransport.ts";
export type {
  CloseDetails,
  CloseReason,
  Frame,
  Open,
  SendOptions,
} from "../../parser/engine/mod.ts";
export type {
  AnyListener,
  EventName,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "../../events/mod.ts";
