/**
 * The Socket.IO client, for browsers, workers, Deno, Bun and React Native.
 *
 * @example
 * ```ts no-eval
 * import { io } from "@sockeye/io/client";
 *
 * const socket = io("http://localhost:3000");
 * socket.on("connect", () => socket.emit("hello", "world"));
 * ```
 *
 * @module
 */
import {
  type EngineOptions,
  PollingTransport,
  refuseUnsupported,
  Socket as EngineSocket,
  timersOf,
  WebSocketTransport,
  WebTransportTransport,
} from "./engine/mod.ts";
import { createLookup, type Lookup } from "./lookup.ts";
import { LeanManager } from "./manager.ts";
import type { LeanManagerOptions, ManagerOptions } from "./options.ts";
import { parserOf } from "./parser_option.ts";

/** A {@linkcode LeanManager} that knows all transports, so that options may name them. */
export class Manager extends LeanManager {
  /** Connects to the address, or to what the options say where there is none. */
  constructor(uri?: string | ManagerOptions, options?: ManagerOptions) {
    const given = (uri && typeof uri === "object" ? uri : options) ?? {};
    const { parser } = given;
    refuseUnsupported(given);
    super(typeof uri === "string" ? uri : undefined, {
      ...given,
      ...timersOf(given),
      ...parser && { parser: parserOf(parser) },
    } as LeanManagerOptions);
  }

  /** Makes a connection that knows all transports. */
  protected override createEngine(uri: string | undefined, options: ManagerOptions): EngineSocket {
    return new EngineSocket(uri, options);
  }
}

/**
 * Connects to a server, and to a namespace there. Sockets of one server share a connection, unless
 * `forceNew` is given, `multiplex` is off, or the namespace is in use.
 */
export const io: Lookup<ManagerOptions, Manager> = /* @__PURE__ */ createLookup<
  ManagerOptions,
  Manager
>(Manager);

export { createLookup, type Lookup, type ManagerClass, protocol } from "./lookup.ts";
export { CatchAllEmitter } from "./catch_all.ts";
export { Connector, type Opened } from "./connector.ts";
export { Reconnection } from "./reconnection.ts";
export type {
  ManagerEvents,
  ManagerEvents as ManagerReservedEvents,
  NamespaceHandler,
} from "./manager_events.ts";
export { LeanManager, type ManagedSocket } from "./manager.ts";
export type {
  AnyEvents,
  Auth,
  ConnectorOptions,
  LeanManagerOptions,
  LookupOptions,
  ManagerOptions,
  PacketFormat,
  SharingOptions,
  SocketOptions,
} from "./options.ts";
export { Socket } from "./socket.ts";
export type {
  ConnectError,
  ConnectError as ExtendedError,
  DisconnectDescription,
  DisconnectReason,
  SocketReservedEvents,
} from "./socket_events.ts";
export type { ArgsWithSignal, EventSender, Sender, SendFlags } from "./sender.ts";
export type { BufferedEvent } from "./outbox.ts";
export { io as connect, io as default };
export {
  PollingTransport,
  PollingTransport as Fetch,
  PollingTransport as NodeXHR,
  PollingTransport as XHR,
  WebSocketTransport,
  WebSocketTransport as NodeWebSocket,
  WebSocketTransport as WebSocket,
  WebTransportTransport,
  WebTransportTransport as WebTransport,
};
export type { EngineOptions };
export type { Outgoing } from "./engine/mod.ts";
export type {
  AckCallback,
  AckResult,
  AllButLast,
  AnyListener,
  Credentials,
  DecorateAcknowledgements,
  DefaultEventsMap,
  EventName,
  EventNames,
  EventNamesWithAck,
  EventParams,
  EventsMap,
  FirstAnswer,
  IsAny,
  Last,
  LastIsFunction,
  OrUntyped,
  PrependError,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
  TakesAnswer,
  WithParams,
} from "../events/mod.ts";
export type {
  AckPacket,
  ConnectErrorPacket,
  ConnectPacket,
  CustomDecoder,
  CustomEncoder,
  CustomParser,
  Decoder,
  DisconnectPacket,
  EventData,
  EventPacket,
  Message,
  Packet,
  PacketType,
  Parser,
} from "../parser/mod.ts";
