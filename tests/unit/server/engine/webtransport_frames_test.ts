import { ParseError } from "../../../../parser/engine/mod.ts";
import { encodeStreamFrame, StreamDecoder } from "../../../../server/engine/webtransport_frames.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const LIMIT = 70_000;

const bytesOf = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

const zeros = (length: number) => "00".repeat(length);

function decodeAll(chunks: readonly Uint8Array[], limit = LIMIT): unknown[] {
  const decoder = new StreamDecoder(limit);
  const frames: unknown[] = [];
  for (const chunk of chunks) {
    decoder.add(chunk);
    for (let frame; (frame = decoder.next()) !== undefined;) frames.push(frame);
  }
  return frames;
}

describe("frames on a stream", () => {
  const cases: [string, string | Uint8Array, string][] = [
    ["a text", "4a", "02 3461"],
    ["a text that is not ASCII", "4€", "04 34e282ac"],
    ["a mark that no decoder may drop", "\ufeff", "03 efbbbf"],
    ["a binary message", new Uint8Array([1, 2, 3]), "83 010203"],
    ["125 bytes", new Uint8Array(125), "fd" + zeros(125)],
    ["126 bytes", new Uint8Array(126), "fe 007e" + zeros(126)],
    ["65,535 bytes", new Uint8Array(65_535), "fe ffff" + zeros(65_535)],
    ["65,536 bytes", new Uint8Array(65_536), "ff 0000000000010000" + zeros(65_536)],
    ["126 characters", "4".repeat(126), "7e 007e" + "34".repeat(126)],
  ];
  for (const [name, frame, hex] of cases) {
    it(`encode and decode ${name}`, () => {
      assert.deepEqual(encodeStreamFrame(frame), bytesOf(hex));
      assert.deepEqual(decodeAll([bytesOf(hex)]), [frame]);
    });
  }

  it("may be split at every byte", () => {
    const frames = ["4a", new Uint8Array(130).fill(7), "4€", "4".repeat(300), new Uint8Array([9])];
    const all = new Uint8Array(frames.flatMap((frame) => [...encodeStreamFrame(frame)]));
    for (let split = 0; split <= all.length; split++) {
      assert.deepEqual(decodeAll([all.slice(0, split), all.slice(split)]), frames, `at ${split}`);
    }
    assert.deepEqual(decodeAll([...all].map((byte) => new Uint8Array([byte]))), frames);
  });

  it("may write a short length in a long way", () => {
    assert.deepEqual(decodeAll([bytesOf("7e 0001 36")]), ["6"]);
    assert.deepEqual(decodeAll([bytesOf("ff 0000000000000001 36")]), [new Uint8Array([0x36])]);
  });

  it("keep nothing of the chunk that they came in", () => {
    const chunk = bytesOf("82 0102 81 03");
    const decoder = new StreamDecoder(LIMIT);
    decoder.add(chunk);
    const frame = decoder.next();
    chunk.fill(0);
    assert.deepEqual(frame, new Uint8Array([1, 2]));
  });

  it("take no room for what was only announced", () => {
    const decoder = new StreamDecoder(2 ** 50);
    decoder.add(bytesOf("ff 0001000000000000 01"));
    assert.equal(decoder.next(), undefined);
  });

  const wrong: [string, string][] = [
    ["an empty text", "00"],
    ["an empty binary message", "80"],
    ["no bytes at all, in 16 bits", "7e 0000"],
    ["one byte too many", "ff 0000000000011171"],
    ["2^64 - 1 bytes", "7f ffffffffffffffff"],
    ["text that is not UTF-8", "02 34ff"],
  ];
  for (const [name, hex] of wrong) {
    it(`must not hold ${name}`, () => {
      assert.throws(() => decodeAll([bytesOf(hex)]), ParseError);
    });
  }
});
