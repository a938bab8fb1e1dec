import { assert, describe, it } from "../../../harness/mod.ts";
import {
  decodeBase64,
  decodeOpen,
  encodeBase64,
  encodeOpen,
  ParseError,
} from "../../../../parser/engine/mod.ts";

const OPEN = {
  sid: "lv_VI97HAXpY6yYWAAAC",
  upgrades: ["websocket"],
  pingInterval: 25000,
  pingTimeout: 20000,
  maxPayload: 1000000,
};
const TEXT = '{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,' +
  '"pingTimeout":20000,"maxPayload":1000000}';

describe("open packet", () => {
  it("encodeOpen()", () => assert.equal(encodeOpen(OPEN), TEXT));
  it("decodeOpen()", () => assert.deepEqual(decodeOpen(TEXT), OPEN));

  it("decodeOpen() of protocol 3 has no maxPayload", () => {
    const { maxPayload: _, ...rest } = OPEN;
    assert.deepEqual(decodeOpen(JSON.stringify(rest)), {
      ...OPEN,
      maxPayload: Infinity,
    });
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ["sid", 1],
    ["sid", undefined],
    ["upgrades", "websocket"],
    ["upgrades", undefined],
    ["pingInterval", "25000"],
    ["pingInterval", -1],
    ["pingTimeout", null],
    ["maxPayload", "1"],
  ];
  for (const [field, value] of wrong) {
    it(`decodeOpen() with ${field} ${JSON.stringify(value)} throws`, () => {
      assert.throws(
        () => decodeOpen(JSON.stringify({ ...OPEN, [field]: value })),
        ParseError,
      );
    });
  }
  for (const text of ["", "{", "null", "5", '"x"', "[]"]) {
    it(`decodeOpen() of ${JSON.stringify(text)} throws`, () => {
      assert.throws(() => decodeOpen(text), ParseError);
    });
  }
});

const BASE64: readonly (readonly [bytes: number[], text: string])[] = [
  [[], ""],
  [[0], "AA=="],
  [[255, 254], "//4="],
  [[251, 239, 190], "++++"],
  [[1, 2, 3, 4], "AQIDBA=="],
];

describe("base64", () => {
  for (const [bytes, text] of BASE64) {
    it(`of [${bytes}]`, () => {
      assert.equal(encodeBase64(Uint8Array.from(bytes)), text);
      assert.deepEqual(decodeBase64(text), Uint8Array.from(bytes));
      assert.deepEqual(
        decodeBase64(text.replaceAll("=", "")),
        Uint8Array.from(bytes),
      );
    });
  }

  it("of all bytes, longer than an argument list", () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i * 7 & 0xff);
    assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes);
  });

  it("without the methods of newer runtimes", () => {
    const native = Object.getOwnPropertyDescriptor(Uint8Array, "fromBase64");
    const ownNative = Object.getOwnPropertyDescriptor(
      Uint8Array.prototype,
      "toBase64",
    );
    const constructor = Uint8Array as { fromBase64?: unknown };
    const prototype = Uint8Array.prototype as { toBase64?: unknown };
    try {
      delete constructor.fromBase64;
      delete prototype.toBase64;
      const bytes = Uint8Array.from(
        { length: 100_000 },
        (_, i) => i * 31 & 0xff,
      );
      assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes);
      assert.throws(() => decodeBase64("*"), ParseError);
    } finally {
      if (native !== undefined) {
        Object.defineProperty(Uint8Array, "fromBase64", native);
      }
      if (ownNative !== undefined) {
        Object.defineProperty(Uint8Array.prototype, "toBase64", ownNative);
      }
    }
  });

  for (const text of ["A", "*", "AA=A", "====", "AQI\0", "é"]) {
    it(`decodeBase64() of ${JSON.stringify(text)} throws`, () => {
      assert.throws(() => decodeBase64(text), ParseError);
    });
  }
});
