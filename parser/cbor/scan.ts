import { type ByteReader, failure } from "../binary/mod.ts";
import { MAX_BIGINT_BYTES } from "./carrier.ts";
import { Major } from "./head.ts";

const TAG_DATE = 1;
const TAG_BIGINT = 2;
const TAG_NEGATIVE_BIGINT = 3;
const TAG_SET = 258;
const TAG_MAP = 259;

// RFC 8746. The rest of its typed arrays has no counterpart in JavaScript.
const ELEMENT_SIZE: ReadonlyMap<number, number> = new Map([
  ...[64, 68, 72].map((tag) => [tag, 1] as const),
  ...[65, 69, 73, 77].map((tag) => [tag, 2] as const),
  ...[66, 70, 74, 78, 81, 85].map((tag) => [tag, 4] as const),
  ...[67, 71, 75, 79, 82, 86].map((tag) => [tag, 8] as const),
]);

const FALSE = 20;
const UNDEFINED = 23;

/**
 * Makes what passes over one CBOR item and checks that it is there to its end, of known types, and
 * nested at most `depth` deep.
 *
 * @param maxNumericKeys the most numbers in a set, and as keys of a map
 */
export function createScan(
  maxNumericKeys: number,
): (reader: ByteReader, depth: number) => void {
  return (reader, depth) => scan(reader, depth, maxNumericKeys);
}

function scan(reader: ByteReader, depth: number, maxNumericKeys: number): void {
  const head = reader.byte();
  const info = head & 0x1f;
  switch (head >> 5) {
    case Major.Unsigned:
    case Major.Negative:
      return integer(reader, info);
    case Major.Bytes:
    case Major.Text:
      return reader.skip(length(reader, info));
    case Major.Array:
      return array(reader, length(reader, info), depth, maxNumericKeys);
    case Major.Map:
      return object(reader, length(reader, info), depth, maxNumericKeys);
    case Major.Tag:
      return tagged(reader, length(reader, info), depth, maxNumericKeys);
    default:
      return simple(reader, info);
  }
}

/** Reads the number in a head. Lengths of 2^32 and more and indefinite ones are refused. */
export function length(reader: ByteReader, info: number): number {
  if (info < 24) return info;
  if (info > 27) throw failure("a length is indefinite");
  if (info < 27) return reader.uint(1 << (info - 24));
  if (reader.uint(4) > 0) throw failure("it announces more than it holds");
  return reader.uint(4);
}

function integer(reader: ByteReader, info: number): void {
  if (info < 24) return;
  if (info > 27) throw failure("a number is malformed");
  reader.skip(1 << (info - 24));
}

function array(reader: ByteReader, count: number, depth: number, maxNumericKeys: number): void {
  if (depth === 0) throw failure("nested too deep");
  reader.entries(count);
  for (let i = 0; i < count; i++) scan(reader, depth - 1, maxNumericKeys);
}

function object(reader: ByteReader, count: number, depth: number, maxNumericKeys: number): void {
  if (depth === 0) throw failure("nested too deep");
  reader.entries(2 * count);
  for (let i = 0; i < count; i++) {
    key(reader);
    scan(reader, depth - 1, maxNumericKeys);
  }
}

/**
 * A `Set`, or a `Map`, of which each entry has two items. V8 does not randomize how it stores numbers
 * in one, so that a peer could choose a hundred thousand that take it a quarter of a minute.
 */
function collection(
  reader: ByteReader,
  count: number,
  items: 1 | 2,
  depth: number,
  maxNumericKeys: number,
): void {
  if (depth === 0) throw failure("nested too deep");
  reader.entries(items * count);
  let numbers = 0;
  for (let i = 0; i < count; i++) {
    if (isNumber(reader) && ++numbers > maxNumericKeys) {
      throw failure(`a map or set has more than ${maxNumericKeys} numbers as keys`);
    }
    for (let item = 0; item < items; item++) scan(reader, depth - 1, maxNumericKeys);
  }
}

/** Whether the next item is a number or a big integer. */
function isNumber(reader: ByteReader): boolean {
  const start = reader.at;
  const head = reader.byte();
  const major = head >> 5;
  const tag = major === Major.Tag ? length(reader, head & 0x1f) : undefined;
  reader.at = start;
  return major === Major.Unsigned || major === Major.Negative || tag === TAG_BIGINT ||
    tag === TAG_NEGATIVE_BIGINT || major === Major.Simple && (head & 0x1f) > UNDEFINED;
}

function key(reader: ByteReader): void {
  const head = reader.byte();
  if (head >> 5 !== Major.Text) {
    throw failure("the key of an object is not a text");
  }
  reader.key(length(reader, head & 0x1f));
}

function tagged(reader: ByteReader, tag: number, depth: number, maxNumericKeys: number): void {
  const head = reader.byte();
  const major = head >> 5;
  const info = head & 0x1f;
  if (tag === TAG_DATE) return seconds(reader, major, info);
  if (tag === TAG_SET && major === Major.Array) {
    return collection(reader, length(reader, info), 1, depth, maxNumericKeys);
  }
  if (tag === TAG_MAP && major === Major.Map) {
    return collection(reader, length(reader, info), 2, depth, maxNumericKeys);
  }
  if (major !== Major.Bytes) {
    throw failure(`unknown CBOR tag ${tag}, or not on what it belongs to`);
  }
  bytes(reader, tag, length(reader, info));
}

/** A date is a number of seconds, but none that would be read as a big integer. */
function seconds(reader: ByteReader, major: number, info: number): void {
  if (major === Major.Unsigned || major === Major.Negative) {
    if (info < 27) return integer(reader, info);
  } else if (major === Major.Simple && info >= 25) {
    return simple(reader, info);
  }
  throw failure("a date is not a number of seconds");
}

function bytes(reader: ByteReader, tag: number, count: number): void {
  const isBigint = tag === TAG_BIGINT || tag === TAG_NEGATIVE_BIGINT;
  if (isBigint && count > MAX_BIGINT_BYTES) {
    throw failure("a big integer is too big");
  }
  const size = isBigint ? 1 : ELEMENT_SIZE.get(tag);
  if (size === undefined) {
    throw failure(`unknown CBOR tag ${tag}, or not on what it belongs to`);
  }
  if (count % size !== 0) throw failure("a typed array ends within an element");
  reader.skip(count);
}

function simple(reader: ByteReader, info: number): void {
  if (info >= FALSE && info <= UNDEFINED) return;
  if (info < 25 || info > 27) throw failure(`unknown CBOR value ${info}`);
  reader.skip(1 << (info - 24));
}
