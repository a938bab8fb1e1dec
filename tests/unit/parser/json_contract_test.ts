import { createJsonParser, type Frame } from "../../../parser/mod.ts";
import { bytes, parserContract } from "./contract.ts";
import { int } from "./random.ts";

const PLACEHOLDER = '{"_placeholder":true,"num":';
const attachment = bytes(1);

function withNum(num: string): Frame[] {
  return [`51-["e",${PLACEHOLDER}${num}}]`, attachment];
}

parserContract({
  name: "json",
  create: createJsonParser,
  raw: (type, nsp, data, id) =>
    `${type}${nsp === "/" ? "" : nsp + ","}${id ?? ""}${
      data === undefined ? "" : JSON.stringify(data)
    }`,
  deep: ([text, ...attachments], depth) => [
    (text as string).replace('"x"', "[".repeat(depth) + "null" + "]".repeat(depth)),
    ...attachments,
  ],
  selfDelimiting: false,
  extra: (random) => Uint8Array.from({ length: int(random, 6) }, () => int(random, 256)),
  values: [
    ["undefined in an array", [undefined], [null]],
    ["undefined in an object", { a: undefined }, {}],
    ["NaN and infinities", [NaN, Infinity, -Infinity], [null, null, null]],
    ["-0", -0, 0],
    ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["toJSON that returns a Date", [{ toJSON: () => new Date(0) }, bytes(1)], [{}, bytes(1)]],
    ["a Date beside binary data", [new Date(0), bytes(1)], [
      "1970-01-01T00:00:00.000Z",
      bytes(1),
    ]],
    ["a Map", new Map([[1, 2]]), {}],
    ["a Set beside binary data", [new Set([1]), bytes(1)], [{}, bytes(1)]],
    ["a typed array", Uint16Array.of(1, 258), bytes(1, 0, 2, 1)],
    [
      "a byte order mark",
      "\ufeff" + "x".repeat(300),
      "\ufeff" + "x".repeat(300),
    ],
  ],
  malformed: [
    ["nothing", [""]],
    ["an event named by a number that is none", ["2[1e999]"]],
    ["a type that is no digit", ['x["e"]']],
    ["a type beyond ASCII", ['٢["e"]']],
    ["text that is not JSON", ["2[x"]],
    ["an event that is not closed", ['2["e"']],
    ["something behind the JSON", ['2["e"]x']],
    ["a sign before the id", ['2-1["e"]']],
    ["an id with a fraction", ['21.5["e"]']],
    ["an id in hexadecimal", ['20x1["e"]']],
    ["a million digits of an id", ["2" + "1".repeat(1_000_000) + '["e"]']],
    ["an id beyond 2^53", ['29007199254740993["e"]']],
    ["a namespace without comma and data", ["2/admin"]],
    ["binary data first", [attachment]],
    ["binary data behind a packet without attachments", ['2["e"]', attachment]],
    ["a binary event without count", ['5["e"]']],
    ["a binary event with an empty count", ['5-["e"]']],
    ["a binary event with no attachments", ['50-["e"]']],
    ["a binary ack with no attachments", ["60-1[]"]],
    ["zeros only as a count", ['5000-["e"]']],
    ["a negative count", ['5-1-["e"]']],
    ["a count with a fraction", ['51.5-["e"]']],
    ["a count in exponent form", ['51e1-["e"]']],
    ["a count with spaces", ['5 1-["e"]']],
    ["a count without dash", ['51["e"]']],
    ["11 attachments", ['511-["e"]']],
    ["a million digits of a count", ["5" + "1".repeat(1_000_000) + '-["e"]']],
    ["text instead of an attachment", [
      '51-["e",{"_placeholder":true,"num":0}]',
      '2["e"]',
    ]],
    ["one attachment too many", [
      '51-["e",{"_placeholder":true,"num":0}]',
      attachment,
      attachment,
    ]],
    ["a placeholder without num", [
      `51-["e",{"_placeholder":true}]`,
      attachment,
    ]],
    ["num -1", withNum("-1")],
    ["num 1.5", withNum("1.5")],
    ["num as text", withNum('"0"')],
    ["num __proto__", withNum('"__proto__"')],
    ["num length", withNum('"length"')],
    ["num beyond the attachments", withNum("1")],
    ["num 10^9", withNum("1000000000")],
    ["num that is an object", withNum("{}")],
    ["num that is null", withNum("null")],
    ["num that is true", withNum("true")],
    ["num that is an array", withNum("[0]")],
    ["a placeholder as event name", [
      '51-[{"_placeholder":true,"num":0}]',
      attachment,
    ]],
    ["a binary event with a reserved name", [
      '51-["disconnect",{"_placeholder":true,"num":0}]',
    ]],
    ["a binary event that is an object", [
      '51-{"_placeholder":true,"num":0}',
      attachment,
    ]],
    ["a binary ack without id", [
      '61-[{"_placeholder":true,"num":0}]',
      attachment,
    ]],
    ["100,000 nested arrays", [
      '2["e",' + "[".repeat(100_000) + "]".repeat(100_000) + "]",
    ]],
    ["100,000 nested arrays, not closed", ['2["e",' + "[".repeat(100_000)]],
    ["100,000 nested objects", [
      '2["e",' + '{"a":'.repeat(100_000) + "1" + "}".repeat(100_001),
    ]],
  ],
});
