import { Buffer } from "node:buffer";
import { assert, describe, it } from "../../harness/mod.ts";
import type { Packet } from "../../../parser/mod.ts";
import { msgpackParser } from "../../../parser/msgpack/mod.ts";
import official from "socket.io-msgpack-parser";
import { bytes, decodeAll, hex, received, refuses, roundTripValue, toHex } from "./contract.ts";
import { int, pick, randomPacket, seeded } from "./random.ts";

const TYPE = "a4 74 79 70 65 ";
const NSP = " a3 6e 73 70 ";
const DATA = " a4 64 61 74 61 ";
const ID = " a2 69 64 ";

const TABLE: readonly (readonly [packet: Packet, frame: string])[] = [
  [{ type: 0, nsp: "/" }, `82 ${TYPE}00${NSP}a1 2f`],
  [{ type: 0, nsp: "/", data: {} }, `83 ${TYPE}00${NSP}a1 2f${DATA}80`],
  [{ type: 1, nsp: "/a" }, `82 ${TYPE}01${NSP}a2 2f 61`],
  [
    { type: 2, nsp: "/", data: ["e"] },
    `83 ${TYPE}02${NSP}a1 2f${DATA}91 a1 65`,
  ],
  [
    { type: 2, nsp: "/", data: [1, -1] },
    `83 ${TYPE}02${NSP}a1 2f${DATA}92 01 ff`,
  ],
  [
    { type: 2, nsp: "/", data: ["e", bytes(1, 2)], id: 3 },
    `84 ${TYPE}02${NSP}a1 2f${ID}03${DATA}92 a1 65 c4 02 01 02`,
  ],
  [
    { type: 2, nsp: "/", data: ["e", undefined, new Date(1)] },
    `83 ${TYPE}02${NSP}a1 2f${DATA}93 a1 65 d4 00 00 d7 00 00 00 00 00 00 00 00 01`,
  ],
  [
    { type: 3, nsp: "/a", data: [], id: 300 },
    `84 ${TYPE}03${NSP}a2 2f 61${ID}cd 01 2c${DATA}90`,
  ],
  [{ type: 4, nsp: "/", data: "x" }, `83 ${TYPE}04${NSP}a1 2f${DATA}a1 78`],
];

const EVENT = `83 ${TYPE}02${NSP}a1 2f${DATA}92 a1 65 `;

const READ: readonly (readonly [name: string, value: string, becomes: unknown])[] = [
  ["an ArrayBuffer of notepack", "c7 02 00 07 08", bytes(7, 8)],
  ["an ArrayBuffer as long as undefined", "c7 01 00 00", bytes(0)],
  [
    "an ArrayBuffer as long as a date",
    "c7 08 00 0000000000000001",
    bytes(0, 0, 0, 0, 0, 0, 0, 1),
  ],
  ["an ArrayBuffer of 16 bits length", "c8 0001 00 09", bytes(9)],
  ["an ArrayBuffer of 32 bits length", "c9 00000001 00 09", bytes(9)],
  ["a date before 1970", "d7 00 ffffffff ffffffff", new Date(-1)],
  ["a standard timestamp of 4 bytes", "d6 ff 00000001", new Date(1000)],
  [
    "a standard timestamp of 8 bytes",
    "d7 ff 0000000000000001",
    new Date(1000),
  ],
  [
    "a standard timestamp of 12 bytes",
    "c7 0c ff 00000000 ffffffffffffffff",
    new Date(-1000),
  ],
  ["a float of 4 bytes", "ca 3fc00000", 1.5],
  ["a whole number in 8 bytes", "cf 0000000000000005", 5],
  ["a negative number in 8 bytes", "d3 fffffffffffffffe", -2],
  ["a text with a long head", "db 00000001 61", "a"],
  ["an array with a long head", "dd 00000001 01", [1]],
  ["a map with a long head", "df 00000001 a1 61 01", { a: 1 }],
  ["a key given twice", "82 a1 61 01 a1 61 02", { a: 2 }],
];

const extra = (random: () => number) =>
  pick<() => unknown>(random, [
    () => undefined,
    () => new Date(int(random, 2 ** 32) * 500 - 2 ** 40),
    () => NaN,
  ])();

/** Whether no key is named __proto__, which notepack.io takes for the prototype. */
function isSafe(packet: Packet): boolean {
  const text = JSON.stringify(packet, (_key, value) => value === undefined ? null : value);
  return !text.includes("__proto__");
}

describe("msgpackParser on the wire", () => {
  for (const [packet, frame] of TABLE) {
    it(`encodes ${JSON.stringify(packet)}`, () => {
      assert.deepEqual(msgpackParser.encode(packet).frames.map(toHex), [
        toHex(hex(frame)),
      ]);
    });
    it(`decodes ${JSON.stringify(packet)}`, () => {
      assert.deepEqual(msgpackParser.decoder().decode(hex(frame)), packet);
    });
  }

  for (const [name, value, becomes] of READ) {
    it(`decodes ${name}`, () => {
      const packet = msgpackParser.decoder().decode(hex(EVENT + value));
      assert.deepEqual(packet, { type: 2, nsp: "/", data: ["e", becomes] });
    });
  }

  it("decodes fields in any order, beside others", () => {
    const frame = `85 a7 6f7074696f6e73 81 a8 636f6d7072657373 c3${DATA}91 a1 65 a1 7a 01` +
      ` ${NSP}a1 2f ${TYPE}02`;
    assert.deepEqual(msgpackParser.decoder().decode(hex(frame)), {
      type: 2,
      nsp: "/",
      data: ["e"],
    });
  });

  it("takes __proto__ in a field that is not read", () => {
    const options = "a7 6f7074696f6e73 81 a9 5f5f70726f746f5f5f 01";
    const frame = `84 ${TYPE}02${NSP}a1 2f ${options}${DATA}91 a1 65`;
    assert.deepEqual(msgpackParser.decoder().decode(hex(frame)), {
      type: 2,
      nsp: "/",
      data: ["e"],
    });
  });

  for (
    const key of ["a1 c3", "a2 61 e2", "a3 61 e2 82", "a4 61 f0 9f 98", "a2 f0 41", "a3 f0 c3 a9"]
  ) {
    it(`refuses a key that ends within a character, ${key}`, () => {
      refuses(msgpackParser, [hex(`${EVENT}81 ${key} 01`)]);
    });
  }

  it("takes keys of any characters", () => {
    const value = { "": 1, é: 2, "a€": 3, "x😀": 4, "\x7f": 5 };
    assert.deepEqual(roundTripValue(msgpackParser, value), value);
  });

  it("decodes absent data that notepack writes as undefined", () => {
    const frame = hex(`84 ${TYPE}00${NSP}a1 2f${DATA}d4 00 00${ID}d4 00 00`);
    assert.deepEqual(msgpackParser.decoder().decode(frame), {
      type: 0,
      nsp: "/",
    });
  });

  it("refuses a BigInt", () => {
    assert.throws(
      () => msgpackParser.encode({ type: 2, nsp: "/", data: ["e", 1n] }),
      TypeError,
    );
    assert.throws(
      () => msgpackParser.encode({ type: 2, nsp: "/", data: ["e", Object(1n)] }),
      TypeError,
    );
  });

  it("frames that are kept do not change", () => {
    const packet = (i: number): Packet => ({
      type: 2,
      nsp: "/",
      data: ["e", "x".repeat(i * 3), i],
    });
    const messages = Array.from(
      { length: 1000 },
      (_, i) => msgpackParser.encode(packet(i)),
    );
    for (const [i, message] of messages.entries()) {
      assert.deepEqual(
        decodeAll(msgpackParser.decoder(), received(message)),
        packet(i),
      );
    }
  });

  it("accepts() the heads of maps", () => {
    const accepted = Array.from(Array(256).keys()).filter((head) =>
      msgpackParser.accepts(bytes(head))
    );
    const fixmaps = Array.from({ length: 16 }, (_, i) => 0x80 + i);
    assert.deepEqual(accepted, [...fixmaps, 0xde, 0xdf]);
    assert.equal(msgpackParser.accepts("\x80"), false);
    assert.equal(msgpackParser.accepts(bytes()), false);
  });
});

describe("msgpackParser and npm socket.io-msgpack-parser", () => {
  const COUNT = 5000;

  it("what they write is read here", () => {
    const random = seeded(3);
    const encoder = new official.Encoder();
    for (let i = 0; i < COUNT; i++) {
      const packet = randomPacket(random, extra);
      const [frame] = encoder.encode(packet as never) as unknown as [
        Uint8Array,
      ];
      assert.deepEqual(msgpackParser.decoder().decode(frame), packet);
    }
  });

  it("an ArrayBuffer of any length is read here", () => {
    for (let length = 0; length < 1200; length++) {
      const data = ["e", new Uint8Array(length).fill(length).buffer];
      const [frame] = new official.Encoder().encode(
        { type: 2, nsp: "/", data } as never,
      ) as unknown as [Uint8Array];
      const read = msgpackParser.decoder().decode(frame) as { data: unknown[] };
      assert.deepEqual(read.data[1], new Uint8Array(length).fill(length), `${length} bytes`);
    }
  });

  it("what we write is read there", () => {
    const random = seeded(4);
    const decoder = new official.Decoder();
    const decoded: unknown[] = [];
    decoder.on("decoded", (packet: unknown) => decoded.push(packet));
    for (let i = 0; i < COUNT; i++) {
      const packet = randomPacket(random, extra);
      if (!isSafe(packet)) continue;
      for (const frame of msgpackParser.encode(packet).frames) {
        decoder.add(Buffer.from(frame as Uint8Array));
      }
      assert.deepEqual(decoded.pop(), packet);
    }
  });

  it("binary data goes both ways", () => {
    const decoded: unknown[] = [];
    const decoder = new official.Decoder();
    decoder.on(
      "decoded",
      (packet: { data: [string, Uint8Array] }) => decoded.push(packet.data[1]),
    );
    const [ours] = msgpackParser.encode({ type: 2, nsp: "/", data: ["e", bytes(1, 2)] })
      .frames;
    decoder.add(Buffer.from(ours as Uint8Array));
    assert.deepEqual(decoded, [Buffer.of(1, 2)]);

    for (const data of [bytes(1, 2), bytes(1, 2).buffer, Buffer.of(1, 2)]) {
      const packet = { type: 2, nsp: "/", data: ["e", data] };
      const [theirs] = new official.Encoder().encode(
        packet as never,
      ) as unknown as [Uint8Array];
      const ours = msgpackParser.decoder().decode(theirs);
      assert.deepEqual(ours, { type: 2, nsp: "/", data: ["e", bytes(1, 2)] });
      assert.equal(
        (ours as { data: unknown[] }).data[1]?.constructor,
        Uint8Array,
      );
    }
  });
});
