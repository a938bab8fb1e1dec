import { textParser } from "../../../client/text_parser.ts";
import { type Decoder, jsonParser, type Packet, PacketType } from "../../../parser/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";

const BYTES = new Uint8Array([1, 2, 255]);

const PACKETS: readonly Packet[] = [
  { type: PacketType.Connect, nsp: "/" },
  { type: PacketType.Connect, nsp: "/admin", data: { token: "x" } },
  { type: PacketType.Disconnect, nsp: "/" },
  { type: PacketType.Disconnect, nsp: "/admin" },
  { type: PacketType.ConnectError, nsp: "/admin", data: { message: "no", data: [1] } },
  { type: PacketType.Event, nsp: "/", data: ["a"] },
  { type: PacketType.Event, nsp: "/", data: [1, "12", '{"_placeholder":true}', "ä\u2028\n😀"] },
  {
    type: PacketType.Event,
    nsp: "/admin",
    data: ["a", { b: [null, 1.5, { __proto__x: 1 }] }],
    id: 0,
  },
  { type: PacketType.Event, nsp: "/", data: ["a", BYTES, { deep: [BYTES, BYTES] }], id: 12 },
  { type: PacketType.Ack, nsp: "/", data: [], id: 3 },
  { type: PacketType.Ack, nsp: "/admin", data: [BYTES], id: 456 },
];

/** The packet that a decoder makes of frames with the Engine.IO prefix. */
function decode(parser: { decoder(): Decoder }, frames: readonly (string | Uint8Array)[]) {
  const decoder = parser.decoder();
  const packets = frames.map((frame) =>
    decoder.decode(typeof frame === "string" ? frame.slice(1) : frame)
  );
  assert.ok(packets.slice(0, -1).every((packet) => packet === undefined));
  return JSON.parse(JSON.stringify(packets.at(-1)));
}

describe("textParser", () => {
  it("writes no more arguments than a server takes", () => {
    const event = (count: number) => ({
      type: PacketType.Event,
      nsp: "/",
      data: ["a", ...Array<number>(count).fill(0)],
    } as Packet);
    assert.equal(decode(jsonParser, textParser.encode(event(31_999)).frames).data.length, 32_000);
    assert.throws(() => textParser.encode(event(32_000)), /^TypeError: .*too long$/);
  });

  for (const packet of PACKETS) {
    const [head] = jsonParser.encode(packet).frames;

    it(`writes and reads ${head} as the parser of the server does`, () => {
      const { frames } = textParser.encode(packet);
      assert.deepEqual(frames, jsonParser.encode(packet).frames);
      const expected = decode(jsonParser, frames);
      assert.deepEqual(decode(textParser, frames), expected);
    });
  }

  it("reads the name of a namespace as the server wrote it", () => {
    const frames = ['44/a?token=abc,{"message":"Invalid namespace"}'];
    const packet = decode(textParser, frames);
    assert.equal(packet.nsp, "/a?token=abc");
    assert.deepEqual(packet, decode(jsonParser, frames));
  });

  it("writes views, buffers and blobs as attachments, in order", async () => {
    const blob = new Blob(["b"]);
    const data = ["a", new DataView(BYTES.buffer, 1, 1), blob, BYTES.buffer] as const;
    const message = textParser.encode({ type: PacketType.Event, nsp: "/", data });
    await message.ready;
    const [head, ...attachments] = message.frames;
    assert.match(String(head), /^4?453-\["a",\{"_placeholder":true,"num":0\}/);
    assert.deepEqual(attachments, [new Uint8Array([2]), new Uint8Array([98]), BYTES]);
  });

  it("drops what looks like a placeholder beside binary data, as the server does", () => {
    class Inherited {
      a = 1;
    }
    Object.defineProperty(Inherited.prototype, "_placeholder", { value: true });
    const forged = { num: 7, _placeholder: true };
    const data = [
      "a",
      forged,
      { deep: [forged], toJSON: () => [forged] },
      { toJSON: () => ({ ...forged, toJSON: () => 1 }) },
      { ...forged, data: BYTES },
      { _placeholder: 1 },
      new Inherited(),
    ] as const;
    for (const sent of [[...data, BYTES], [...data, { bytes: BYTES }], data, ["a", forged]]) {
      const packet = { type: PacketType.Event, nsp: "/", data: sent } as Packet;
      assert.deepEqual(textParser.encode(packet).frames, jsonParser.encode(packet).frames);
    }
    assert.deepEqual(forged, { num: 7, _placeholder: true });
  });

  it("finds binary data behind toJSON and takes a Buffer for one", () => {
    const wrapped = { toJSON: () => ({ bytes: BYTES }) };
    const buffer = Object.assign(BYTES.slice(), { toJSON: () => "text" });
    const message = textParser.encode({
      type: PacketType.Event,
      nsp: "/",
      data: ["a", wrapped, buffer],
    });
    assert.equal(message.frames.length, 3);
  });

  it("takes data of 1,000 levels, as the server does, and no more", () => {
    const nested = (levels: number) => {
      let value: unknown = 1;
      for (let level = 1; level < levels; level++) value = [value];
      return { type: PacketType.Event, nsp: "/", data: ["a", value] } as const;
    };
    const { frames: [frame = ""] } = textParser.encode(nested(1000));
    assert.deepEqual(jsonParser.decoder().decode(frame.slice(1)), nested(1000));
    assert.throws(() => textParser.encode(nested(1001)), TypeError);
  });

  it("takes a subclass of Array whose constructor wants items", () => {
    class List extends Array {
      constructor(items: Iterable<unknown>) {
        super();
        for (const item of items) this.push(item);
      }
    }
    const data = ["a", new List([BYTES, 1])] as const;
    assert.deepEqual(textParser.encode({ type: PacketType.Event, nsp: "/", data }).frames, [
      '451-["a",[{"_placeholder":true,"num":0},1]]',
      BYTES,
    ]);
  });

  it("asks a toJSON once", () => {
    class Spread {
      name = "x";
      secret = "s";
      bytes = BYTES;
      toJSON = () => ({ ...this, secret: undefined });
    }
    class Copied {
      toJSON(): Copied {
        return new Copied();
      }
    }
    const data = ["a", new Spread(), new Copied()] as const;
    const { frames } = textParser.encode({ type: PacketType.Event, nsp: "/", data });
    const text = '451-["a",{"name":"x","bytes":{"_placeholder":true,"num":0}},{}]';
    assert.deepEqual(frames, [text, BYTES]);
    const named = { toJSON: () => ({ toJSON: 5 }) };
    const plain = textParser.encode({ type: PacketType.Event, nsp: "/", data: ["a", named] });
    assert.deepEqual(plain.frames, ['42["a",{"toJSON":5}]']);
  });

  const BAD = [
    "",
    "9",
    "7[]",
    "2",
    "2{}",
    '2["connect"]',
    "2[1",
    "3",
    "3{}",
    "6",
    '5["a"]',
    "23-[]",
    "41-{}",
  ];
  for (const frame of BAD) {
    it(`refuses ${JSON.stringify(frame)}`, () => {
      assert.throws(
        () => textParser.decoder().decode(frame) ?? assert.fail("accepted"),
        SyntaxError,
      );
    });
  }

  it("leaves data as it is, and says what cannot be sent", () => {
    const inner = { bytes: BYTES, list: [BYTES] };
    const data = ["a", inner, inner] as const;
    textParser.encode({ type: PacketType.Event, nsp: "/", data });
    assert.deepEqual(inner, { bytes: BYTES, list: [BYTES] });
    const cyclic: Record<string, unknown> = { bytes: BYTES };
    cyclic.one = cyclic.two = cyclic;
    for (const value of [cyclic, [[cyclic]], 1n]) {
      assert.throws(
        () => textParser.encode({ type: PacketType.Event, nsp: "/", data: ["a", value] }),
        TypeError,
      );
    }
  });

  it("keeps a field that is named like a prototype", () => {
    const text = '51-["a",{"__proto__":{"bytes":{"_placeholder":true,"num":0}}}]';
    const decoder = textParser.decoder();
    decoder.decode(text);
    const packet = decoder.decode(BYTES) as { data: [string, object] };
    const [, value] = packet.data;
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.getOwnPropertyDescriptor(value, "__proto__")?.value, { bytes: BYTES });
    const { frames } = textParser.encode({ type: PacketType.Event, nsp: "/", data: packet.data });
    assert.deepEqual(frames, ["4" + text, BYTES]);
  });

  it("refuses frames out of turn, and placeholders of nothing", () => {
    assert.throws(() => textParser.decoder().decode(BYTES), SyntaxError);
    const waiting = textParser.decoder();
    waiting.decode('51-["a",{"_placeholder":true,"num":0}]');
    assert.throws(() => waiting.decode('2["a"]'), SyntaxError);
    const wrong = textParser.decoder();
    wrong.decode('51-["a",{"_placeholder":true,"num":7}]');
    assert.throws(() => wrong.decode(BYTES), SyntaxError);
  });
});
