import { assert, describe, it } from "../../../harness/mod.ts";
import { type Frame, Message, ParseError } from "../../../../parser/engine/mod.ts";
import { decodeForm, encodeCall } from "../../../../server/engine/jsonp.ts";
import { LegacyFrames } from "../../../../server/engine/legacy.ts";
import { legacyCodec } from "../../../../server/engine/legacy_payload.ts";

const bytes = legacyCodec(false);
const base64 = legacyCodec(true);
const MANY = 100;

function queue(...frames: Frame[]) {
  return [{ message: new Message(frames), compress: false, sent: undefined }];
}

function decode(body: string | Uint8Array, maxPackets = MANY, query = {}): [number, Frame][] {
  const packets: [number, Frame][] = [];
  bytes.decode(body, (type, data) => void packets.push([type, data]), maxPackets, query);
  return packets;
}

describe("legacyCodec", () => {
  const binary = new Uint8Array([1, 2, 3, 4]);
  const hex = Uint8Array.of(
    ...[0, 6, 255, 52, 104, 101, 108, 108, 111],
    ...[1, 5, 255, 4, 1, 2, 3, 4],
  );

  it("writes the length in front of each text", () => {
    assert.deepEqual(bytes.encode(queue("4hello", "4€"), {}), {
      body: "6:4hello2:4€",
      type: "text",
    });
  });

  it("writes bytes if something is binary, and base64 to clients that take text only", () => {
    assert.deepEqual(bytes.encode(queue("4hello", binary), {}), { body: hex, type: "binary" });
    assert.deepEqual(base64.encode(queue("4hello", binary), {}), {
      body: "6:4hello10:b4AQIDBA==",
      type: "text",
    });
  });

  it("reads what it writes", () => {
    const expected = [[4, "hello"], [4, binary]];
    assert.deepEqual(decode(hex), expected);
    assert.deepEqual(decode("6:4hello10:b4AQIDBA=="), expected);
    const large = Array.from({ length: 30 }, (_, i) => "4" + "é€😀".repeat(i));
    const body = bytes.encode(queue(...large, binary), {}).body;
    assert.deepEqual(decode(body), [...large.map((text) => [4, text.slice(1)]), [4, binary]]);
  });

  it("hands over the packets before a bad one", () => {
    const bad = [
      "",
      "abc",
      "4hello",
      ":4",
      "2:4",
      "-1:4",
      "1e1:4",
      "99999999999:4",
      "1:9",
      "2:b4",
      "0:",
    ];
    for (const tail of bad) {
      const seen: number[] = [];
      const run = () => bytes.decode("1:2" + tail, (type) => void seen.push(type), MANY, {});
      if (tail === "") run();
      else if (tail === "2:b4") run();
      else assert.throws(run, ParseError, tail);
      assert.equal(seen[0], 2, tail);
    }
    for (
      const body of [[], [0], [0, 1], [0, 255], [1, 10, 255, 4], [1, 2, 255, 4], [0, 1, 255, 57]]
    ) {
      assert.throws(() => decode(new Uint8Array(body)), ParseError, String(body));
    }
  });

  it("takes no more packets than allowed and stops when told", () => {
    assert.throws(() => decode("1:2".repeat(4), 3), ParseError);
    let count = 0;
    bytes.decode("1:2".repeat(4), () => ++count < 2, MANY, {});
    assert.equal(count, 2);
  });

  it("reads long digits in no time", () => {
    assert.throws(() => decode("9".repeat(1_000_000) + ":4"), ParseError);
    assert.throws(() => decode(new Uint8Array(1_000_000).fill(9)), ParseError);
  });
});

describe("JSONP", () => {
  it("calls the client's function and nothing else", () => {
    assert.equal(encodeCall("3", '1:2"\u2028'), '___eio[3]("1:2\\"\\u2028");');
    assert.equal(encodeCall("0];alert(1);x[", "a"), '___eio[01]("a");');
  });

  it("reads line breaks as the client writes them", () => {
    const write = (text: string) =>
      "d=" + encodeURIComponent(text.replace(/\\n/g, "\\\n").replace(/\n/g, "\\n"));
    for (const text of ["a\nb", "a\\nb", "\\", "\n\n", "7:4a\nb\\nc", "plain"]) {
      assert.equal(decodeForm(write(text)), text);
    }
    assert.throws(() => decodeForm("x=1"), ParseError);
  });

  it("goes through the codec", () => {
    assert.deepEqual(bytes.encode(queue(new Uint8Array([1])), { j: "2" }), {
      body: '___eio[2]("6:b4AQ==");',
      type: "script",
    });
    assert.deepEqual(decode("d=2%3A4a", MANY, { j: "2" }), [[4, "a"]]);
  });
});

describe("LegacyFrames", () => {
  const read = (frame: Frame) => {
    const packets: unknown[] = [];
    new LegacyFrames(false).decode(frame, { packet: (...packet) => packets.push(packet) });
    return packets;
  };

  it("puts the type in front of binary data", () => {
    const data = new Uint8Array([7, 8]);
    assert.deepEqual(new LegacyFrames(false).encode(data), new Uint8Array([4, 7, 8]));
    assert.equal(new LegacyFrames(true).encode(data), "b4Bwg=");
    assert.equal(new LegacyFrames(true).encode("4x"), "4x");
  });

  it("reads text, bytes and base64", () => {
    assert.deepEqual(read("4x"), [[4, "x"]]);
    assert.deepEqual(read(new Uint8Array([4, 7, 8])), [[4, new Uint8Array([7, 8])]]);
    assert.deepEqual(read("b4Bwg="), [[4, new Uint8Array([7, 8])]]);
    for (const bad of ["", "x", "b", "b2AA==", new Uint8Array(), new Uint8Array([9])]) {
      assert.throws(() => read(bad), ParseError);
    }
  });
});
