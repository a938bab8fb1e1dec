import { assert, describe, it } from "../../harness/mod.ts";
import { cborParser } from "../../../parser/cbor/mod.ts";
import { chooseParser, fromCustomParser, jsonParser } from "../../../parser/mod.ts";
import { msgpackParser } from "../../../parser/msgpack/mod.ts";
import customModule from "socket.io-json-parser";
import officialMsgpack from "socket.io-msgpack-parser";
import { bytes, received } from "./contract.ts";

const ALL = [jsonParser, msgpackParser, cborParser];
const MESSAGE = "Cannot decode packet: no parser of this server accepts the first frame";

describe("chooseParser()", () => {
  for (
    const [name, parser] of Object.entries({
      jsonParser,
      msgpackParser,
      cborParser,
    })
  ) {
    for (const data of [undefined, { token: "x".repeat(1000) }]) {
      it(`finds ${name} by its connect packet${data === undefined ? "" : " with data"}`, () => {
        const packet = data === undefined
          ? { type: 0, nsp: "/" } as const
          : { type: 0, nsp: "/a", data } as const;
        const [first = ""] = received(parser.encode(packet));
        assert.equal(chooseParser(ALL, first), parser);
        assert.equal(chooseParser(ALL.toReversed(), first), parser);
      });
    }
  }

  it("finds msgpackParser by the connect packet of the official client", () => {
    const packet = { type: 0, data: undefined, nsp: "/" };
    const [first] = new officialMsgpack.Encoder().encode(
      packet as never,
    ) as unknown as Uint8Array[];
    assert.equal(chooseParser(ALL, first as Uint8Array), msgpackParser);
  });

  it("finds a custom parser that stands behind the others", () => {
    const custom = fromCustomParser(customModule);
    const binary = [msgpackParser, cborParser, custom];
    assert.equal(chooseParser(binary, '{"type":0,"nsp":"/"}'), custom);
  });

  for (
    const first of [
      bytes(),
      bytes(0x90),
      bytes(0xc1),
      bytes(0x30),
      bytes(0xff),
      bytes(0xd9),
    ]
  ) {
    it(`refuses [${first}]`, () => {
      assert.throws(() => chooseParser(ALL, first), {
        name: "ParseError",
        message: MESSAGE,
      });
    });
  }

  it("refuses text where only binary formats are spoken", () => {
    assert.throws(() => chooseParser([msgpackParser, cborParser], "0"), {
      message: MESSAGE,
    });
  });

  it("does not ask a single parser", () => {
    assert.equal(chooseParser([cborParser], "0"), cborParser);
  });

  it("refuses when there is none", () => {
    assert.throws(() => chooseParser([], "0"), { message: MESSAGE });
  });
});
