import { Encoder } from "cbor-x/index-no-eval";
import { assert, describe, it } from "../../harness/mod.ts";
import type { Packet } from "../../../parser/mod.ts";
import { cborParser, createCborParser } from "../../../parser/cbor/mod.ts";
import { bytes, decodeAll, hex, received, refuses, roundTripValue, toHex } from "./contract.ts";

/** The examples of docs/protocol.md among others. */
const TABLE: readonly (readonly [packet: Packet, frame: string])[] = [
  [{ type: 0, nsp: "/" }, "a1 00 00"],
  [
    { type: 0, nsp: "/", data: { token: "x" } },
    "a2 00 00 03 a1 65 74 6f 6b 65 6e 61 78",
  ],
  [{ type: 1, nsp: "/admin" }, "a2 00 01 01 66 2f 61 64 6d 69 6e"],
  [{ type: 2, nsp: "/", data: ["hi", 1] }, "a2 00 02 03 82 62 68 69 01"],
  [
    { type: 2, nsp: "/", data: ["hi"], id: 12 },
    "a3 00 02 02 0c 03 81 62 68 69",
  ],
  [
    { type: 2, nsp: "/a", data: [5], id: 24 },
    "a4 00 02 01 62 2f 61 02 18 18 03 81 05",
  ],
  [{ type: 3, nsp: "/", data: [], id: 256 }, "a3 00 03 02 19 01 00 03 80"],
  [
    { type: 3, nsp: "/", data: [], id: 65536 },
    "a3 00 03 02 1a 00 01 00 00 03 80",
  ],
  [
    { type: 3, nsp: "/", data: [], id: 2 ** 53 - 1 },
    "a3 00 03 02 1b 00 1f ff ff ff ff ff ff 03 80",
  ],
  [{ type: 4, nsp: "/", data: "no" }, "a2 00 04 03 62 6e 6f"],
];

const EVENT = "a2 00 02 03 82 61 65 ";

const VALUES: readonly (readonly [name: string, value: unknown, item: string])[] = [
  ["a whole number", 1000, "19 03 e8"],
  ["a negative number", -500, "39 01 f3"],
  ["a number beyond 32 bits", 2 ** 32, "fb 41 f0 00 00 00 00 00 00"],
  ["a fraction", 1.5, "fb 3f f8 00 00 00 00 00 00"],
  ["NaN", NaN, "fb 7f f8 00 00 00 00 00 00"],
  [
    "true, false, null and undefined",
    [true, false, null, undefined],
    "84 f5 f4 f6 f7",
  ],
  ["a text", "é", "62 c3 a9"],
  ["bytes", bytes(1, 2), "42 01 02"],
  ["an object", { a: [] }, "a1 61 61 80"],
  [
    "a date of whole seconds",
    new Date(1_700_000_000_000),
    "c1 1a 65 53 f1 00",
  ],
  [
    "a date with milliseconds",
    new Date(500),
    "c1 fb 3f e0 00 00 00 00 00 00",
  ],
  ["a Set", new Set([1]), "d9 01 02 81 01"],
  ["a Map", new Map([[1, "a"]]), "d9 01 03 a1 01 61 61"],
  ["a BigInt of 64 bits", 5n, "1b 00 00 00 00 00 00 00 05"],
  ["a negative BigInt of 64 bits", -5n, "3b 00 00 00 00 00 00 00 04"],
  ["a larger BigInt", 2n ** 64n, "c2 49 01 00 00 00 00 00 00 00 00"],
  [
    "a larger negative BigInt",
    -(2n ** 64n) - 1n,
    "c3 49 01 00 00 00 00 00 00 00 00",
  ],
  ["Uint8ClampedArray", Uint8ClampedArray.of(1), "d8 44 41 01"],
  ["Uint16Array", Uint16Array.of(1), "d8 45 42 01 00"],
  ["Uint32Array", Uint32Array.of(1), "d8 46 44 01 00 00 00"],
  [
    "BigUint64Array",
    BigUint64Array.of(1n),
    "d8 47 48 01 00 00 00 00 00 00 00",
  ],
  ["Int8Array", Int8Array.of(-1), "d8 48 41 ff"],
  ["Int16Array", Int16Array.of(-2), "d8 4d 42 fe ff"],
  ["Int32Array", Int32Array.of(-2), "d8 4e 44 fe ff ff ff"],
  [
    "BigInt64Array",
    BigInt64Array.of(-2n),
    "d8 4f 48 fe ff ff ff ff ff ff ff",
  ],
  ["Float32Array", Float32Array.of(1.5), "d8 55 44 00 00 c0 3f"],
  ["Float64Array", Float64Array.of(1.5), "d8 56 48 00 00 00 00 00 00 f8 3f"],
];

/** What other writers may send. */
const READ: readonly (readonly [name: string, item: string, becomes: unknown])[] = [
  ["a float of 2 bytes", "f9 3e 00", 1.5],
  ["a float of 4 bytes", "fa 3f c0 00 00", 1.5],
  ["a number that is not in the shortest form", "1a 00 00 00 01", 1],
  ["a text that is not in the shortest form", "79 00 01 61", "a"],
  ["tagged bytes", "d8 40 42 01 02", bytes(1, 2)],
  ["big-endian Uint16Array", "d8 41 42 00 01", Uint16Array.of(1)],
  ["big-endian Uint32Array", "d8 42 44 00 00 00 01", Uint32Array.of(1)],
  ["big-endian Int16Array", "d8 49 42 ff fe", Int16Array.of(-2)],
  ["big-endian Int32Array", "d8 4a 44 ff ff ff fe", Int32Array.of(-2)],
  ["big-endian Float32Array", "d8 51 44 3f c0 00 00", Float32Array.of(1.5)],
  [
    "big-endian Float64Array",
    "d8 52 48 3f f8 00 00 00 00 00 00",
    Float64Array.of(1.5),
  ],
  ["a date in seconds before 1970", "c1 20", new Date(-1000)],
  ["a key given twice", "a2 61 61 01 61 61 02", { a: 2 }],
  ["an empty BigInt", "c2 40", 0n],
];

describe("cborParser on the wire", () => {
  for (const [packet, frame] of TABLE) {
    it(`encodes ${frame}`, () => {
      assert.deepEqual(cborParser.encode(packet).frames.map(toHex), [frame]);
    });
    it(`decodes ${frame}`, () => assert.deepEqual(cborParser.decoder().decode(hex(frame)), packet));
  }

  for (const [name, value, item] of VALUES) {
    it(`encodes ${name}`, () => {
      const { frames } = cborParser.encode({
        type: 2,
        nsp: "/",
        data: ["e", value],
      });
      assert.deepEqual(frames.map(toHex), [EVENT + item]);
    });
  }
  for (
    const [name, item, becomes] of [
      ...VALUES.map(([n, v, i]) => [n, i, v] as const),
      ...READ,
    ]
  ) {
    it(`decodes ${name}`, () => {
      const packet = cborParser.decoder().decode(hex(EVENT + item));
      assert.deepEqual(packet, { type: 2, nsp: "/", data: ["e", becomes] });
    });
  }

  it("decodes fields in any order", () => {
    const packet = cborParser.decoder().decode(
      hex("a4 03 81 61 65 02 07 01 62 2f 61 00 02"),
    );
    assert.deepEqual(packet, { type: 2, nsp: "/a", data: ["e"], id: 7 });
  });

  it("refuses a BigInt of more than 1,024 bytes", () => {
    const encode = (value: bigint) => cborParser.encode({ type: 2, nsp: "/", data: ["e", value] });
    assert.equal(encode(2n ** 8192n - 1n).frames.length, 1);
    assert.throws(() => encode(2n ** 8192n), TypeError);
    assert.throws(() => encode(-(2n ** 8192n) - 1n), TypeError);
  });

  it("frames that are kept do not change", () => {
    const packet = (i: number): Packet => ({
      type: 2,
      nsp: "/",
      data: ["e", "x".repeat(i * 3), i],
    });
    const messages = Array.from(
      { length: 1000 },
      (_, i) => cborParser.encode(packet(i)),
    );
    for (const [i, message] of messages.entries()) {
      assert.deepEqual(
        decodeAll(cborParser.decoder(), received(message)),
        packet(i),
      );
    }
  });

  describe("numbers as keys", () => {
    const numbers: readonly (readonly [name: string, key: (i: number) => unknown])[] = [
      ["small numbers", (i) => i],
      ["negative numbers", (i) => -1 - i],
      ["fractions", (i) => i + 0.5],
      ["big integers", (i) => BigInt(i)],
      ["larger big integers", (i) => BigInt(i) << 64n],
      ["negative big integers", (i) => -1n - (BigInt(i) << 64n)],
    ];
    const lenient = createCborParser({ maxNumericKeys: 5000 });
    for (const [name, key] of numbers) {
      for (const kind of ["Set", "Map"]) {
        const make = (count: number) => {
          const keys = ["text", ...Array.from({ length: count }, (_, i) => key(i))];
          return kind === "Set" ? new Set(keys) : new Map(keys.map((key) => [key, 0]));
        };

        it(`takes 1,000 ${name} in a ${kind}, and no more`, () => {
          assert.deepEqual(roundTripValue(cborParser, [make(1000), make(1000)]), [
            make(1000),
            make(1000),
          ]);
          const data = ["e", make(1001)] as const;
          assert.throws(() => cborParser.encode({ type: 2, nsp: "/", data }), {
            name: "TypeError",
            message: /1000 numbers as keys/,
          });
          const message = lenient.encode({ type: 2, nsp: "/", data });
          refuses(cborParser, received(message));
          assert.deepEqual(
            decodeAll(lenient.decoder(), received(message)),
            { type: 2, nsp: "/", data },
          );
        });
      }
    }

    for (const tag of ["c2", "d8 02", "d9 00 02", "da 00 00 00 02"]) {
      it(`counts a big integer with the tag ${tag}`, () => {
        const keys = `${tag} 41 01 `.repeat(1001);
        refuses(cborParser, [hex(`${EVENT} d9 01 02 99 03 e9 ${keys}`)]);
      });
    }
  });

  it("gives the room for a large packet back", () => {
    const { prototype } = Encoder as unknown as { prototype: Record<string, unknown> };
    const { useBuffer } = prototype;
    const given: Uint8Array[] = [];
    prototype.useBuffer = function (buffer: Uint8Array) {
      given.push(buffer);
      (useBuffer as (buffer: Uint8Array) => void).call(this, buffer);
    };
    try {
      const values = ["x".repeat(3_000_000), "é".repeat(1000), bytes(1), "y".repeat(200_000)];
      for (const value of values) assert.deepEqual(roundTripValue(cborParser, value), value);
    } finally {
      prototype.useBuffer = useBuffer;
    }
    assert.deepEqual(given.map(({ length }) => length), [8192]);
  });

  it("accepts() the heads of maps", () => {
    const accepted = Array.from(Array(256).keys()).filter((head) =>
      cborParser.accepts(bytes(head))
    );
    assert.deepEqual(accepted, Array.from({ length: 32 }, (_, i) => 0xa0 + i));
    assert.equal(cborParser.accepts("\xa0"), false);
    assert.equal(cborParser.accepts(bytes()), false);
  });
});
