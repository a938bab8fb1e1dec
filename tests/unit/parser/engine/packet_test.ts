import { assert, describe, it } from "../../../harness/mod.ts";
import {
  decodePacket,
  encodePacket,
  type Packet,
  PacketType,
  ParseError,
} from "../../../../parser/engine/mod.ts";

const TABLE: readonly (readonly [
  name: string,
  packet: Packet,
  frame: string | Uint8Array,
])[] = [
  ["open", { type: PacketType.Open, data: '{"sid":"x"}' }, '0{"sid":"x"}'],
  ["close", { type: PacketType.Close, data: "" }, "1"],
  ["ping", { type: PacketType.Ping, data: "" }, "2"],
  ["a probing ping", { type: PacketType.Ping, data: "probe" }, "2probe"],
  ["pong", { type: PacketType.Pong, data: "probe" }, "3probe"],
  ["a message", { type: PacketType.Message, data: "hello" }, "4hello"],
  ["an empty message", { type: PacketType.Message, data: "" }, "4"],
  [
    "a message beyond ASCII",
    { type: PacketType.Message, data: "€😀\0" },
    "4€😀\0",
  ],
  [
    "a binary message",
    { type: PacketType.Message, data: Uint8Array.of(1, 2) },
    Uint8Array.of(1, 2),
  ],
  [
    "an empty binary message",
    { type: PacketType.Message, data: new Uint8Array() },
    new Uint8Array(),
  ],
  ["upgrade", { type: PacketType.Upgrade, data: "" }, "5"],
  ["noop", { type: PacketType.Noop, data: "" }, "6"],
];

describe("Engine.IO packet", () => {
  for (const [name, packet, frame] of TABLE) {
    it(`encodePacket() of ${name}`, () => assert.deepEqual(encodePacket(packet), frame));
    it(`decodePacket() of ${name}`, () => assert.deepEqual(decodePacket(frame), packet));
  }

  for (
    const frame of ["", "7", "9x", "b%", "x", " 4", "-1", "٤x", "{}", "\ud800"]
  ) {
    it(`decodePacket() of ${JSON.stringify(frame)} throws`, () => {
      assert.throws(() => decodePacket(frame), ParseError);
    });
  }

  it("decodePacket() takes binary data as text", () => {
    const data = new Uint8Array([1, 2, 255]);
    assert.deepEqual(decodePacket("bAQL/"), { type: PacketType.Message, data });
  });

  it("names the unknown type", () => {
    assert.throws(() => decodePacket("9x"), {
      name: "ParseError",
      message: 'Cannot decode packet: unknown type "9"',
    });
  });
});
