import { Encoder } from "cbor-x/index-no-eval";
import {
  ByteReader,
  decodePart,
  encodeData,
  failure,
  type Format,
  toPacket,
} from "../binary/mod.ts";
import {
  type Decoder,
  DEFAULT_MAX_DEPTH,
  type Frame,
  Message,
  type Packet,
  type Parser,
  type ParserLimits,
} from "../mod.ts";
import { createCarrier } from "./carrier.ts";
import { Major, pushHead } from "./head.ts";
import { createScan, length } from "./scan.ts";

// The fields of a packet.
const TYPE = 0;
const NAMESPACE = 1;
const ID = 2;
const DATA = 3;
const FIELDS = 4;

const MAP_FIRST = 0xa0;
const MAP_LAST = 0xbf;

/** What is used of the library; its types name Node's, which a browser has not. */
interface Codec {
  encode(value: unknown, options: number): Uint8Array;
  useBuffer(buffer: Uint8Array): void;
  decode(bytes: Uint8Array): unknown;
}

// The library writes over its buffer the next time; what it returns is copied before.
const RESET_BUFFER = 1024;
const BUFFER_SIZE = 8192;
// Behind a larger packet the buffer, up to twelve times as large, is given back.
const MAX_KEPT = 1 << 18;

const codec = new Encoder({
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  tagUint8Array: false,
}) as unknown as Codec;

const DEFAULT_MAX_NUMERIC_KEYS = 1000;

const utf8 = new TextEncoder();

/** Limits of the CBOR format, in which there are no attachments. */
export interface CborLimits extends Pick<ParserLimits, "maxDepth"> {
  /**
   * The most numbers and big integers in one `Set`, and the most that are keys of one `Map`; 1,000 by
   * default. More throw a `TypeError` on the way out. V8, and so Deno and Chromium, can be made to
   * take a time for them that grows with the square of their count; texts are not concerned.
   */
  readonly maxNumericKeys?: number;
}

/**
 * Makes a CBOR parser with other limits.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { createCborParser } from "@sockeye/io/parser/cbor";
 *
 * // Server and clients have to agree on it.
 * const io = new Server({ parser: createCborParser({ maxNumericKeys: 10_000 }) });
 * await io.close();
 * ```
 */
export function createCborParser(limits: CborLimits = {}): Parser {
  const { maxDepth = DEFAULT_MAX_DEPTH, maxNumericKeys = DEFAULT_MAX_NUMERIC_KEYS } = limits;
  const carrier = createCarrier(maxNumericKeys);
  const format: Format = {
    scan: createScan(maxNumericKeys),
    decode: (bytes) => codec.decode(bytes),
  };
  const stateless: Decoder = { decode: (frame) => decode(frame, format, maxDepth) };
  return {
    encode: (packet) => {
      const data = "data" in packet ? packet.data : undefined;
      const head = encodeHead(packet, data !== undefined);
      if (data === undefined) return new Message([Uint8Array.from(head)]);
      return encodeData(head, data, maxDepth, carrier, toBytes);
    },
    decoder: () => stateless,
    accepts,
  };
}

/** The compact format: one packet is one binary frame, and more types than JSON has survive. */
export const cborParser: Parser = createCborParser();

function encodeHead(packet: Packet, hasData: boolean): number[] {
  const id = "id" in packet ? packet.id : undefined;
  const isMain = packet.nsp === "/";
  const fields = 1 + (isMain ? 0 : 1) + (id === undefined ? 0 : 1) +
    (hasData ? 1 : 0);
  const head = [MAP_FIRST | fields, TYPE, packet.type];
  if (!isMain) {
    const nsp = utf8.encode(packet.nsp);
    head.push(NAMESPACE);
    pushHead(head, Major.Text, nsp.length);
    for (const byte of nsp) head.push(byte);
  }
  if (id !== undefined) {
    head.push(ID);
    pushHead(head, Major.Unsigned, id);
  }
  if (hasData) head.push(DATA);
  return head;
}

function toBytes(data: unknown): Uint8Array {
  const bytes = codec.encode(data, RESET_BUFFER);
  if (bytes.length > MAX_KEPT) codec.useBuffer(newBuffer(bytes));
  return bytes;
}

/** A small buffer of the class that the library has chosen for its own. */
function newBuffer({ constructor }: Uint8Array): Uint8Array {
  const { alloc } = constructor as { alloc?: (size: number) => Uint8Array };
  return alloc?.(BUFFER_SIZE) ?? new Uint8Array(BUFFER_SIZE);
}

function decode(frame: Frame, format: Format, maxDepth: number): Packet {
  if (typeof frame === "string") throw failure("got text where CBOR is spoken");
  const reader = new ByteReader(frame);
  const head = reader.byte();
  if (!isMapHead(head)) throw failure("it is not a map");
  const fields: unknown[] = new Array(FIELDS);
  for (let left = length(reader, head & 0x1f); left > 0; left--) {
    const field = reader.byte();
    if (field >= FIELDS) throw failure("unknown field");
    if (field in fields) throw failure("a field stands there twice");
    fields[field] = field === TYPE || field === ID
      ? readUint(reader)
      : decodePart(reader, format, maxDepth);
  }
  if (reader.left > 0) throw failure("more follows behind its end");
  const { [TYPE]: type, [NAMESPACE]: nsp = "/", [ID]: id, [DATA]: data } = fields;
  return toPacket(type, nsp, data, id);
}

function readUint(reader: ByteReader): number {
  const head = reader.byte();
  if (head >> 5 !== Major.Unsigned) throw failure("a number is malformed");
  const info = head & 0x1f;
  return info === 27 ? reader.uint(4) * 2 ** 32 + reader.uint(4) : length(reader, info);
}

function isMapHead(head: number | undefined): boolean {
  return head !== undefined && head >= MAP_FIRST && head <= MAP_LAST;
}

function accepts(first: Frame): boolean {
  return typeof first !== "string" && isMapHead(first[0]);
}
