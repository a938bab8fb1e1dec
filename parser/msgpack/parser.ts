import { ByteReader, decodePart, encodeData, failure, skipPart, toPacket } from "../binary/mod.ts";
import {
  type Decoder,
  DEFAULT_MAX_DEPTH,
  type Frame,
  Message,
  type Packet,
  type Parser,
  type ParserLimits,
} from "../mod.ts";
import { carrier } from "./carrier.ts";
import { format, toBytes } from "./codec.ts";
import { encodeHead, fieldCount, fieldName, MAIN_NAMESPACE } from "./fields.ts";

const POSITIVE_FIXINT_END = 0x80;

/**
 * Makes a MessagePack parser with other limits. There are no attachments in this format, so only
 * `maxDepth` is of interest.
 */
export function createMsgpackParser(
  limits: Pick<ParserLimits, "maxDepth"> = {},
): Parser {
  const { maxDepth = DEFAULT_MAX_DEPTH } = limits;
  const stateless: Decoder = { decode: (frame) => decode(frame, maxDepth) };
  return {
    encode: (packet) => {
      const data = "data" in packet ? packet.data : undefined;
      const head = encodeHead(packet, data !== undefined, toBytes);
      if (data === undefined) return new Message([Uint8Array.from(head)]);
      return encodeData(head, data, maxDepth, carrier, toBytes);
    },
    decoder: () => stateless,
    accepts,
  };
}

/**
 * The format of npm socket.io-msgpack-parser: one packet is one binary frame, with no limit on the
 * number of binary values in it.
 */
export const msgpackParser: Parser = createMsgpackParser();

function decode(frame: Frame, maxDepth: number): Packet {
  if (typeof frame === "string") {
    throw failure("got text where MessagePack is spoken");
  }
  const reader = new ByteReader(frame);
  let type: unknown, nsp: unknown, data: unknown, id: unknown;
  for (let left = fieldCount(reader); left > 0; left--) {
    const name = fieldName(reader);
    if (name === "type") type = readValue(reader, maxDepth);
    else if (name === "nsp") nsp = readNamespace(reader, maxDepth);
    else if (name === "data") data = readValue(reader, maxDepth);
    else if (name === "id") id = readValue(reader, maxDepth);
    else skipPart(reader, format, maxDepth);
  }
  if (reader.left > 0) throw failure("more follows behind its end");
  return toPacket(type, nsp, data, id);
}

function readNamespace(reader: ByteReader, maxDepth: number): unknown {
  const { bytes, at } = reader;
  if (bytes[at] !== MAIN_NAMESPACE[0] || bytes[at + 1] !== MAIN_NAMESPACE[1]) {
    return readValue(reader, maxDepth);
  }
  reader.skip(MAIN_NAMESPACE.length);
  return "/";
}

function readValue(reader: ByteReader, maxDepth: number): unknown {
  const first = reader.bytes[reader.at];
  if (first !== undefined && first < POSITIVE_FIXINT_END) return reader.byte();
  return decodePart(reader, format, maxDepth);
}

function accepts(first: Frame): boolean {
  const head = typeof first === "string" ? undefined : first[0];
  return head !== undefined &&
    (head >= 0x80 && head <= 0x8f || head === 0xde || head === 0xdf);
}
