import { createAdapter } from "../../../../server/adapter/nats/mod.ts";
import { FakeNats } from "../../../harness/fake_nats.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

describe("createAdapter() of NATS", () => {
  it("takes a connection", () => {
    assert.equal(typeof createAdapter(new FakeNats()), "function");
  });

  const values: [name: string, value: unknown][] = [
    ["an address", "nats://127.0.0.1"],
    ["nothing", undefined],
    ["null", null],
    ["the function that connects", () => {}],
    ["something else", { publish() {}, subscribe() {}, flush() {} }],
  ];
  for (const [name, value] of values) {
    it(`refuses ${name}`, () => {
      assert.throws(() => createAdapter(value as never), {
        name: "TypeError",
        message: /^Cannot use connection to NATS: .* has no method "\w+"$/,
      });
    });
  }

  it("says that a promise is to be awaited", () => {
    assert.throws(() => createAdapter(Promise.resolve(new FakeNats()) as never), {
      name: "TypeError",
      message: "Cannot use connection to NATS: it is a promise, which is to be awaited",
    });
  });
});
