import type { Frame, Message } from "./engine/mod.ts";
import type { Packet } from "./packet.ts";

/**
 * A format for Socket.IO packets. It has no state; what one connection needs to remember lives in
 * the {@linkcode Decoder} that it makes.
 */
export interface Parser {
  /**
   * Encodes a packet. The frames carry the Engine.IO prefix: `4` before text, nothing before
   * binary. It MUST NOT keep or change the packet's data.
   *
   * @throws {TypeError} if the data cannot be expressed in this format.
   */
  encode(packet: Packet): Message;
  /** Makes the decoder of one connection. */
  decoder(): Decoder;
  /**
   * Whether a connection whose first frame is this one speaks this format. Only asked where a
   * server has several parsers. It MUST NOT throw.
   */
  accepts(first: Frame): boolean;
}

/** Decodes the frames of one connection. */
export interface Decoder {
  /**
   * Takes the next frame, without the Engine.IO prefix, and returns the packet that it completes,
   * or `undefined` when more frames of the packet are to come. What it returns MUST have the shape
   * of its type, and a reserved name MUST NOT pass as an event.
   *
   * @throws {ParseError} if the frame is none of this format. The connection is closed then.
   */
  decode(frame: Frame): Packet | undefined;
  /** Called once when the connection ends, for a decoder that holds more than memory. */
  close?(): void;
}

/** The limits that a parser checks before it spends memory. */
export interface ParserLimits {
  /** The most binary attachments that one packet may announce. Default: 10. */
  readonly maxAttachments?: number;
  /** How deep arrays and objects may be nested. Default: 1,000. */
  readonly maxDepth?: number;
}

/** The default of {@linkcode ParserLimits.maxAttachments}. */
export const DEFAULT_MAX_ATTACHMENTS = 10;

/** The default of {@linkcode ParserLimits.maxDepth}. */
export const DEFAULT_MAX_DEPTH = 1000;
