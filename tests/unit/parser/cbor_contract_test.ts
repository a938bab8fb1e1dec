import { Encoder } from "cbor-x/index-no-eval";
import { createCborParser } from "../../../parser/cbor/mod.ts";
import { bytes, hex, nestedBehind, parserContract } from "./contract.ts";
import { int, pick, type Random } from "./random.ts";

// A Map without its tag and with any keys: what our layout consists of, however wrong.
const plain = new Encoder({
  mapsAsObjects: false,
  useRecords: false,
  tagUint8Array: false,
});
const inner = new Encoder({
  variableMapSize: true,
  useRecords: false,
  tagUint8Array: false,
});

function raw(
  type: unknown,
  nsp: unknown,
  data: unknown,
  id?: unknown,
): Uint8Array {
  const fields = [[0, type], [1, nsp], [2, id], [3, data]] as const;
  const present = fields.filter(([, value]) => value !== undefined);
  return Uint8Array.of(
    0xa0 | present.length,
    ...present.flatMap(([key, value]) => [key, ...inner.encode(value)]),
  );
}

// { 0: 2, 3: ["e", …] }, to be closed by one value.
const OPEN = "a2 00 02 03 82 61 65 ";

function extra(random: Random): unknown {
  return pick<() => unknown>(random, [
    () => Uint8Array.from({ length: int(random, 300) }, () => int(random, 256)),
    () => undefined,
    () => new Date(int(random, 2 ** 32) * 1000 - 2 ** 41 + int(random, 1000)),
    () => NaN,
    () => -Infinity,
    () =>
      BigInt(int(random, 2 ** 32)) ** BigInt(int(random, 9)) *
      (random() < 0.5 ? 1n : -1n),
    () => Float64Array.from({ length: int(random, 4) }, random),
    () => Int16Array.from({ length: int(random, 4) }, () => int(random, 2 ** 16)),
    () =>
      new Map<unknown, unknown>([[int(random, 9), { a: "x" }], [
        "k",
        new Set([1, "b"]),
      ]]),
    () => new Set([bytes(1), null, "é"]),
  ])();
}

const same = <T>(name: string, value: T) => [name, value, value] as const;

parserContract({
  name: "cbor",
  create: createCborParser,
  raw,
  deep: (frames, depth) => nestedBehind(frames, depth, [0x81, 0xf6]),
  selfDelimiting: true,
  extra,
  values: [
    same("undefined", [undefined, { a: undefined }]),
    same("NaN and infinities", [NaN, Infinity, -Infinity]),
    ["-0", -0, 0],
    same("a Date", new Date(1_700_000_000_123)),
    same("a Date of whole seconds", new Date(1_700_000_000_000)),
    same("a Date before 1970", new Date(-62_198_755_200_001)),
    same("the last Date", new Date(8.64e15)),
    same("an invalid Date", new Date(NaN)),
    ["toJSON that returns a Date", { toJSON: () => new Date(5) }, new Date(5)],
    ["a boxed BigInt", [Object(5n)], [5n]],
    same("many texts and objects as keys", [
      new Set(Array.from({ length: 3000 }, (_, i) => `${i}`)),
      new Map(Array.from({ length: 3000 }, (_, i) => [[i], i])),
    ]),
    same(
      "a Map",
      new Map<unknown, unknown>([[1, "a"], ["__proto__", [2]], [
        { k: 1 },
        new Map(),
      ]]),
    ),
    same("a Set", new Set<unknown>([1, "a", [new Set([2])], bytes(3)])),
    same("a small BigInt", [0n, 5n, -1n, 2n ** 64n - 1n, -(2n ** 64n)]),
    same("a large BigInt", [
      2n ** 64n,
      -(2n ** 64n) - 1n,
      3n ** 5000n,
      -(3n ** 5000n),
    ]),
    same("Int8Array", Int8Array.of(-1, 1)),
    same("Uint8ClampedArray", Uint8ClampedArray.of(0, 255)),
    same("Int16Array", Int16Array.of(-2, 2)),
    same("Uint16Array", Uint16Array.of(1, 65535)),
    same("Int32Array", Int32Array.of(-3, 3)),
    same("Uint32Array", Uint32Array.of(0, 2 ** 32 - 1)),
    same("BigInt64Array", BigInt64Array.of(-4n, 2n ** 62n)),
    same("BigUint64Array", BigUint64Array.of(2n ** 64n - 1n)),
    same("Float32Array", Float32Array.of(0.5, NaN)),
    same("Float64Array", Float64Array.of(0.1, -Infinity)),
    same("typed arrays at every offset", [
      Float64Array.of(1),
      "x",
      Float64Array.of(2),
      "xx",
      Uint32Array.of(3),
      1,
      Uint32Array.of(4),
      "xxx",
      Uint16Array.of(5),
      2,
      Uint16Array.of(6),
    ]),
    [
      "a part of a typed array",
      Uint16Array.of(1, 2, 3).subarray(1),
      Uint16Array.of(2, 3),
    ],
    same("large whole numbers", [2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 60]),
    same("20 binary values", Array(20).fill(bytes(1))),
    same(
      "an object of 30,000 fields",
      Object.fromEntries(Array.from(Array(30_000).keys(), (i) => [`k${i}`, i])),
    ),
    [
      "a lone surrogate in a long text",
      "x".repeat(100) + "\ud800",
      "x".repeat(100) + "\ufffd",
    ],
    [
      "a byte order mark in a long text",
      "\ufeff" + "x".repeat(300),
      "x".repeat(300),
    ],
  ],
  malformed: [
    ["nothing", [bytes()]],
    ["text", ['2["e"]']],
    ["an array", [hex("80")]],
    ["an empty map", [hex("a0")]],
    ["a map of indefinite length", [hex("bf 00 01 ff")]],
    ["a tagged map", [hex("d9d9f7 a1 00 01")]],
    ["a field given twice", [hex("a2 00 01 00 01")]],
    ["an unknown field", [hex("a2 00 01 04 01")]],
    ["a field with a text as key", [
      plain.encode(new Map<unknown, unknown>([["type", 1]])),
    ]],
    ["a type that is a text", [raw("2", "/", ["e"])]],
    ["a type that is negative", [raw(-1, "/", ["e"])]],
    ["a type with a fraction", [raw(2.5, "/", ["e"])]],
    ["the binary types of the text format", [raw(5, "/", ["e"])]],
    ["a namespace that is a number", [raw(1, 5, undefined)]],
    ["a namespace that is null", [raw(1, null, undefined)]],
    ["a namespace without slash", [raw(1, "a", undefined)]],
    ["a namespace with a comma", [raw(2, "/a,b", ["e"])]],
    ["an id that is a text", [raw(3, "/", [], "1")]],
    ["an id that is null", [raw(3, "/", [], null)]],
    ["a negative id", [raw(3, "/", [], -1)]],
    ["an id with a fraction", [raw(3, "/", [], 1.5)]],
    ["an id of 2^53", [hex("a3 00 03 02 1b 0020000000000000 03 80")]],
    ["an id of 2^64 - 1", [hex("a3 00 03 02 1b ffffffffffffffff 03 80")]],
    ["connect with binary data", [raw(0, "/", bytes(1))]],
    ["connect with a Map", [raw(0, "/", new Map())]],
    ["a connect error with a date", [raw(4, "/", new Date(0))]],
    ["an event that is a Set", [raw(2, "/", new Set(["e"]))]],
    ["an event name that is binary", [raw(2, "/", [bytes(101)])]],
    ["an event name that is a big integer", [raw(2, "/", [5n])]],
    ["an event name that is undefined", [raw(2, "/", [undefined])]],
    ["an array of indefinite length", [hex(OPEN + "9f 01 ff")]],
    ["a text of indefinite length", [hex(OPEN + "7f 61 61 ff")]],
    ["bytes of indefinite length", [hex(OPEN + "5f 41 00 ff")]],
    ["a break", [hex(OPEN + "ff")]],
    ["a reserved length", [hex(OPEN + "9c")]],
    ["a reserved number", [hex(OPEN + "1c")]],
    ["a simple value that is not known", [hex(OPEN + "e0")]],
    ["a simple value of two bytes", [hex(OPEN + "f8 20")]],
    ["an object with a number as key", [hex(OPEN + "a1 01 01")]],
    ["an object with an array as key", [hex(OPEN + "a1 80 01")]],
    ["an array that announces 2^32 - 1", [hex(OPEN + "9a ffffffff")]],
    ["an array that announces 2^32", [hex(OPEN + "9b 0000000100000000")]],
    ["an array that announces 2^64 - 1", [hex(OPEN + "9b ffffffffffffffff")]],
    ["a map that announces 2^32 - 1", [hex(OPEN + "ba ffffffff")]],
    ["a text that announces 2^32 - 1", [hex(OPEN + "7a ffffffff 61")]],
    ["bytes that announce 2^32 - 1", [hex(OPEN + "5a ffffffff 00")]],
    ["arrays that each announce all that is left", [
      hex(OPEN + "99 0fff".repeat(900)),
    ]],
    ["100,000 nested arrays", [hex(OPEN + "81".repeat(100_000) + "f6")]],
    ["100,000 nested maps", [hex(OPEN + "a1 61 61".repeat(100_000) + "f6")]],
    ["100,000 nested tags", [hex(OPEN + "c1".repeat(100_000) + "00")]],
    ["nested tags", [hex(OPEN + "c2 c2 41 01")]],
    ["100,000 nested sets", [hex(OPEN + "d90102 81".repeat(100_000) + "f6")]],
    ["100,000 nested keys of maps", [
      hex(OPEN + "d90103 a1".repeat(100_000) + "f6"),
    ]],
    ["a big integer of 1,025 bytes", [
      hex(OPEN + "c2 59 0401" + "ff".repeat(1025)),
    ]],
    ["a big integer that is a text", [hex(OPEN + "c2 61 31")]],
    ["a date that is a text", [
      hex(OPEN + "c0 74 323031332d30332d32315432303a30343a30305a"),
    ]],
    ["seconds that are a text", [hex(OPEN + "c1 61 31")]],
    ["seconds that are a big integer", [hex(OPEN + "c1 1b 0000000000000001")]],
    ["seconds that are undefined", [hex(OPEN + "c1 f7")]],
    ["a shared value", [hex(OPEN + "d8 1c 81 d8 1d 00")]],
    ["a reference", [hex(OPEN + "d8 1d 00")]],
    ["a record", [hex(OPEN + "d9 dfff 83 19 e000 81 61 61 01")]],
    ["bundled strings", [hex(OPEN + "d9 dff9 82 1a 00000000 01")]],
    ["packed values", [hex(OPEN + "d8 33 84 80 80 80 01")]],
    ["a generic object", [hex(OPEN + "d8 1b 82 65 4572726f72 61 61")]],
    ["a regular expression", [hex(OPEN + "d8 23 61 61")]],
    ["a set that is a map", [hex(OPEN + "d90102 a0")]],
    ["a map that is an array", [hex(OPEN + "d90103 80")]],
    ["a typed array that ends within an element", [
      hex(OPEN + "d8 4e 43 000000"),
    ]],
    ["a typed array that is an array", [hex(OPEN + "d8 40 81 00")]],
    ["a typed array that has no counterpart", [hex(OPEN + "d8 54 42 0000")]],
  ],
});
