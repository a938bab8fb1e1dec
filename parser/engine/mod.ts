/**
 * Engine.IO framing: packets, long-polling payloads and the open packet, with no I/O.
 *
 * @module
 */
export { decodeBase64, encodeBase64 } from "./base64.ts";
export type { CloseDetails, CloseReason } from "./close_reason.ts";
export { Message, Pause, type SendOptions } from "./message.ts";
export { decodeOpen, encodeOpen, type Open } from "./open.ts";
export {
  decodePacket,
  encodePacket,
  type Frame,
  type Packet,
  PacketType,
  typeOf,
} from "./packet.ts";
export { ParseError } from "./parse_error.ts";
export { decodePayload, encodePayload, SEPARATOR } from "./payload.ts";
