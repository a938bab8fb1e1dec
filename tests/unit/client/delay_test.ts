import { Manager } from "../../../client/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";

describe("Manager.delay()", () => {
  const manager = new Manager("http://127.0.0.1:1", { autoConnect: false, reconnectionDelay: 100 });

  it("doubles up to the limit", () => {
    manager.reconnectionDelayMax(1_000).randomizationFactor(0);
    const waits = [0, 1, 2, 3, 4, 500, 5_000].map((attempt) => manager.delay(attempt));
    assert.deepEqual(waits, [100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it("takes 0 for the default where it is an option, and is a number whatever is set", () => {
    const zeros = { reconnectionAttempts: 0, reconnectionDelay: 0, reconnectionDelayMax: 0 };
    const manager = new Manager("http://127.0.0.1:1", { autoConnect: false, ...zeros });
    assert.deepEqual(
      [manager.reconnectionAttempts(), manager.reconnectionDelay(), manager.reconnectionDelayMax()],
      [Infinity, 1_000, 5_000],
    );
    assert.equal(manager.reconnectionDelay(0).delay(5_000), 0);
  });

  it("varies within the jitter, and not above the limit", () => {
    manager.reconnectionDelayMax(10_000).randomizationFactor(0.5);
    const waits = Array.from({ length: 1_000 }, () => manager.delay(1));
    assert.ok(Math.min(...waits) >= 100 && Math.max(...waits) <= 300);
    assert.ok(Math.max(...waits) - Math.min(...waits) > 100);
    assert.ok(manager.delay(20) <= 10_000);
  });
});
