/** What every parser must hold to; each format's test file runs it. */
import { Buffer } from "node:buffer";
import { assert, describe, it } from "../../harness/mod.ts";
import {
  type AckPacket,
  type Decoder,
  type EventPacket,
  type Frame,
  isReservedEvent,
  type Message,
  type Packet,
  ParseError,
  type Parser,
  type ParserLimits,
} from "../../../parser/mod.ts";
import { type Extra, int, mutate, randomPacket, seeded } from "./random.ts";

export interface Subject {
  readonly name: string;
  readonly create: (limits?: ParserLimits) => Parser;
  /** Writes fields as they are into one frame, however wrong they may be. */
  readonly raw: (
    type: unknown,
    nsp: unknown,
    data: unknown,
    id?: unknown,
  ) => Frame;
  /** Nests `null` that deep in the place of the text `x` at the end of frames. */
  readonly deep: (frames: readonly Frame[], depth: number) => readonly Frame[];
  /** Whether no part of a frame is a frame. */
  readonly selfDelimiting: boolean;
  /** Makes values beyond those of JSON for the random walk; all must come back as they are. */
  readonly extra: Extra;
  /** What becomes of a value beyond those of JSON. */
  readonly values: readonly (readonly [name: string, value: unknown, becomes: unknown])[];
  /** Frames that are none, or hostile. */
  readonly malformed: readonly (readonly [name: string, frames: readonly Frame[]])[];
}

const env = (globalThis as unknown as {
  process: { env: Record<string, string | undefined> };
})
  .process.env;

/** Packets of the random walk, for a quarter of them mutated frames; the environment can ask for more. */
const COUNT = Number(env.SOCKEYE_PARSER_PACKETS ?? 1_000_000);
const PARTS = 10;
const MUTATED = COUNT / 4;
const SEED = Number(env.SOCKEYE_PARSER_SEED ?? 20_261_123);

/** The frames of a message, as the decoder of the other side gets them. */
export function received(message: Message): Frame[] {
  return message.frames.map((frame) => {
    if (typeof frame !== "string") return frame;
    assert.equal(frame[0], "4");
    return frame.slice(1);
  });
}

/** Decodes frames that make one packet. */
export function decodeAll(
  decoder: Decoder,
  frames: readonly Frame[],
): Packet | undefined {
  let packet: Packet | undefined;
  for (const frame of frames) {
    assert.equal(
      packet,
      undefined,
      "a packet is complete before its last frame",
    );
    packet = decoder.decode(frame);
  }
  return packet;
}

export function roundTrip(parser: Parser, packet: Packet): Packet | undefined {
  return decodeAll(parser.decoder(), received(parser.encode(packet)));
}

/** The first argument of an event that went there and back. */
export function roundTripValue(parser: Parser, value: unknown): unknown {
  const packet = roundTrip(parser, { type: 2, nsp: "/", data: ["e", value] });
  assert.ok(packet?.type === 2);
  return packet.data[1];
}

const PACKETS: readonly (readonly [name: string, packet: Packet])[] = [
  ["connect", { type: 0, nsp: "/" }],
  ["connect with credentials", {
    type: 0,
    nsp: "/admin",
    data: { token: "123" },
  }],
  ["connect with an empty object", { type: 0, nsp: "/", data: {} }],
  ["disconnect", { type: 1, nsp: "/admin" }],
  ["event", { type: 2, nsp: "/", data: ["hello", 1] }],
  ["event of an empty name", { type: 2, nsp: "/", data: [""] }],
  ["event named by a number", { type: 2, nsp: "/", data: [7, "x"] }],
  ["event named like a property", {
    type: 2,
    nsp: "/",
    data: ["__proto__", "constructor"],
  }],
  ["event named error", { type: 2, nsp: "/", data: ["error", "x"] }],
  ["event with id 0", { type: 2, nsp: "/", data: ["hello"], id: 0 }],
  ["event with a large id", {
    type: 2,
    nsp: "/a",
    data: ["hello"],
    id: 2 ** 53 - 1,
  }],
  ["event with an argument of every JSON type", {
    type: 2,
    nsp: "/",
    data: ["e", null, true, false, 0, -1, 1.5, 1e300, "é😀\0", [], {}, [[{
      a: [1],
    }]]],
  }],
  ["ack without arguments", { type: 3, nsp: "/", data: [], id: 0 }],
  ["ack", { type: 3, nsp: "/admin", data: [{ ok: true }, "x"], id: 456 }],
  ["ack that starts with a reserved name", {
    type: 3,
    nsp: "/",
    data: ["connect"],
    id: 1,
  }],
  ["connect error", {
    type: 4,
    nsp: "/",
    data: { message: "no", data: { code: 1 } },
  }],
  ["connect error of protocol 3", {
    type: 4,
    nsp: "/",
    data: "Invalid namespace",
  }],
  ["binary data", { type: 2, nsp: "/", data: ["e", bytes(1, 2, 3)] }],
  ["binary data deep inside", {
    type: 3,
    nsp: "/x",
    data: [{ a: [{ b: bytes(0) }] }],
    id: 1,
  }],
  ["several binary data", {
    type: 2,
    nsp: "/",
    data: ["e", bytes(), [bytes(255)], bytes(7, 8)],
  }],
  ["a namespace beyond ASCII", { type: 2, nsp: "/ünïcode-日本", data: ["e"] }],
  ["a long namespace", { type: 2, nsp: "/" + "n".repeat(5000), data: ["e"] }],
  ["an event with a query-like namespace", {
    type: 2,
    nsp: "/a",
    data: ["?b=c"],
  }],
];

const SHAPES: readonly (readonly [
  name: string,
  type: unknown,
  data: unknown,
  id?: unknown,
])[] = [
  ["unknown type 7", 7, ["e"]],
  ["unknown type 9", 9, undefined],
  ["connect with a text", 0, "x"],
  ["connect with a number", 0, 1],
  ["connect with an array", 0, ["x"]],
  ["connect with null", 0, null],
  ["disconnect with an object", 1, {}],
  ["disconnect with an array", 1, ["x"]],
  ["disconnect with a text", 1, "x"],
  ["event without data", 2, undefined],
  ["event with an object", 2, {}],
  ["event with a text", 2, "e"],
  ["event with null", 2, null],
  ["event without name", 2, []],
  ["event named null", 2, [null]],
  ["event named true", 2, [true]],
  ["event named NaN", 2, [NaN]],
  ["event named Infinity", 2, [Infinity]],
  ["event named by an object", 2, [{}]],
  ["event named by an object with toString", 2, [{ toString: 1 }]],
  ["event named by an array", 2, [["e"]]],
  ["event named connect", 2, ["connect"]],
  ["event named connect_error", 2, ["connect_error"]],
  ["event named disconnect", 2, ["disconnect"]],
  ["event named disconnecting", 2, ["disconnecting"]],
  ["event named newListener", 2, ["newListener"]],
  ["event named removeListener", 2, ["removeListener"]],
  ["event with an id, named disconnect", 2, ["disconnect"], 5],
  ["event with 32,000 arguments and a name", 2, ["e", ...zeros(32_000)]],
  ["event with an id, 32,000 arguments and a name", 2, ["e", ...zeros(32_000)], 5],
  ["ack without data", 3, undefined, 1],
  ["ack with an object", 3, {}, 1],
  ["ack with a text", 3, "x", 1],
  ["ack without id", 3, ["x"]],
  ["ack with 32,001 arguments", 3, zeros(32_001), 1],
  ["connect error without data", 4, undefined],
  ["connect error with an array", 4, ["x"]],
  ["connect error with a number", 4, 5],
  ["connect with an id", 0, {}, 1],
  ["disconnect with an id", 1, undefined, 1],
  ["connect error with an id", 4, {}, 1],
];

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

export function parserContract(subject: Subject): void {
  describe(`${subject.name} parser`, () => {
    const parser = subject.create();
    describe("round trip", () => roundTrips(parser));
    describe("values", () => values(subject, parser));
    describe("malformed", () => malformed(subject, parser));
    describe("limits", () => limits(subject));
    describe("at random", () => atRandom(subject, parser));
  });
}

function roundTrips(parser: Parser): void {
  for (const [name, packet] of PACKETS) {
    it(name, () => assert.deepEqual(roundTrip(parser, packet), packet));
  }

  it("goes on after each packet with the same decoder", () => {
    const decoder = parser.decoder();
    for (const [name, packet] of PACKETS) {
      assert.deepEqual(
        decodeAll(decoder, received(parser.encode(packet))),
        packet,
        name,
      );
    }
  });

  it("leaves the data as it is", () => {
    const data = deepFreeze(
      ["e", { a: [1, { b: "c" }], d: undefined }, [bytes(1)]] as const,
    );
    parser.encode({ type: 2, nsp: "/", data });
    assert.deepEqual(data, ["e", { a: [1, { b: "c" }], d: undefined }, [
      bytes(1),
    ]]);
  });

  it("encodes what it was given, even if that changes later", () => {
    const data: ["e", unknown[]] = ["e", [1]];
    const message = parser.encode({ type: 2, nsp: "/", data });
    data[1].push(2);
    assert.deepEqual(decodeAll(parser.decoder(), received(message)), {
      type: 2,
      nsp: "/",
      data: ["e", [1]],
    });
  });

  it("reads only the part of the buffer that the frame is", () => {
    const packet: Packet = {
      type: 2,
      nsp: "/",
      data: ["e", bytes(1, 2), "x".repeat(100)],
    };
    const frames = received(parser.encode(packet)).map((frame) => {
      if (typeof frame === "string") return frame;
      const larger = new Uint8Array(frame.length + 16).fill(0xff);
      larger.set(frame, 7);
      return larger.subarray(7, 7 + frame.length);
    });
    assert.deepEqual(decodeAll(parser.decoder(), frames), packet);
  });
}

function values(subject: Subject, parser: Parser): void {
  const date = new Date(1_700_000_000_123);
  class Point {
    x = 1;
    y = () => 2;
  }
  class Copied {
    x = 1;
    toJSON(): Copied {
      return new Copied();
    }
  }
  class Spread {
    x = 1;
    secret = "s";
    bytes = bytes(5);
    toJSON = () => ({ x: this.x, bytes: this.bytes, toJSON: this.toJSON });
  }
  class Rows extends Array {
    query = "select";
  }
  class List extends Array {
    constructor(items: Iterable<unknown>) {
      super();
      for (const item of items) this.push(item);
    }
  }
  class Misleading extends Array {
    override [Symbol.iterator]() {
      return ["misleading"].values();
    }
  }
  const common: Subject["values"] = [
    ["an object with toJSON", { toJSON: () => ({ a: 1 }) }, { a: 1 }],
    ["an object with toJSON beside binary data", [{
      toJSON: () => [date.getTime()],
    }, bytes(1)], [
      [date.getTime()],
      bytes(1),
    ]],
    ["toJSON that returns another of its kind", new Copied(), { x: 1 }],
    ["toJSON that returns itself as a field", [new Spread()], [{ x: 1, bytes: bytes(5) }]],
    ["toJSON that returns binary data", { toJSON: () => bytes(4) }, bytes(4)],
    ["an instance of a class", new Point(), { x: 1 }],
    ["a function in an object", { a: 1, f() {} }, { a: 1 }],
    ["a symbol in an object", { a: 1, s: Symbol("s") }, { a: 1 }],
    ["a function in an array", [() => {}], [null]],
    ["an ArrayBuffer", bytes(1, 2).buffer, bytes(1, 2)],
    ["a DataView", new DataView(bytes(1, 2, 3).buffer, 1), bytes(2, 3)],
    ["a part of a buffer", bytes(1, 2, 3, 4).subarray(1, 3), bytes(2, 3)],
    [
      "an object without prototype",
      Object.assign(Object.create(null), { a: 1 }),
      { a: 1 },
    ],
    ["a character of two units in a short text", "a😀b", "a😀b"],
    ["an instance of a subclass of Array", Rows.from([1, { a: 2 }]), [1, { a: 2 }]],
    ["a subclass of Array whose constructor wants items", new List([bytes(1), () => {}]), [
      bytes(1),
      null,
    ]],
    [
      "a subclass of Array with an iterator of its own",
      [Misleading.from([1, bytes(2), () => {}])],
      [
        [1, bytes(2), null],
      ],
    ],
    ["an object with a field named constructor beside symbols", [
      { constructor: "x", [Symbol.iterator]: () => [].values() },
      { constructor: 1, [Symbol.toStringTag]: "File" },
    ], [{ constructor: "x" }, { constructor: 1 }]],
    ["boxed primitives", [Object(5), Object("s"), { yes: Object(true) }], [5, "s", { yes: true }]],
  ];
  for (const [name, value, becomes] of [...common, ...subject.values]) {
    it(name, () => {
      const result = roundTripValue(parser, value);
      assert.deepEqual(result, becomes);
      assert.ok(
        !(result instanceof Uint8Array) || result.constructor === Uint8Array,
      );
    });
  }

  for (
    const name of ["__proto__", "constructor", "prototype", "hasOwnProperty"]
  ) {
    it(`a key named ${name}`, () => {
      const value = JSON.parse(
        `{"a":{"${name}":{"polluted":1}},"${name}":[2]}`,
      );
      const result = roundTripValue(parser, value) as object;
      assert.equal(
        JSON.stringify(Object.entries(result).sort()),
        JSON.stringify(sorted(value)),
      );
      assert.equal(Object.getPrototypeOf(result), Object.prototype);
      assert.equal(({} as { polluted?: number }).polluted, undefined);
      const again = roundTripValue(parser, [result, bytes(1)]) as object[];
      assert.ok(Object.hasOwn(again[0] as object, name));
      assert.equal(Object.getPrototypeOf(again[0]), Object.prototype);
    });
  }

  it("a Blob is read before the message is ready", async () => {
    const data = {
      blob: new Blob(["hello"]),
      list: [1],
      next: new Blob([]),
      bytes: Buffer.of(1, 2),
    };
    const message = parser.encode({
      type: 2,
      nsp: "/",
      data: ["e", data],
      id: 3,
    });
    assert.deepEqual(message.frames, []);
    data.list.push(2);
    data.bytes.fill(0);
    await message.ready;
    assert.equal(message.ready, undefined);
    assert.deepEqual(decodeAll(parser.decoder(), received(message)), {
      type: 2,
      nsp: "/",
      data: ["e", {
        blob: new TextEncoder().encode("hello"),
        list: [1],
        next: bytes(),
        bytes: bytes(1, 2),
      }],
      id: 3,
    });
  });

  for (const length of [10, 3000, 300_000]) {
    it(`a getter in the data may encode a packet of ${length} characters`, () => {
      const inner: Packet = { type: 2, nsp: "/", data: ["inner", "i".repeat(length)] };
      const data = {
        before: "b".repeat(50),
        get field(): string {
          assert.deepEqual(roundTrip(parser, inner), inner);
          return "f";
        },
        after: Array.from({ length: 3000 }, (_, i) => i + 0.5),
      };
      assert.deepEqual(roundTripValue(parser, data), { ...data });
    });
  }

  it("an error in a getter goes to the caller", () => {
    const failing = {
      get field(): string {
        throw new RangeError("of the getter");
      },
    };
    assert.throws(() => roundTripValue(parser, [failing]), { message: "of the getter" });
    assert.equal(roundTripValue(parser, "after"), "after");
  });

  it("as many bytes of a Blob as there are, whatever it says before it is read", async () => {
    class Vague extends Blob {
      readonly #text: string;
      readonly #size: number;
      constructor(text: string, size: number) {
        super();
        this.#text = text;
        this.#size = size;
      }
      override get size(): number {
        return this.#size;
      }
      override arrayBuffer() {
        return new Blob([this.#text]).arrayBuffer();
      }
    }
    const [whole, part] = [new Vague("abc", 2 ** 50), new Vague("de", 1)];
    const data = ["e", { whole, list: [part] }] as const;
    const message = parser.encode({ type: 2, nsp: "/", data });
    await message.ready;
    const packet = decodeAll(parser.decoder(), received(message)) as { data: unknown[] };
    assert.deepEqual(packet.data[1], { whole: bytes(97, 98, 99), list: [bytes(100, 101)] });
  });

  it("a key in the place of another that is no plain name", () => {
    const value = JSON.parse('{"\\u0000proto\\u0000\\u0000\\u0000":1,"__proto__":2,"0":3}');
    const result = roundTripValue(parser, value) as object;
    assert.deepEqual(Object.entries(result).sort(), Object.entries(value).sort());
  });

  it("refuses cyclic data", () => {
    const cyclic: unknown[] = [];
    cyclic.push({ cyclic });
    assert.throws(
      () => parser.encode({ type: 2, nsp: "/", data: ["e", cyclic] }),
      TypeError,
    );
  });
}

function sorted(value: object): unknown {
  return Object.entries(value).sort();
}

function malformed(subject: Subject, parser: Parser): void {
  for (const [name, type, data, id] of SHAPES) {
    it(name, () => refuses(parser, [subject.raw(type, "/", data, id)]));
    it(`${name}, in a namespace`, () => refuses(parser, [subject.raw(type, "/a", data, id)]));
  }
  for (const [name, frames] of subject.malformed) {
    it(name, () => refuses(parser, frames));
  }

  it("every split point", () => {
    for (const [name, packet] of PACKETS) {
      if (name === "a long namespace") continue;
      const frames = received(parser.encode(packet));
      const first = frames[0] as Frame;
      for (let end = 0; end < first.length; end++) {
        for (const part of [first.slice(0, end), first.slice(end + 1)]) {
          const result = attempt(parser.decoder(), part);
          if (subject.selfDelimiting && part === first.slice(0, end)) {
            assert.equal(result, ParseError, `${name}, cut at ${end}`);
          } else if (result !== ParseError) assertShape(result);
        }
      }
    }
  });

  it("every frame with something behind it", () => {
    if (!subject.selfDelimiting) return;
    for (const [name, packet] of PACKETS) {
      const [frame] = received(parser.encode(packet));
      assert.ok(frame instanceof Uint8Array);
      assert.equal(
        attempt(parser.decoder(), Uint8Array.of(...frame, 0)),
        ParseError,
        name,
      );
    }
  });
}

function limits(subject: Subject): void {
  it("refuses to encode what is nested too deep", () => {
    const parser = subject.create();
    assert.throws(
      () => parser.encode({ type: 2, nsp: "/", data: ["e", nested(1000)] }),
      TypeError,
    );
  });

  it("takes 32,000 arguments, the name among them, and writes no more", () => {
    const parser = subject.create();
    const packets: (EventPacket | AckPacket)[] = [
      { type: 2, nsp: "/", data: ["e", ...zeros(31_999)] },
      { type: 3, nsp: "/", data: zeros(32_000), id: 1 },
    ];
    for (const packet of packets) {
      assert.deepEqual(roundTrip(parser, packet), packet);
      const larger = { ...packet, data: [...packet.data, 0] } as Packet;
      assert.throws(() => parser.encode(larger), TypeError);
    }
  });

  it("takes data nested as deep as the limit", () => {
    const parser = subject.create({ maxDepth: 50 });
    assert.deepEqual(roundTripValue(parser, nested(49)), nested(49));
    const deeper = received(
      subject.create().encode({ type: 2, nsp: "/", data: ["e", nested(50)] }),
    );
    refuses(parser, deeper);
  });

  for (const depth of [48, 49, 50]) {
    it(`decodes whatever it has encoded, with bytes below ${depth} arrays at most 50 deep`, () => {
      const parser = subject.create({ maxDepth: 50 });
      const value = nested(depth, bytes(1));
      let message: Message | undefined;
      try {
        message = parser.encode({ type: 2, nsp: "/", data: ["e", value] });
      } catch (error) {
        assert.ok(error instanceof TypeError);
      }
      assert.equal(message !== undefined, depth < 49);
      if (message === undefined) return;
      const data = ["e", value];
      assert.deepEqual(decodeAll(parser.decoder(), received(message)), { type: 2, nsp: "/", data });
    });
  }

  it("counts objects as well as arrays", () => {
    const parser = subject.create({ maxDepth: 3 });
    assert.deepEqual(roundTripValue(parser, { a: { b: 1 } }), { a: { b: 1 } });
    const value = { a: { b: { c: 1 } } };
    refuses(
      parser,
      received(
        subject.create().encode({ type: 2, nsp: "/", data: ["e", value] }),
      ),
    );
  });

  it("raises nothing else where the stack ends before the limit", () => {
    const parser = subject.create({ maxDepth: 1e6 });
    const frames = received(parser.encode({ type: 2, nsp: "/", data: ["e", bytes(1), "x"] }));
    refuses(parser, subject.deep(frames, 1e5));
  });

  it("takes much that is not deep", () => {
    const value = Array.from({ length: 3000 }, (_, i) => [{ i }, ["[[[{{{"]]);
    assert.deepEqual(roundTripValue(subject.create(), value), value);
  });
}

function atRandom(subject: Subject, parser: Parser): void {
  // In parts: Bun gives each test a minute, which is too little for all of them on a busy machine.
  for (let part = 1; part <= PARTS; part++) {
    const seed = SEED + part;

    it(`a walk of ${COUNT / PARTS} packets, part ${part}`, () => {
      const random = seeded(seed);
      // One packet in a million or so has more attachments than are allowed by default.
      const parser = subject.create({ maxAttachments: 100 });
      const decoder = parser.decoder();
      for (let i = 0; i < COUNT / PARTS; i++) {
        const packet = randomPacket(random, subject.extra);
        const result = decodeAll(decoder, received(parser.encode(packet)));
        if (!same(result, packet)) assert.deepEqual(result, packet, `packet ${i}, seed ${seed}`);
      }
    });

    it(`${MUTATED / PARTS} mutated frames raise nothing but ParseError, part ${part}`, () => {
      const random = seeded(seed + PARTS);
      let decoder = parser.decoder();
      let refused = 0;
      for (let i = 0; i < MUTATED / PARTS; i++) {
        const frames = received(parser.encode(randomPacket(random, subject.extra)));
        const mutated = int(random, frames.length);
        for (const [at, frame] of frames.entries()) {
          const result = attempt(decoder, at === mutated ? mutate(random, frame) : frame);
          if (result === ParseError) {
            refused++;
            decoder = parser.decoder();
            break;
          }
          assertShape(result);
        }
      }
      assert.ok(refused > MUTATED / PARTS / 4, `only ${refused} were refused`);
      assert.deepEqual(Object.keys(Object.prototype), []);
    });
  }
}

/** What became of a frame; any other error than `ParseError` goes through. */
function attempt(
  decoder: Decoder,
  frame: Frame,
): Packet | undefined | typeof ParseError {
  try {
    return decoder.decode(frame);
  } catch (error) {
    if (error instanceof ParseError) return ParseError;
    throw error;
  }
}

export function refuses(parser: Parser, frames: readonly Frame[]): void {
  const decoder = parser.decoder();
  assert.throws(() => {
    for (const frame of frames) decoder.decode(frame);
  }, { name: "ParseError", message: /^Cannot decode packet: ./ });
}

function assertShape(packet: unknown): void {
  if (packet === undefined) return;
  const { type, nsp, data, id } = packet as Record<string, unknown>;
  assert.ok(
    typeof nsp === "string" && nsp.startsWith("/") && !nsp.includes(","),
    String(nsp),
  );
  assert.ok(
    id === undefined || Number.isSafeInteger(id) && (id as number) >= 0,
    String(id),
  );
  if (type === 2) {
    assert.ok(Array.isArray(data));
    assert.ok(typeof data[0] === "string" || typeof data[0] === "number");
    assert.ok(!isReservedEvent(data[0]));
  } else if (type === 3) {
    assert.ok(Array.isArray(data) && id !== undefined);
  } else if (type === 1) {
    assert.equal(data, undefined);
  } else {
    assert.ok(type === 0 || type === 4);
    if (type === 0 && data === undefined) return;
    if (type === 4 && typeof data === "string") return;
    assert.equal(Object.getPrototypeOf(data), Object.prototype);
  }
}

/** A quick comparison; what it takes for different is compared again by `assert`. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (
    typeof a !== "object" || typeof b !== "object" || a === null || b === null
  ) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === (b as Date).getTime();
  if (a instanceof Map || a instanceof Set) {
    return same([...a], [...(b as typeof a)]);
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) =>
    Object.hasOwn(b, key) &&
    same(
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
    )
  );
}

export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function hex(text: string): Uint8Array {
  return Uint8Array.from(
    text.replaceAll(/\s/g, "").match(/../g) ?? [],
    (two) => parseInt(two, 16),
  );
}

export function toHex(frame: Frame | undefined): string {
  assert.ok(frame instanceof Uint8Array);
  return Array.from(frame, (byte) => byte.toString(16).padStart(2, "0")).join(
    " ",
  );
}

/** Puts arrays around a `null` in the place of the last two bytes of a frame. */
export function nestedBehind(
  frames: readonly Frame[],
  depth: number,
  [array = 0, nothing = 0]: readonly number[],
): readonly Frame[] {
  const [frame] = frames;
  assert.ok(frame instanceof Uint8Array);
  return [bytes(...frame.subarray(0, -2), ...new Uint8Array(depth).fill(array), nothing)];
}

function nested(depth: number, end: unknown = "end"): unknown {
  let value = end;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

function deepFreeze<T>(value: T): T {
  if (
    typeof value === "object" && value !== null && !ArrayBuffer.isView(value)
  ) {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}
