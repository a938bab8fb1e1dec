import type { CloseDetails, CloseReason, Frame, Open } from "../../parser/engine/mod.ts";
import type { Transport } from "./transport.ts";

/** Where a connection stands. */
export type EngineState = "opening" | "open" | "closing" | "closed";

/** One packet, as the events `packet` and `packetCreate` show it. */
export interface EnginePacket {
  /** Such as `message` or `ping`. */
  readonly type: string;
  /** What it carries. */
  readonly data?: Frame | undefined;
  /** How it travels, if it goes out. */
  readonly options?: { readonly compress: boolean };
}

/** The events of a connection. */
export interface EngineEvents {
  /** The connection stands. */
  open: () => void;
  /** What the server said first. */
  handshake: (open: Open) => void;
  /** A packet came. */
  packet: (packet: EnginePacket) => void;
  /** A packet is put into the queue. */
  packetCreate: (packet: EnginePacket) => void;
  /** A message came. */
  data: (data: Frame | ArrayBuffer) => void;
  /** The same as `data`. */
  message: (data: Frame | ArrayBuffer) => void;
  /** The queue is empty. */
  drain: () => void;
  /** Messages of the queue were given to the transport. */
  flush: () => void;
  /** A sign of life of the server. */
  heartbeat: () => void;
  /** The server asks whether this side lives. */
  ping: () => void;
  /** It was answered. */
  pong: () => void;
  /** The connection broke, or could not be made. */
  error: (error: Error) => void;
  /** The server is ready for another transport. */
  upgrading: (transport: Transport) => void;
  /** Another transport is in use now. */
  upgrade: (transport: Transport) => void;
  /** Another transport did not work. */
  upgradeError: (error: Error) => void;
  /** The connection has ended. */
  close: (reason: CloseReason, details?: CloseDetails | Error) => void;
}

/** The names of the packet types, by their digits. */
export const PACKET_NAMES: readonly string[] = [
  "open",
  "close",
  "ping",
  "pong",
  "message",
  "upgrade",
  "noop",
];
