import { type ByteReader, failure } from "../binary/mod.ts";
import { type Packet, PacketType } from "../mod.ts";

/** The fields of the map that a packet is. Others may stand there and are not read. */
export type Field = "type" | "nsp" | "data" | "id";

const NAMES: readonly Field[] = ["type", "nsp", "data", "id"];

const FIXMAP = 0x80;
const FIXSTR = 0xa0;
const STR_8 = 0xd9;
const STR_32 = 0xdb;

const utf8 = new TextEncoder();

const KEYS: Readonly<Record<Field, readonly number[]>> = {
  type: key("type"),
  nsp: key("nsp"),
  data: key("data"),
  id: key("id"),
};
/** The name `/` as a value. */
export const MAIN_NAMESPACE: readonly number[] = [FIXSTR | 1, 0x2f];

// Of most packets: an event without id in the main namespace.
const EVENT_HEAD: readonly number[] = [
  FIXMAP | 3,
  ...KEYS.type,
  PacketType.Event,
  ...KEYS.nsp,
  ...MAIN_NAMESPACE,
  ...KEYS.data,
];

// An event or ack in the main namespace with a small id, both to be filled in.
const TYPE_AT = 6;
const ID_AT = 16;
const SMALL_ID_END = 0x80;
const ID_HEAD: readonly number[] = [
  FIXMAP | 4,
  ...KEYS.type,
  0,
  ...KEYS.nsp,
  ...MAIN_NAMESPACE,
  ...KEYS.id,
  0,
  ...KEYS.data,
];

function key(name: Field): readonly number[] {
  return [FIXSTR | name.length, ...utf8.encode(name)];
}

/**
 * Everything before the data of a packet.
 *
 * @param encode writes a value
 */
export function encodeHead(
  packet: Packet,
  hasData: boolean,
  encode: (value: unknown) => Uint8Array,
): readonly number[] {
  const id = "id" in packet ? packet.id : undefined;
  if (
    id === undefined && packet.nsp === "/" && packet.type === PacketType.Event
  ) return EVENT_HEAD;
  if (id !== undefined && id < SMALL_ID_END && packet.nsp === "/") {
    const head = ID_HEAD.slice();
    head[TYPE_AT] = packet.type;
    head[ID_AT] = id;
    return head;
  }
  const count = 2 + (id === undefined ? 0 : 1) + (hasData ? 1 : 0);
  const head = [FIXMAP | count, ...KEYS.type, packet.type, ...KEYS.nsp];
  append(head, packet.nsp === "/" ? MAIN_NAMESPACE : encode(packet.nsp));
  if (id !== undefined) {
    append(head, KEYS.id);
    append(head, encode(id));
  }
  if (hasData) append(head, KEYS.data);
  return head;
}

function append(head: number[], bytes: ArrayLike<number>): void {
  for (let i = 0; i < bytes.length; i++) head.push(bytes[i] as number);
}

/** Reads how many fields there are. */
export function fieldCount(reader: ByteReader): number {
  const head = reader.byte();
  if (head >= FIXMAP && head < 0x90) return head & 0x0f;
  if (head !== 0xde && head !== 0xdf) throw failure("it is not a map");
  return reader.uint(head === 0xde ? 2 : 4);
}

/** Reads the name of a field, `undefined` if it is another. */
export function fieldName(reader: ByteReader): Field | undefined {
  const head = reader.byte();
  const isShort = head >= FIXSTR && head < 0xc0;
  if (!isShort && (head < STR_8 || head > STR_32)) {
    throw failure("the key of a map is not a text");
  }
  const length = isShort ? head & 0x1f : reader.uint(1 << (head - STR_8));
  const start = reader.at;
  reader.skip(length);
  for (const name of NAMES) {
    if (name.length === length && isAt(reader.bytes, start, KEYS[name])) {
      return name;
    }
  }
  return undefined;
}

function isAt(
  bytes: Uint8Array,
  start: number,
  key: readonly number[],
): boolean {
  for (let i = 1; i < key.length; i++) {
    if (bytes[start + i - 1] !== key[i]) return false;
  }
  return true;
}
