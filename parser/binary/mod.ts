/**
 * What the formats whose packets are one binary frame have in common. It is no entry of the
 * package.
 *
 * @module
 */
export { bytesOf, isBlob, jsonForm, setProperty, tooDeep } from "../attachments.ts";
export { failure, toPacket } from "../shape.ts";
export { ByteReader } from "./byte_reader.ts";
export { type Carrier, encodeData } from "./plain.ts";
export { decodePart, type Format, skipPart } from "./decode_part.ts";
