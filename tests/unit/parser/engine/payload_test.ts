import { assert, describe, it } from "../../../harness/mod.ts";
import {
  decodePayload,
  encodePayload,
  type Frame,
  Message,
  type PacketType,
  ParseError,
} from "../../../../parser/engine/mod.ts";

type Visited = (readonly [PacketType, Frame])[];

function decode(payload: string, maxPackets?: number): Visited {
  const visited: Visited = [];
  decodePayload(payload, (type, data) => {
    visited.push([type, data]);
  }, maxPackets);
  return visited;
}

const TABLE: readonly (readonly [string, readonly Frame[], string, Visited])[] = [
  ["one packet", ["4a"], "4a", [[4, "a"]]],
  ["several packets", ["4a", "2", "4€"], "4a\x1e2\x1e4€", [
    [4, "a"],
    [2, ""],
    [4, "€"],
  ]],
  ["binary data", [Uint8Array.of(1, 2, 3, 4)], "bAQIDBA==", [[
    4,
    Uint8Array.of(1, 2, 3, 4),
  ]]],
  ["text and binary data", ["4test", Uint8Array.of(255)], "4test\x1eb/w==", [
    [4, "test"],
    [4, Uint8Array.of(255)],
  ]],
  ["empty binary data", ["6", new Uint8Array()], "6\x1eb", [[6, ""], [
    4,
    new Uint8Array(),
  ]]],
];

const MALFORMED = [
  "",
  "\x1e",
  "4a\x1e",
  "\x1e4a",
  "4a\x1e\x1e4b",
  "7",
  "bA",
  "b*",
  "4a\x1exyz",
];

describe("Engine.IO payload", () => {
  for (const [name, frames, payload, packets] of TABLE) {
    it(`encodePayload() of ${name}`, () => assert.equal(encodePayload(frames), payload));
    it(`decodePayload() of ${name}`, () => assert.deepEqual(decode(payload), packets));
  }

  for (const payload of MALFORMED) {
    it(`decodePayload() of ${JSON.stringify(payload)} throws`, () => {
      assert.throws(() => decode(payload), ParseError);
    });
  }

  it("hands over what stands before a bad packet", () => {
    const visited: Frame[] = [];
    assert.throws(() => decodePayload("4a\x1e4b\x1e9\x1e4c", (_, data) => void visited.push(data)));
    assert.deepEqual(visited, ["a", "b"]);
  });

  it("stops when visit returns false, before what is bad", () => {
    const visited: Frame[] = [];
    decodePayload("4a\x1e4b\x1e9", (_, data) => visited.push(data) < 2);
    assert.deepEqual(visited, ["a", "b"]);
  });

  it("throws past the most packets", () => {
    assert.equal(decode("2\x1e2\x1e2", 3).length, 3);
    assert.throws(() => decode("2\x1e2\x1e2\x1e2", 3), ParseError);
    assert.throws(() => decode("2\x1e".repeat(500_000), 1000), ParseError);
  });

  it("every split point raises nothing but ParseError", () => {
    const payload = encodePayload([
      "4test",
      Uint8Array.of(1, 2, 3),
      "2probe",
      "40/admin,",
    ]);
    for (let at = 0; at <= payload.length; at++) {
      for (const part of [payload.slice(0, at), payload.slice(at)]) {
        try {
          assert.ok(decode(part).length > 0);
        } catch (error) {
          assert.ok(error instanceof ParseError, String(error));
        }
      }
    }
  });
});

describe("Message", () => {
  it("holds its frames and their polling form", () => {
    const message = new Message(["42[]", Uint8Array.of(1)]);
    assert.deepEqual(message.frames, ["42[]", Uint8Array.of(1)]);
    assert.equal(message.payload, "42[]\x1ebAQ==");
    assert.equal(message.payload, message.payload);
    assert.equal(message.ready, undefined);
  });

  it("Message.text() is one packet", () => {
    assert.deepEqual(Message.text("hi").frames, ["4hi"]);
  });

  it("Message.deferred() gets its frames later", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly Frame[]>();
    const message = Message.deferred(promise, () => assert.fail());
    assert.deepEqual(message.frames, []);
    assert.ok(message.ready instanceof Promise);
    resolve(["4a"]);
    await message.ready;
    assert.equal(message.ready, undefined);
    assert.deepEqual(message.frames, ["4a"]);
    assert.equal(message.payload, "4a");
  });

  it("Message.deferred() whose reading fails holds none and tells why", async () => {
    const errors: unknown[] = [];
    const failure = new Error("gone");
    const message = Message.deferred(
      Promise.reject(failure),
      (error) => errors.push(error),
    );
    await message.ready;
    assert.deepEqual(errors, [failure]);
    assert.deepEqual(message.frames, []);
    assert.equal(message.ready, undefined);
  });
});
