import { Seen } from "../../../../../server/adapter/redis/seen.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";

describe("Seen", () => {
  it("remembers at least as much as it is told to, and forgets the oldest", () => {
    const seen = new Seen(2);
    const added = ["a", "a", "b", "a", "c", "a", "b", "d", "c", "e", "a"].map((what) =>
      seen.add(what)
    );
    assert.deepEqual(added, [
      ...[true, false, true, false, true, false, false, true, false, true, true],
    ]);
  });
});
