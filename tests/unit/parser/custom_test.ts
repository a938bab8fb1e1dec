import { Buffer } from "node:buffer";
import { assert, describe, it } from "../../harness/mod.ts";
import {
  type CustomParser,
  fromCustomParser,
  isCustomParser,
  jsonParser,
  type Packet,
  toParser,
} from "../../../parser/mod.ts";
import jsonModule from "socket.io-json-parser";
import msgpackModule from "socket.io-msgpack-parser";
import * as officialModule from "socket.io-parser";
import { bytes, decodeAll, received, refuses } from "./contract.ts";

const PACKETS: readonly Packet[] = [
  { type: 0, nsp: "/" },
  { type: 0, nsp: "/a", data: { token: "x" } },
  { type: 1, nsp: "/a" },
  { type: 2, nsp: "/", data: ["e", { a: [1, "é"] }] },
  { type: 2, nsp: "/", data: ["e"], id: 0 },
  { type: 3, nsp: "/a", data: ["ok"], id: 5 },
  { type: 4, nsp: "/", data: { message: "no" } },
];

const MODULES: Readonly<Record<string, CustomParser>> = {
  "socket.io-msgpack-parser": msgpackModule,
  "socket.io-json-parser": jsonModule,
  "socket.io-parser": officialModule,
};

/** A module whose decoder says what the test wants. */
function scripted(
  decode: (emit: (packet: unknown) => void, chunk: unknown) => void,
) {
  const closed: unknown[] = [];
  const module = {
    Encoder: class {
      encode(): (string | Blob | ArrayBuffer)[] {
        return ["text", bytes(1).buffer as ArrayBuffer];
      }
    },
    Decoder: class {
      #listener: (packet: unknown) => void = () => {};
      on(_event: "decoded", listener: (packet: unknown) => void): void {
        this.#listener = listener;
      }
      add(chunk: unknown): void {
        decode(this.#listener, chunk);
      }
      destroy(): void {
        closed.push(this);
      }
    },
  };
  return { module, closed };
}

describe("fromCustomParser()", () => {
  for (const [name, module] of Object.entries(MODULES)) {
    const parser = fromCustomParser(module);

    it(`${name} goes there and back`, () => {
      const decoder = parser.decoder();
      for (const packet of PACKETS) {
        assert.deepEqual(
          decodeAll(decoder, received(parser.encode(packet))),
          packet,
        );
      }
    });

    it(`${name} accepts its own first frame only`, () => {
      const [own = ""] = received(parser.encode({ type: 0, nsp: "/" }));
      assert.equal(parser.accepts(own), true);
      assert.equal(
        parser.accepts(typeof own === "string" ? bytes(0x80) : "0"),
        false,
      );
    });

    it(`${name} raises nothing but ParseError`, () => {
      refuses(parser, [bytes(0xc1)]);
      refuses(parser, ["}"]);
    });

    it(`${name} lets no malformed packet pass`, () => {
      const encode = (packet: unknown) => received(parser.encode(packet as Packet));
      refuses(parser, encode({ type: 2, nsp: "/", data: ["disconnect"] }));
      refuses(parser, encode({ type: 2, nsp: "/", data: [{ toString: 1 }] }));
      refuses(parser, encode({ type: 3, nsp: "/", data: ["no id"] }));
      refuses(parser, encode({ type: 0, nsp: "/", data: [] }));
    });
  }

  it("binary data of the official parser", () => {
    const parser = fromCustomParser(officialModule);
    const packet: Packet = { type: 2, nsp: "/", data: ["e", bytes(1, 2)] };
    const message = parser.encode(packet);
    assert.deepEqual(message.frames, jsonParser.encode(packet).frames);
    const decoded = decodeAll(parser.decoder(), received(message));
    assert.deepEqual(
      JSON.stringify(decoded),
      JSON.stringify({
        ...packet,
        data: ["e", Buffer.of(1, 2)],
      }),
    );
  });

  it("puts the Engine.IO prefix before text and takes any binary data", async () => {
    const { module } = scripted(() => {});
    const packet: Packet = { type: 1, nsp: "/" };
    assert.deepEqual(fromCustomParser(module).encode(packet).frames, [
      "4text",
      bytes(1),
    ]);
    module.Encoder.prototype.encode = () => ["a", new Blob(["b"])];
    const message = fromCustomParser(module).encode(packet);
    await message.ready;
    assert.deepEqual(message.frames, ["4a", bytes(98)]);
  });

  for (const value of [undefined, "text", [1], [null], [{}], bytes(1)]) {
    it(`refuses an encoder that returns ${JSON.stringify(value)}`, () => {
      const { module } = scripted(() => {});
      module.Encoder.prototype.encode = () => value as never;
      const parser = fromCustomParser(module);
      assert.throws(() => parser.encode({ type: 1, nsp: "/" }), TypeError);
    });
  }

  it("hands over a Buffer of the very bytes", () => {
    const chunks: unknown[] = [];
    const { module } = scripted((_, chunk) => chunks.push(chunk));
    fromCustomParser(module).decoder().decode(bytes(1, 2, 3, 4).subarray(1, 3));
    assert.ok(Buffer.isBuffer(chunks[0]));
    assert.deepEqual([...chunks[0]], [2, 3]);
  });

  const wrong: readonly (readonly [name: string, ...packets: unknown[]])[] = [
    ["nothing of use", null],
    ["a text", "x"],
    ["an array", []],
    ["an empty object", {}],
    ["the type of the wire without name", { type: 5, nsp: "/", data: [] }],
    ["type 7", { type: 7, nsp: "/", data: ["e"] }],
    ["credentials that are a list", { type: 0, nsp: "/", data: ["e"] }],
    ["credentials that are bytes", { type: 0, nsp: "/", data: bytes(1) }],
    ["no namespace", { type: 1 }],
    ["a namespace without slash", { type: 1, nsp: "a" }],
    ["two packets", { type: 1, nsp: "/" }, { type: 1, nsp: "/" }],
    ["a reserved name", { type: 2, nsp: "/", data: ["newListener"] }],
  ];
  for (const [name, ...packets] of wrong) {
    it(`refuses a decoder that emits ${name}`, () => {
      const { module } = scripted((emit) => packets.forEach(emit));
      refuses(fromCustomParser(module), ["x"]);
    });
  }

  class Decoded {
    constructor(readonly type: number, readonly data: unknown, readonly id?: number) {}
    readonly nsp = "/";
  }
  const taken: readonly (readonly [name: string, packet: unknown, becomes: Packet])[] = [
    ["an instance of a class", new Decoded(2, ["e"]), { type: 2, nsp: "/", data: ["e"] }],
    ["a binary event", { type: 5, nsp: "/", data: ["e", bytes(1)] }, {
      type: 2,
      nsp: "/",
      data: ["e", bytes(1)],
    }],
    ["a binary acknowledgement", new Decoded(6, [1], 3), {
      type: 3,
      nsp: "/",
      data: [1],
      id: 3,
    }],
    [
      "credentials of a class",
      new Decoded(
        0,
        new (class {
          token = "x";
        })(),
      ),
      {
        type: 0,
        nsp: "/",
        data: { token: "x" },
      },
    ],
    ["an id that means nothing", { type: 0, nsp: "/", data: {}, id: 0 }, {
      type: 0,
      nsp: "/",
      data: {},
    }],
    ["null for no data", { type: 1, nsp: "/", data: null, id: null }, { type: 1, nsp: "/" }],
  ];
  for (const [name, packet, becomes] of taken) {
    it(`takes a decoder that emits ${name}`, () => {
      const { module } = scripted((emit) => emit(packet));
      assert.deepEqual(fromCustomParser(module).decoder().decode("x"), becomes);
    });
  }

  it("keeps what was thrown as the cause", () => {
    const cause = new RangeError("too far");
    const { module } = scripted(() => {
      throw cause;
    });
    assert.throws(() => fromCustomParser(module).decoder().decode("x"), {
      cause,
    });
  });

  it("destroys its decoder with the connection, and the one that only tried", () => {
    const { module, closed } = scripted(() => {});
    const parser = fromCustomParser(module);
    parser.decoder().close?.();
    assert.equal(closed.length, 1);
    parser.accepts("x");
    assert.equal(closed.length, 2);
  });
});

describe("toParser()", () => {
  it("returns a Parser as it is", () => assert.equal(toParser(jsonParser), jsonParser));

  it("takes a module", () => {
    const parser = toParser(msgpackModule);
    assert.equal(parser.encode({ type: 1, nsp: "/" }).frames.length, 1);
  });

  for (
    const value of [null, undefined, "json", 5, {}, [], { Encoder: class {} }, {
      encode() {},
    }]
  ) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.throws(() => toParser(value as never), {
        name: "TypeError",
        message: /^Cannot use parser: /,
      });
      assert.equal(isCustomParser(value), false);
    });
  }

  it("isCustomParser() knows modules", () => {
    for (const module of Object.values(MODULES)) {
      assert.equal(isCustomParser(module), true);
    }
    assert.equal(isCustomParser(jsonParser), false);
  });
});
