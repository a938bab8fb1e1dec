/**
 * Socket.IO packets and their formats: the `Parser` port and the default text format.
 *
 * @module
 */
export { type Binary, mayHoldBinary } from "./attachments.ts";
export { type Frame, Message, ParseError, type SendOptions } from "./engine/mod.ts";
export { chooseParser } from "./choose.ts";
export {
  type CustomDecoder,
  type CustomEncoder,
  type CustomParser,
  fromCustomParser,
  isCustomParser,
  toParser,
} from "./custom.ts";
export { createJsonParser, jsonParser } from "./json.ts";
export {
  type AckPacket,
  type ConnectErrorPacket,
  type ConnectPacket,
  type DisconnectPacket,
  type EventData,
  type EventPacket,
  isReservedEvent,
  type Packet,
  PacketType,
} from "./packet.ts";
export {
  type Decoder,
  DEFAULT_MAX_ATTACHMENTS,
  DEFAULT_MAX_DEPTH,
  type Parser,
  type ParserLimits,
} from "./parser.ts";
export { toPacket } from "./shape.ts";
