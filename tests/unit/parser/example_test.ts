import { readProjectFile } from "../../harness/files.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { datesParser } from "../../../examples/parser/dates.ts";
import { chooseParser, jsonParser, type Packet } from "../../../parser/mod.ts";
import { bytes, refuses, roundTrip } from "./contract.ts";
import { randomPacket, seeded } from "./random.ts";

describe("the worked example of a parser", () => {
  it("stands in docs/parsers.md as it is here", () => {
    const code = readProjectFile("examples/parser/dates.ts");
    assert.ok(readProjectFile("docs/parsers.md").includes("```ts\n" + code + "```\n"));
  });

  it("keeps dates", () => {
    const data = ["at", new Date(5), [{ then: new Date(-1) }]] as const;
    const packet: Packet = { type: 2, nsp: "/", data, id: 1 };
    assert.deepEqual(roundTrip(datesParser, packet), packet);
  });

  it("goes there and back at random", () => {
    const random = seeded(9);
    for (let i = 0; i < 2000; i++) {
      const packet = randomPacket(random, () => new Date(i));
      assert.deepEqual(roundTrip(datesParser, packet), packet);
    }
  });

  it("raises nothing but ParseError", () => {
    for (const frame of ["", "x", "null", "5", "[]", "{}", '{"type":9,"nsp":"/"}', bytes(1)]) {
      refuses(datesParser, [frame]);
    }
    refuses(datesParser, ['{"type":2,"nsp":"/","data":["disconnect"]}']);
  });

  it("stands beside the text format", () => {
    const parsers = [datesParser, jsonParser];
    assert.equal(chooseParser(parsers, '{"type":0,"nsp":"/"}'), datesParser);
    assert.equal(chooseParser(parsers, "0"), jsonParser);
  });
});
