import { assert, describe, it } from "../../harness/mod.ts";
import {
  createJsonParser,
  type Frame,
  isReservedEvent,
  jsonParser,
  type Packet,
  PacketType,
} from "../../../parser/mod.ts";
import { Decoder, Encoder } from "socket.io-parser";
import { bytes, decodeAll, received, refuses } from "./contract.ts";
import { int, randomPacket, seeded } from "./random.ts";

const one = '{"_placeholder":true,"num":0}';
const two = '{"_placeholder":true,"num":1}';

const TABLE: readonly (readonly [packet: Packet, ...frames: Frame[]])[] = [
  [{ type: PacketType.Connect, nsp: "/" }, "0"],
  [
    { type: PacketType.Connect, nsp: "/admin", data: { sid: "x" } },
    '0/admin,{"sid":"x"}',
  ],
  [{ type: PacketType.Connect, nsp: "/admin" }, "0/admin,"],
  [{ type: PacketType.Disconnect, nsp: "/" }, "1"],
  [{ type: PacketType.Disconnect, nsp: "/admin" }, "1/admin,"],
  [{ type: PacketType.Event, nsp: "/", data: ["hello", 1] }, '2["hello",1]'],
  [
    { type: PacketType.Event, nsp: "/", data: ["hello", 1], id: 12 },
    '212["hello",1]',
  ],
  [
    { type: PacketType.Event, nsp: "/admin", data: ["a"], id: 456 },
    '2/admin,456["a"]',
  ],
  [{ type: PacketType.Event, nsp: "/a", data: [5] }, "2/a,[5]"],
  [{ type: PacketType.Ack, nsp: "/", data: [], id: 0 }, "30[]"],
  [
    { type: PacketType.Ack, nsp: "/admin", data: ["ok"], id: 13 },
    '3/admin,13["ok"]',
  ],
  [
    { type: PacketType.ConnectError, nsp: "/", data: { message: "no" } },
    '4{"message":"no"}',
  ],
  [{ type: PacketType.ConnectError, nsp: "/x", data: "no" }, '4/x,"no"'],
  [
    { type: PacketType.Event, nsp: "/", data: ["b", bytes(1, 2)] },
    `51-["b",${one}]`,
    bytes(1, 2),
  ],
  [
    {
      type: PacketType.Event,
      nsp: "/admin",
      data: ["b", [bytes(1)], { c: bytes() }],
      id: 7,
    },
    `52-/admin,7["b",[${one}],{"c":${two}}]`,
    bytes(1),
    bytes(),
  ],
  [
    { type: PacketType.Ack, nsp: "/", data: [bytes(3)], id: 15 },
    `61-15[${one}]`,
    bytes(3),
  ],
];

describe("jsonParser on the wire", () => {
  for (const [packet, ...frames] of TABLE) {
    it(`encodes ${frames[0]}`, () => assert.deepEqual(received(jsonParser.encode(packet)), frames));
    it(`decodes ${frames[0]}`, () => {
      assert.deepEqual(decodeAll(jsonParser.decoder(), frames), packet);
    });
  }

  const lenient: readonly (readonly [frame: string, packet: Packet])[] = [
    ["0/admin", { type: 0, nsp: "/admin" }],
    ["1/admin", { type: 1, nsp: "/admin" }],
    ["0/admin?a=b,", { type: 0, nsp: "/admin?a=b" }],
    ['2 [ "e" ]', { type: 2, nsp: "/", data: ["e"] }],
    ['2/a,007["e"]', { type: 2, nsp: "/a", data: ["e"], id: 7 }],
  ];
  for (const [frame, packet] of lenient) {
    it(`decodes ${frame}`, () => assert.deepEqual(jsonParser.decoder().decode(frame), packet));
  }

  it("waits for all attachments, in order", () => {
    const decoder = jsonParser.decoder();
    assert.equal(decoder.decode(`52-["e",${two},${one},${one}]`), undefined);
    assert.equal(decoder.decode(bytes(1)), undefined);
    assert.deepEqual(decoder.decode(bytes(2)), {
      type: 2,
      nsp: "/",
      data: ["e", bytes(2), bytes(1), bytes(1)],
    });
    assert.deepEqual(decoder.decode('2["next"]'), {
      type: 2,
      nsp: "/",
      data: ["next"],
    });
  });

  it("a packet without attachments leaves nothing open", () => {
    const decoder = jsonParser.decoder();
    assert.throws(() => decoder.decode('50-["x"]'), { name: "ParseError" });
    for (let i = 0; i < 1000; i++) {
      assert.throws(() => decoder.decode(bytes(i)), { name: "ParseError" });
    }
  });

  it("maxAttachments is a limit that can be raised", () => {
    refuses(jsonParser, ['511-["e"]']);
    const data = [
      "e",
      ...Array.from({ length: 25 }, (_, i) => bytes(i)),
    ] as const;
    const parser = createJsonParser({ maxAttachments: 25 });
    const frames = received(parser.encode({ type: 2, nsp: "/", data }));
    assert.equal(frames.length, 26);
    assert.deepEqual(decodeAll(parser.decoder(), frames), {
      type: 2,
      nsp: "/",
      data,
    });
    refuses(parser, ['526-["e"]']);
  });

  it("refuses long digits and namespaces in no time", () => {
    const start = performance.now();
    const million = "1".repeat(1_000_000);
    refuses(jsonParser, [`5${million}-["e"]`]);
    refuses(jsonParser, [`2${million}["e"]`]);
    refuses(jsonParser, [`2/${"n".repeat(1_000_000)}`]);
    refuses(jsonParser, [`2["e",${"[".repeat(1_000_000)}`]);
    refuses(jsonParser, [`2["e","${'\\"'.repeat(1_000_000)}`]);
    assert.ok(performance.now() - start < 1000);
  });

  it("says what is wrong", () => {
    const message = (frame: Frame) => {
      try {
        jsonParser.decoder().decode(frame);
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.equal(message('9["e"]'), 'Cannot decode packet: unknown type "9"');
    assert.equal(message(""), "Cannot decode packet: it is empty");
    assert.equal(
      message('2["connect"]'),
      'Cannot decode packet: "connect" is a reserved event name',
    );
    assert.equal(
      message('511-["e"]'),
      "Cannot decode packet: too many attachments, at most 10 are allowed",
    );
  });

  it("accepts() text only", () => {
    assert.equal(jsonParser.accepts("0"), true);
    assert.equal(jsonParser.accepts(bytes(0x30)), false);
  });

  it("isReservedEvent() knows six names", () => {
    const names = [
      "connect",
      "connect_error",
      "disconnect",
      "disconnecting",
      "newListener",
      "removeListener",
      "connection",
      "error",
      "message",
      "",
      "toString",
      0,
    ];
    assert.deepEqual(names.filter(isReservedEvent), names.slice(0, 6));
  });
});

describe("jsonParser and npm socket.io-parser", () => {
  const COUNT = 5000;
  const extra = (random: () => number) =>
    Uint8Array.from({ length: int(random, 6) }, () => int(random, 256));

  it("write the same", () => {
    const random = seeded(1);
    const encoder = new Encoder();
    for (let i = 0; i < COUNT; i++) {
      const packet = randomPacket(random, extra);
      // The official parser turns a key named __proto__ beside binary data into a prototype.
      if (JSON.stringify(packet).includes("__proto__")) continue;
      assert.deepEqual(
        received(jsonParser.encode(packet)),
        encoder.encode({ ...packet } as never),
      );
    }
  });

  it("what we write is read there", () => {
    const random = seeded(2);
    const decoder = new Decoder();
    const decoded: unknown[] = [];
    decoder.on("decoded", (packet: unknown) => decoded.push(packet));
    for (let i = 0; i < COUNT; i++) {
      const packet = randomPacket(random, extra);
      for (const frame of received(jsonParser.encode(packet))) {
        decoder.add(frame);
      }
      const { attachments: _, ...rest } = decoded.pop() as Record<
        string,
        unknown
      >;
      assert.deepEqual(
        JSON.stringify(sortKeys(rest)),
        JSON.stringify(sortKeys(packet)),
      );
    }
  });
});

function sortKeys(packet: object): unknown {
  return Object.entries(packet).filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => a < b ? -1 : 1);
}
