import {
  decodeBase64,
  encodeBase64,
  type Frame,
  PacketType,
  ParseError,
  typeOf,
} from "../../parser/engine/mod.ts";
import type { TransportHandler } from "./transport.ts";

/** The WebSocket frames of protocol 3: binary data has the packet type in front of it. */
export class LegacyFrames {
  readonly #base64: boolean;

  /** Takes whether the client wants binary data as base64 in text frames. */
  constructor(base64: boolean) {
    this.#base64 = base64;
  }

  /** Frames one frame of a message. */
  encode(frame: Frame): Frame {
    if (typeof frame === "string") return frame;
    if (this.#base64) return "b4" + encodeBase64(frame);
    const bytes = new Uint8Array(frame.length + 1);
    bytes[0] = PacketType.Message;
    bytes.set(frame, 1);
    return bytes;
  }

  /**
   * Hands the packet of a frame over.
   *
   * @throws {ParseError} if the frame is malformed.
   */
  decode(frame: Frame, handler: Pick<TransportHandler, "packet">): void {
    if (typeof frame === "string") decodeText(frame, (type, data) => handler.packet(type, data));
    else handler.packet(typeOf(String(frame[0])), frame.subarray(1));
  }
}

/** Hands the packet of a text frame over, whose binary data may be in base64 behind a `b`. */
export function decodeText(
  frame: string,
  visit: (type: PacketType, data: Frame) => boolean | void,
): boolean | void {
  if (frame.charCodeAt(0) !== LETTER_B) return visit(typeOf(frame), frame.slice(1));
  const type = typeOf(frame.slice(1, 2));
  if (type !== PacketType.Message) {
    throw new ParseError("Cannot decode packet: only a message may be binary");
  }
  return visit(type, decodeBase64(frame.slice(2)));
}

const LETTER_B = 98;
