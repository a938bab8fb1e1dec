import { decodeBase64, encodeBase64 } from "./base64.ts";
import { type Frame, PacketType, typeOf } from "./packet.ts";
import { ParseError } from "./parse_error.ts";

/** Stands between the packets of a long-polling body. */
export const SEPARATOR = "\x1e";

const LETTER_B = 98;

/** Joins frames into the body of a long-polling request or response. */
export function encodePayload(frames: readonly Frame[]): string {
  let payload = "";
  for (const frame of frames) {
    if (payload !== "") payload += SEPARATOR;
    payload += typeof frame === "string" ? frame : "b" + encodeBase64(frame);
  }
  return payload;
}

/**
 * Splits a long-polling body and hands each packet to `visit`, in order, until `visit` returns
 * `false`. The packets that stand before a bad one are handed over before the error is thrown.
 *
 * @throws {ParseError} at a packet that cannot be decoded, or past `maxPackets` packets.
 */
export function decodePayload(
  payload: string,
  visit: (type: PacketType, data: Frame) => boolean | void,
  maxPackets: number = Infinity,
): void {
  let start = 0;
  for (let count = 0; start <= payload.length; count++) {
    if (count >= maxPackets) {
      throw new ParseError(
        `Cannot decode payload: more than ${maxPackets} packets`,
      );
    }
    const found = payload.indexOf(SEPARATOR, start);
    const end = found === -1 ? payload.length : found;
    const going = payload.charCodeAt(start) === LETTER_B
      ? visit(PacketType.Message, decodeBase64(payload.slice(start + 1, end)))
      : visit(typeOf(payload.slice(start, end)), payload.slice(start + 1, end));
    if (going === false) return;
    start = end + 1;
  }
}
