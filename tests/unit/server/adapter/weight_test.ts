import { weightOf } from "../../../../server/adapter/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const MEGABYTE = 1_000_000;

describe("weightOf()", () => {
  const LARGE: Record<string, unknown> = {
    "a text": "x".repeat(MEGABYTE),
    "binary data": [new Uint8Array(MEGABYTE)],
    "an empty list for every three characters": Array.from({ length: 300_000 }, () => []),
    "an empty object for every three characters": Array.from({ length: 300_000 }, () => ({})),
    "numbers": Array(450_000).fill(1),
    "keys": Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, 1])),
    "a map": new Map(Array.from({ length: 100_000 }, (_, i) => [i, "text"])),
    "a set": new Set(Array.from({ length: 100_000 }, (_, i) => `text ${i}`)),
    "what is deep inside": { a: [{ b: { c: [new Map([["d", "x".repeat(MEGABYTE)]])] } }] },
  };
  for (const [what, value] of Object.entries(LARGE)) {
    it(`counts ${what}`, () => {
      const weight = weightOf(value);
      assert.ok(weight >= MEGABYTE && weight < 20 * MEGABYTE, `${weight}`);
    });
  }

  it("counts little where there is little", () => {
    for (const value of [undefined, null, 1, "", {}, [], { token: "a short one" }]) {
      assert.ok(weightOf(value) < 200);
    }
  });

  it("ends where a value does not, and goes into any depth", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    assert.ok(weightOf(loop, 5000) > 5000);
    let deep: unknown = "bottom";
    for (let i = 0; i < 200_000; i++) deep = [deep];
    assert.ok(weightOf(deep) > 200_000);
  });
});
