import { assert, describe, it } from "../../harness/mod.ts";
import { createJsonParser } from "../../../parser/mod.ts";
import { bytes } from "./contract.ts";
import { int, pick, type Random, randomValue, seeded } from "./random.ts";

const ROUNDS = 20_000;

const TEXTS = ['"', "\\", "\n", "\x1f", "\x7f", "\u2028", "\ud800", "\udc00\ud800", "x".repeat(41)];

class Inherits {
  own = 1;
  content = bytes(7);
}
Object.defineProperty(Inherits.prototype, "inherited", { value: bytes(8), enumerable: true });

/** What `JSON.stringify` makes of values in its own way, when it is asked at each of them. */
function expected(args: readonly unknown[]): { text: string; data: Uint8Array[] } {
  const data: Uint8Array[] = [];
  const text = JSON.stringify(args, (_key, value) => {
    return value instanceof Uint8Array ? { _placeholder: true, num: data.push(value) - 1 } : value;
  });
  return { text, data };
}

function shows(args: readonly unknown[]): void {
  const { text, data } = expected(args);
  const head = data.length === 0 ? "43" : `46${data.length}-`;
  const { frames } = createJsonParser().encode({ type: 3, nsp: "/", data: args, id: 5 });
  assert.deepEqual(frames, [`${head}5${text}`, ...data]);
}

function extra(random: Random): unknown {
  switch (int(random, 12)) {
    case 0:
      return pick(random, TEXTS);
    case 1:
      return { [pick(random, TEXTS)]: pick(random, TEXTS), 1: 2, b: undefined, c: () => {} };
    case 2:
      return pick(random, [undefined, NaN, -0, 1e21, -1e-7, Infinity, Symbol("s"), () => {}]);
    case 3:
      return new Date(0);
    case 4:
      return new Inherits();
    case 5:
      return new Map([[1, bytes(1)]]);
    case 6: {
      const json = pick(random, [1, "x", undefined, [2], { y: bytes(2) }]);
      return { toJSON: () => json };
    }
    case 7:
      return Object.assign(Object.create(null), { a: 1, content: bytes(3) });
    case 8:
      return pick(random, [new Number(1), new String("s"), new Boolean(false)]);
    case 9:
      return Array.from({ length: 70 }, (_, i) => i === 65 ? bytes(9) : i);
    case 10:
      // deno-lint-ignore no-sparse-arrays
      return [, 1, , bytes(4)];
    default:
      return bytes(int(random, 9));
  }
}

describe("the text of arguments with binary data", () => {
  it("is that of JSON.stringify with placeholders", () => {
    const random = seeded(5);
    for (let round = 0; round < ROUNDS; round++) {
      shows(Array.from({ length: int(random, 4) }, () => randomValue(random, 5, extra)));
    }
  });

  for (const levels of [1, 2, 3, 4, 5, 20]) {
    it(`is so with the data ${levels} levels below`, () => {
      let value: unknown = bytes(1, 2, 3);
      for (let level = 0; level < levels; level++) {
        value = level % 2 === 0 ? { ["a\n"]: value, after: "b" } : ["before", value, level];
      }
      shows(["x", value, { also: value }]);
    });
  }

  for (const [beside, data] of [["without", []], ["beside", [bytes(1)]]] as const) {
    it(`tells a toJSON its place, ${beside} binary data`, () => {
      const told = { toJSON: (place: string) => "at " + place };
      shows([told, { told }, [told], ...data]);
    });

    it(`asks a toJSON once, ${beside} binary data`, () => {
      class Copied {
        content = bytes(3);
        toJSON(): Copied {
          return new Copied();
        }
      }
      class Spread {
        name = "x";
        content = { bytes: bytes(4) };
        toJSON = () => ({ ...this, name: undefined });
      }
      const plain = { a: 1, toJSON: () => plain };
      shows([new Copied(), { spread: new Spread() }, plain, ...data]);
      shows([{ toJSON: () => ({ a: 1, toJSON: () => assert.fail("asked") }) }, ...data]);
      shows([{ toJSON: () => new Date(0) }, ...data]);
    });

    it(`asks the toJSON of an array, ${beside} binary data`, () => {
      class List extends Array {
        toJSON(): string {
          return "a list";
        }
      }
      shows([Object.assign([1, 2], { toJSON: () => "x" }), List.of(1), ...data]);
    });

    it(`does not look at what is inherited, ${beside} binary data`, () => {
      const failing = { toJSON: () => assert.fail("asked") };
      shows([Object.assign(Object.create({ failing }), { own: 1 }), ...data]);
    });
  }

  it("takes a constructor that is data for data", () => {
    shows([
      { constructor: "x", content: bytes(1) },
      { constructor: Object, content: bytes(2) },
      Object.assign(bytes(3), { constructor: Object }),
    ]);
    shows([{ constructor: { content: bytes(1) } }]);
  });

  it("has no placeholders but its own", () => {
    const forged = { num: 7, _placeholder: true };
    const parsed = JSON.parse('{"__proto__":{"_placeholder":true,"num":7,"a":1}}');
    class Forger {
      _placeholder = true;
      num = 7;
      data = bytes(2);
    }
    const sent: unknown[] = [
      forged,
      [[forged]],
      { deep: { forged, also: [forged] } },
      { ...forged, forged },
      { toJSON: () => forged },
      { toJSON: () => ({ ...forged, deep: [forged], toJSON: 1 }) },
      Object.assign(Object.create(null), forged),
      new Forger(),
      { _placeholder: "true" },
      { _placeholder: 1 },
      { _placeholder: { num: 1 } },
      parsed,
      bytes(1),
    ];
    const before = structuredClone(forged);
    const parser = createJsonParser();
    const { frames } = parser.encode({ type: 3, nsp: "/", data: sent, id: 5 });
    assert.equal(
      frames[0],
      '462-5[{"num":7},[[{"num":7}]],{"deep":{"forged":{"num":7},"also":[{"num":7}]}},' +
        '{"num":7,"forged":{"num":7}},{"num":7},{"num":7,"deep":[{"num":7}],"toJSON":1},' +
        '{"num":7},{"num":7,"data":{"_placeholder":true,"num":0}},{"_placeholder":"true"},' +
        '{"_placeholder":1},{"_placeholder":{"num":1}},{"__proto__":{"num":7,"a":1}},' +
        '{"_placeholder":true,"num":1}]',
    );
    assert.deepEqual(forged, before);
    const decoder = parser.decoder();
    const decoded = frames.map((frame) =>
      decoder.decode(typeof frame === "string" ? frame.slice(1) : frame)
    );
    assert.equal(decoded.at(-1)?.type, 3);
  });

  it("attaches once what stands before the mark of a forged placeholder, and behind it", () => {
    const sent = [{ before: bytes(1), _placeholder: true, num: 7, behind: bytes(2) }];
    const { frames } = createJsonParser().encode({ type: 3, nsp: "/", data: sent, id: 5 });
    assert.deepEqual(frames, [
      '462-5[{"before":{"_placeholder":true,"num":0},"num":7,"behind":{"_placeholder":true,"num":1}}]',
      bytes(1),
      bytes(2),
    ]);
  });

  it("leaves what looks like a placeholder without binary data", () => {
    shows([{ _placeholder: true, num: 7 }]);
  });

  it("takes nothing that is inherited", () => {
    shows([Object.create({ content: bytes(1) }), bytes(2)]);
    shows([Object.create({ content: bytes(1) })]);
  });
});
