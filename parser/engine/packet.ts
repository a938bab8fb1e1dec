import { decodeBase64 } from "./base64.ts";
import { ParseError } from "./parse_error.ts";

/** The Engine.IO packet types; on the wire each is one digit. */
export const PacketType = {
  Open: 0,
  Close: 1,
  Ping: 2,
  Pong: 3,
  Message: 4,
  Upgrade: 5,
  Noop: 6,
} as const;

/** One of the values of the constant of the same name. */
export type PacketType = typeof PacketType[keyof typeof PacketType];

/** One frame as it travels: text, or binary, which is always the data of a message. */
export type Frame = string | Uint8Array;

/** A decoded Engine.IO packet. Only a message may hold binary data. */
export interface Packet {
  /** What the packet is for. */
  readonly type: PacketType;
  /** What follows the type, often nothing. */
  readonly data: Frame;
}

const DIGIT_0 = 48;
const LETTER_B = 98;

/**
 * Reads the type of a text frame. The data is all that follows the first character.
 *
 * @throws {ParseError} if the first character is not one of the digits 0 to 6.
 */
export function typeOf(frame: string): PacketType {
  const type = frame.charCodeAt(0) - DIGIT_0;
  if (type >= PacketType.Open && type <= PacketType.Noop) {
    return type as PacketType;
  }
  throw new ParseError(
    frame === ""
      ? "Cannot decode packet: it is empty"
      : `Cannot decode packet: unknown type ${JSON.stringify(frame[0])}`,
  );
}

/**
 * Decodes one frame of a WebSocket or WebTransport connection. Behind a `b` stands binary data in
 * base64, from a client that can send text only.
 *
 * @throws {ParseError} if the type of a text frame is unknown, or the base64 is none.
 */
export function decodePacket(frame: Frame): Packet {
  if (typeof frame !== "string") {
    return { type: PacketType.Message, data: frame };
  }
  if (frame.charCodeAt(0) === LETTER_B) {
    return { type: PacketType.Message, data: decodeBase64(frame.slice(1)) };
  }
  return { type: typeOf(frame), data: frame.slice(1) };
}

/** Encodes one packet as a frame: text behind its digit, binary as it is. */
export function encodePacket(packet: Packet): Frame {
  return typeof packet.data === "string" ? `${packet.type}${packet.data}` : packet.data;
}
