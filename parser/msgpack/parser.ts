import { Decoder as MsgpackDecoder, Encoder as MsgpackEncoder } from "@msgpack/msgpack";
import { decodeProtoKeys, encodeData, failure, isRecord, toPacket } from "../binary/mod.ts";
import {
  type Decoder,
  DEFAULT_MAX_DEPTH,
  type Frame,
  type Packet,
  type Parser,
  type ParserLimits,
} from "../mod.ts";
import { carrier, extensions } from "./carrier.ts";
import { scan } from "./scan.ts";

const decoder = new MsgpackDecoder({ extensionCodec: extensions });
const encoder = new MsgpackEncoder({ maxDepth: Infinity });

/**
 * Makes a MessagePack parser with other limits. There are no attachments in this format, so only
 * `maxDepth` is of interest.
 */
export function createMsgpackParser(limits: Pick<ParserLimits, "maxDepth"> = {}): Parser {
  const { maxDepth = DEFAULT_MAX_DEPTH } = limits;
  // The map around the data is no nesting of the data.
  const stateless: Decoder = { decode: (frame) => decode(frame, maxDepth + 1) };
  return {
    encode: (packet) => encodeData(toFields(packet), maxDepth + 1, carrier, toBytes),
    decoder: () => stateless,
    accepts,
  };
}

/**
 * The format of npm socket.io-msgpack-parser: one packet is one binary frame, with no limit on the
 * number of binary values in it.
 */
export const msgpackParser: Parser = createMsgpackParser();

function toFields(packet: Packet): Record<string, unknown> {
  const fields: Record<string, unknown> = { type: packet.type, nsp: packet.nsp };
  if ("data" in packet && packet.data !== undefined) fields.data = packet.data;
  if ("id" in packet && packet.id !== undefined) fields.id = packet.id;
  return fields;
}

function toBytes(fields: unknown): Uint8Array {
  return encoder.encode(fields);
}

function decode(frame: Frame, maxDepth: number): Packet {
  if (typeof frame === "string") throw failure("got text where MessagePack is spoken");
  const fields = read(frame, maxDepth);
  if (!isRecord(fields)) throw failure("it is not a map");
  return toPacket(fields.type, fields.nsp, fields.data, fields.id);
}

function read(frame: Uint8Array, maxDepth: number): unknown {
  // Buffers would make buffers of the bytes in them.
  const bytes = new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength);
  const protoKeys = scan(bytes, maxDepth);
  try {
    if (protoKeys === undefined) return decoder.decode(bytes);
    return decodeProtoKeys(bytes, protoKeys, (copy) => decoder.decode(copy));
  } catch (cause) {
    throw failure("it is not MessagePack", cause);
  }
}

function accepts(first: Frame): boolean {
  const head = typeof first === "string" ? undefined : first[0];
  return head !== undefined && (head >= 0x80 && head <= 0x8f || head === 0xde || head === 0xdf);
}
