import type { Credentials, DefaultEventsMap } from "../events/mod.ts";
import type { CustomParser, Decoder, Packet } from "../parser/mod.ts";
import type { EngineOptions, LeanEngineOptions, Outgoing } from "./engine/mod.ts";

/** Where a server is found that says nothing else. */
export const DEFAULT_PATH = "/socket.io";

/** The format of packets. Every parser that a server takes is one. */
export interface PacketFormat {
  /** Makes the frames of a packet, text ones with their Engine.IO prefix. */
  encode(packet: Packet): Outgoing;
  /** Makes the decoder of one connection. */
  decoder(): Decoder;
}

/**
 * Credentials, or a function that gives them anew at each connection: one with a parameter calls it
 * with them, sooner or later, and one without returns them, or a promise of them.
 */
export type Auth = Credentials | ((callback: (credentials: Credentials) => void) => unknown);

/** The options of a socket. */
export interface SocketOptions {
  /** What is sent to the server to join the namespace. */
  auth?: Auth;
  /**
   * How often an event is sent again that the server does not acknowledge. Events then go one at a
   * time. Default: events are not sent again.
   */
  retries?: number;
  /** Milliseconds that an acknowledgement may take. Default: no limit. */
  ackTimeout?: number;
  /**
   * How often the socket tries by itself again when the server refuses it, asking `auth` for
   * credentials each time. Default: 0, the program calls `connect()`.
   */
  refusalRetries?: number;
}

/** When a manager connects. */
export interface ConnectorOptions {
  /** Whether to connect again after the connection was lost. Default: `true`. */
  reconnection?: boolean;
  /** How often to try that. Default, and if it is 0: without end. */
  reconnectionAttempts?: number;
  /** Milliseconds before the first attempt. Default, and if it is 0: 1,000. */
  reconnectionDelay?: number;
  /** The most milliseconds between two attempts. Default, and if it is 0: 5,000. */
  reconnectionDelayMax?: number;
  /** By which part the delay is varied at random. Default: 0.5. */
  randomizationFactor?: number;
  /** Milliseconds that opening a connection may take; `false` for no limit. Default: 20,000. */
  timeout?: number | false;
  /** Whether to connect at once. Default: `true`. */
  autoConnect?: boolean;
}

/** Which connection {@linkcode Lookup} takes. */
export interface SharingOptions {
  /** Whether to make a connection of its own. Default: `false`. */
  forceNew?: boolean;
  /** Whether to share a connection with the other namespaces of the host. Default: `true`. */
  multiplex?: boolean;
}

/** The options of a manager; those about sharing are for {@linkcode Lookup}. */
export interface ManagerOptions
  extends EngineOptions, SocketOptions, ConnectorOptions, SharingOptions {
  /** The format of packets; the server must know it. Default: the text format. */
  parser?: PacketFormat | CustomParser;
}

/**
 * The options of a manager with one transport: no names of transports, nothing about an upgrade, no
 * binary data as text, no parsers in the form of published modules.
 */
export interface LeanManagerOptions extends LeanEngineOptions, SocketOptions, ConnectorOptions {
  /** The format of packets; the server must know it. Default: the text format. */
  parser?: PacketFormat;
}

/** The options of {@linkcode Lookup}. */
export type LookupOptions = ManagerOptions;

/** The events of a direction where no map is given. */
export type AnyEvents = DefaultEventsMap;
