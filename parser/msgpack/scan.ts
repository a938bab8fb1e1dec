import { type ByteReader, failure } from "../binary/mod.ts";

const NOTEPACK = 0;
const TIMESTAMP = 255;

/**
 * Passes over one MessagePack value and checks that it is there to its end, of known types, and
 * nested at most `depth` deep.
 *
 * @throws {ParseError} if it is not.
 */
export function scan(reader: ByteReader, depth: number): void {
  const head = reader.byte();
  if (head < 0x80 || head >= 0xe0) return;
  if (head < 0x90) return map(reader, head & 0x0f, depth);
  if (head < 0xa0) return array(reader, head & 0x0f, depth);
  if (head < 0xc0) return reader.skip(head & 0x1f);
  switch (head) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return reader.skip(reader.uint(1 << (head - 0xc4)));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return extension(reader, reader.uint(1 << (head - 0xc7)));
    case 0xca:
      return reader.skip(4);
    case 0xcb:
      return reader.skip(8);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      return reader.skip(1 << (head - 0xcc));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return reader.skip(1 << (head - 0xd0));
    case 0xd4:
    case 0xd6:
    case 0xd7:
      return fixedExtension(reader, 1 << (head - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return reader.skip(reader.uint(1 << (head - 0xd9)));
    case 0xdc:
    case 0xdd:
      return array(reader, reader.uint(head === 0xdc ? 2 : 4), depth);
    case 0xde:
    case 0xdf:
      return map(reader, reader.uint(head === 0xde ? 2 : 4), depth);
    default:
      throw failure(`unknown MessagePack type 0x${head.toString(16)}`);
  }
}

function array(reader: ByteReader, count: number, depth: number): void {
  if (depth === 0) throw failure("nested too deep");
  reader.entries(count);
  for (let i = 0; i < count; i++) scan(reader, depth - 1);
}

function map(reader: ByteReader, count: number, depth: number): void {
  if (depth === 0) throw failure("nested too deep");
  reader.entries(2 * count);
  for (let i = 0; i < count; i++) {
    key(reader);
    scan(reader, depth - 1);
  }
}

function key(reader: ByteReader): void {
  const head = reader.byte();
  if (head >= 0xa0 && head < 0xc0) return reader.key(head & 0x1f);
  if (head < 0xd9 || head > 0xdb) {
    throw failure("the key of a map is not a text");
  }
  reader.key(reader.uint(1 << (head - 0xd9)));
}

/** Bytes of an `ArrayBuffer`, or the longest form of a timestamp. */
function extension(reader: ByteReader, length: number): void {
  const type = reader.byte();
  if (type !== NOTEPACK && !(type === TIMESTAMP && length === 12)) {
    throw unknownExtension(type);
  }
  reader.skip(length);
}

/** `undefined` in 1 byte, a date in 8, or a timestamp in 4 or 8. */
function fixedExtension(reader: ByteReader, length: number): void {
  const type = reader.byte();
  if (type === NOTEPACK ? length === 4 : type !== TIMESTAMP || length === 1) {
    throw unknownExtension(type);
  }
  reader.skip(length);
}

function unknownExtension(type: number): Error {
  return failure(`unknown MessagePack extension ${type}`);
}
