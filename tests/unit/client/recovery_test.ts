import { Recovery } from "../../../client/recovery.ts";
import { assert, describe, it } from "../../harness/mod.ts";

describe("Recovery", () => {
  it("remembers the offset of a session that the server keeps", () => {
    const recovery = new Recovery();
    assert.equal(recovery.joined("pid"), false);
    recovery.heard(["event", 1, "offset 1"]);
    recovery.heard(["event", 2]);
    recovery.heard(["event"]);
    assert.deepEqual(recovery.claim, { pid: "pid", offset: "offset 1" });
    assert.equal(recovery.joined("pid"), true);
    assert.deepEqual(recovery.claim, { pid: "pid", offset: "offset 1" });
  });

  it("takes no text for an offset where the server keeps no session", () => {
    const recovery = new Recovery();
    recovery.joined(undefined);
    recovery.heard(["event", "text"]);
    assert.equal(recovery.claim, undefined);
  });

  it("forgets the offset with its session", () => {
    const recovery = new Recovery();
    recovery.joined("one");
    recovery.heard(["event", "offset"]);
    assert.equal(recovery.joined("two"), false);
    assert.deepEqual(recovery.claim, { pid: "two", offset: undefined });
    recovery.forget();
    assert.equal(recovery.claim, undefined);
  });
});
