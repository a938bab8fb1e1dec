import { encode } from "@msgpack/msgpack";
import { createMsgpackParser } from "../../../parser/msgpack/mod.ts";
import { bytes, hex, nestedBehind, parserContract } from "./contract.ts";
import { int, pick, type Random } from "./random.ts";

// { type: 2, nsp: "/", data: ["e", …] }, to be closed by one value.
const OPEN = "83 a4 74797065 02 a3 6e7370 a1 2f a4 64617461 92 a1 65 ";
// The same with a reserved name would be another length; { type: 1, nsp: "/" } plus one field.
const FIELD = "83 a4 74797065 01 a3 6e7370 a1 2f ";

function extra(random: Random): unknown {
  return pick(random, [
    () => Uint8Array.from({ length: int(random, 300) }, () => int(random, 256)),
    () => undefined,
    () => new Date(int(random, 2 ** 32) * 1000 - 2 ** 41),
    () => NaN,
    () => -Infinity,
  ])();
}

parserContract({
  name: "msgpack",
  create: createMsgpackParser,
  raw: (type, nsp, data, id) =>
    encode({
      type,
      nsp,
      ...(data === undefined ? {} : { data }),
      ...(id === undefined ? {} : { id }),
    }),
  deep: (frames, depth) => nestedBehind(frames, depth, [0x91, 0xc0]),
  selfDelimiting: true,
  extra,
  values: [
    ["undefined", [undefined, { a: undefined }], [undefined, { a: undefined }]],
    ["NaN and infinities", [NaN, Infinity, -Infinity], [
      NaN,
      Infinity,
      -Infinity,
    ]],
    ["-0", -0, 0],
    ["a Date", new Date(1_700_000_000_123), new Date(1_700_000_000_123)],
    [
      "a Date before 1970",
      new Date(-62_198_755_200_001),
      new Date(-62_198_755_200_001),
    ],
    ["an invalid Date", new Date(NaN), null],
    ["toJSON that returns a Date", { toJSON: () => new Date(5) }, new Date(5)],
    ["a Map", new Map([[1, 2]]), {}],
    ["a typed array", Uint16Array.of(1, 258), bytes(1, 0, 2, 1)],
    ["large whole numbers", [2 ** 53 - 1, -(2 ** 53 - 1)], [
      2 ** 53 - 1,
      -(2 ** 53 - 1),
    ]],
    ["20 binary values", Array(20).fill(bytes(1)), Array(20).fill(bytes(1))],
    ["a byte order mark in a short text", "\ufeffx", "\ufeffx"],
    [
      "a byte order mark in a long text",
      "\ufeff" + "x".repeat(300),
      "x".repeat(300),
    ],
  ],
  malformed: [
    ["nothing", [bytes()]],
    ["text", ['2["e"]']],
    ["an array", [hex("90")]],
    ["a number", [hex("02")]],
    ["an empty map", [hex("80")]],
    ["a namespace that is a number", [encode({ type: 1, nsp: 5 })]],
    ["a namespace without slash", [encode({ type: 1, nsp: "a" })]],
    ["a namespace with a comma", [
      encode({ type: 2, nsp: "/a,b", data: ["e"] }),
    ]],
    ["an id that is a text", [
      encode({ type: 3, nsp: "/", data: [], id: "1" }),
    ]],
    ["an id that is null", [
      encode({ type: 2, nsp: "/", data: ["e"], id: null }),
    ]],
    ["a negative id", [encode({ type: 3, nsp: "/", data: [], id: -1 })]],
    ["an id with a fraction", [
      encode({ type: 3, nsp: "/", data: [], id: 1.5 }),
    ]],
    ["an id of 2^53 + 1", [
      hex(
        "84 a4 74797065 03 a3 6e7370 a1 2f a4 64617461 90 a2 6964 cf 0020000000000001",
      ),
    ]],
    ["a type that is a text", [encode({ type: "2", nsp: "/", data: ["e"] })]],
    ["a type with a fraction", [encode({ type: 2.5, nsp: "/", data: ["e"] })]],
    ["the binary types of the text format", [
      encode({ type: 5, nsp: "/", data: ["e"] }),
    ]],
    ["connect with binary data", [
      encode({ type: 0, nsp: "/", data: bytes(1) }),
    ]],
    ["a connect error with a date", [
      encode({ type: 4, nsp: "/", data: new Date() }),
    ]],
    ["an event name that is binary", [
      encode({ type: 2, nsp: "/", data: [bytes(101)] }),
    ]],
    ["an event whose name stands in the prototype", [
      encode({ type: 2, nsp: "/", data: { 0: "e", length: 1 } }),
    ]],
    ["type given twice, the last unknown", [
      hex(
        "84 a4 74797065 02 a3 6e7370 a1 2f a4 64617461 91 a1 65 a4 74797065 09",
      ),
    ]],
    ["the never used type", [hex(OPEN + "c1")]],
    ["an unknown extension", [hex(OPEN + "d4 05 00")]],
    ["an unknown extension of 16 bytes", [
      hex(OPEN + "d8 00" + "00".repeat(16)),
    ]],
    ["an unknown long extension", [hex(OPEN + "c7 01 07 00")]],
    ["a notepack extension of 2 bytes", [hex(OPEN + "d5 00 00 00")]],
    ["a map with a number as key", [hex(OPEN + "81 01 01")]],
    ["a map with a map as key", [hex(OPEN + "81 80 01")]],
    ["a map with null as key", [hex(OPEN + "81 c0 01")]],
    ["an array that announces 2^32 - 1", [hex(OPEN + "dd ffffffff")]],
    ["a map that announces 2^32 - 1", [hex(OPEN + "df ffffffff")]],
    ["a text that announces 2^32 - 1", [hex(OPEN + "db ffffffff 61")]],
    ["binary data that announces 2^32 - 1", [hex(OPEN + "c6 ffffffff 00")]],
    ["an extension that announces 2^32 - 1", [hex(OPEN + "c9 ffffffff 00 00")]],
    ["arrays that each announce all that is left", [
      hex(OPEN + "dd 00000fff".repeat(900)),
    ]],
    ["100,000 nested arrays", [hex(OPEN + "91".repeat(100_000) + "c0")]],
    ["100,000 nested maps", [hex(OPEN + "81 a1 61".repeat(100_000) + "c0")]],
    ["a key __proto__ that stands at the top", [
      hex(FIELD + "a9 5f5f70726f746f5f5f 91"),
    ]],
  ],
});
