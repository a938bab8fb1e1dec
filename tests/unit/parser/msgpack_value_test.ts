import { decode, encode } from "@msgpack/msgpack";
import { decodeValue, encodeStandardValue, encodeValue } from "../../../parser/msgpack/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";

const VALUES: readonly (readonly [name: string, value: unknown, read: unknown])[] = [
  ["texts", "ü", "ü"],
  ["nothing", undefined, null],
  ["nothing in an object", { a: undefined, b: null }, { a: null, b: null }],
  ["a date", [new Date(1500)], [new Date(1500)]],
  ["a date before 1970", new Date(-1), new Date(-1)],
  ["a date far away", new Date(8.64e15), new Date(8.64e15)],
  ["a date that is none", new Date(NaN), null],
  ["bytes", { a: new Uint8Array([1]) }, { a: new Uint8Array([1]) }],
  ["toJSON", { toJSON: () => [1] }, [1]],
];

describe("encodeStandardValue()", () => {
  for (const [name, value, read] of VALUES) {
    it(`writes ${name} as others read it`, () => {
      const bytes = encodeStandardValue(value);
      assert.deepEqual(decode(bytes), read);
      assert.deepEqual(decodeValue(bytes), read);
    });
  }

  it("writes what the library of npm writes", () => {
    const value = {
      uid: "a",
      list: [1, -1, 1.5, true, null],
      at: new Date(5),
      bytes: new Uint8Array(3),
    };
    assert.deepEqual(encodeStandardValue(value), encode(value));
  });

  it("refuses what cannot travel", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const value of [cyclic, 1n, new Blob(["a"])]) {
      assert.throws(() => encodeStandardValue(value), TypeError);
    }
  });
});

describe("encodeValue()", () => {
  it("keeps undefined and dates", () => {
    const value = { none: [undefined], at: new Date(1500) };
    assert.deepEqual(decodeValue(encodeValue(value)), value);
  });
});
