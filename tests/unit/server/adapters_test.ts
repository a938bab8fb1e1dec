import { LocalAdapter, RecoveryAdapter, RecoveryBudget } from "../../../server/adapter/mod.ts";
import { adapterMaker } from "../../../server/adapters.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { FakeScope } from "./adapter/fakes.ts";

const RECOVERY = {
  maxDisconnectionDuration: 1000,
  maxBufferedBytes: 1000,
  detectionTime: 1000,
};

class Own extends LocalAdapter {}

function warningsOf(work: () => void): unknown[] {
  const { warn } = console;
  const warnings: unknown[] = [];
  console.warn = (text) => warnings.push(text);
  try {
    work();
  } finally {
    console.warn = warn;
  }
  return warnings;
}

describe("adapterMaker()", () => {
  it("says once that an adapter keeps no sessions, where they are to be kept", () => {
    const make = adapterMaker(Own, RECOVERY);
    const warnings = warningsOf(() => {
      for (let i = 0; i < 2; i++) assert.ok(make(new FakeScope(false)) instanceof Own);
    });
    assert.equal(warnings.length, 1);
    assert.match(String(warnings), /^connectionStateRecovery has no effect/);
  });

  it("says nothing where they need not be kept, or are", () => {
    const limits = { ...RECOVERY, budget: new RecoveryBudget(1000) };
    const warnings = warningsOf(() => {
      adapterMaker(Own, undefined)(new FakeScope(false));
      adapterMaker(LocalAdapter, RECOVERY)(new FakeScope(false));
      adapterMaker((scope) => new RecoveryAdapter(scope, limits), RECOVERY)(new FakeScope(false));
    });
    assert.deepEqual(warnings, []);
  });

  it("names what is no adapter, nor makes one", () => {
    const { createAdapter, createShardedAdapter } = {
      createAdapter: () => () => new Own(new FakeScope(false)),
      createShardedAdapter: () => {
        throw new TypeError("Cannot use subClient: it is none");
      },
    };
    const cases: [unknown, RegExp][] = [
      ["redis", /^Option "adapter" must be a function, not string$/],
      [createAdapter, /^Cannot use adapter: call createAdapter\(\), which makes one$/],
      [
        createShardedAdapter,
        /^Cannot use adapter: call createShardedAdapter\(\), which makes one$/,
      ],
      [() => ({}), /^Cannot use adapter: it is not one for this server/],
      [() => {
        throw new TypeError("a fault of its own");
      }, /^a fault of its own$/],
    ];
    for (const [option, message] of cases) {
      const make = () => adapterMaker(option as never, undefined)(new FakeScope(false));
      assert.throws(make, { name: "TypeError", message });
    }
  });
});
