import { reasonOf } from "../../../../../server/adapter/cluster/reason.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";

describe("reasonOf()", () => {
  const refused = Object.assign(new Error(""), { code: "ECONNREFUSED" });
  const cases: [cause: unknown, reason: string][] = [
    [new Error("no such role"), "no such role"],
    [refused, "ECONNREFUSED"],
    [new AggregateError([refused, new Error("timed out")]), "ECONNREFUSED, timed out"],
    [new AggregateError([new AggregateError([refused]), "away"]), "ECONNREFUSED, away"],
    [new AggregateError([refused], "no address"), "no address"],
    [new AggregateError([]), "AggregateError"],
    [new TypeError(""), "TypeError"],
    ["closed", "closed"],
  ];
  for (const [cause, reason] of cases) {
    it(`says ${reason}`, () => assert.equal(reasonOf(cause), reason));
  }
});
