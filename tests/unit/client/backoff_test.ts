import { backoff } from "../../../client/backoff.ts";
import { assert, describe, it } from "../../harness/mod.ts";

describe("backoff()", () => {
  it("doubles up to the limit", () => {
    const settings = { delay: 100, max: 1_000, jitter: 0 };
    const waits = [0, 1, 2, 3, 4, 500, 5_000].map((attempt) => backoff(attempt, settings));
    assert.deepEqual(waits, [100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it("varies within the jitter, and not above the limit", () => {
    const settings = { delay: 100, max: 10_000, jitter: 0.5 };
    const waits = Array.from({ length: 1_000 }, () => backoff(1, settings));
    assert.ok(Math.min(...waits) >= 100 && Math.max(...waits) <= 300);
    assert.ok(Math.max(...waits) - Math.min(...waits) > 100);
    assert.ok(backoff(20, settings) <= 10_000);
  });
});
