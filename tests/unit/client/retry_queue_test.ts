import type { AckCallback } from "../../../events/mod.ts";
import { createRetryQueue } from "../../../client/retry_queue.ts";
import { assert, describe, it } from "../../harness/mod.ts";

/** A queue, the attempts that it made, and what settles the last of them. */
function start(retries: number) {
  const attempts: unknown[] = [];
  const settles: AckCallback[] = [];
  const queue = createRetryQueue(retries, (data, _flags, settle) => {
    attempts.push(data[0]);
    settles.push((error, args) => {
      settle(error, args);
      queue.drain();
    });
  });
  return { queue, attempts, settles, outcomes: [] as unknown[] };
}

describe("createRetryQueue()", () => {
  it("sends one event at a time, each until it is acknowledged or was tried enough", () => {
    const { queue, attempts, settles, outcomes } = start(1);
    for (const name of ["a", "b"]) {
      queue.add([name], {}, (error, args) => outcomes.push(error?.message ?? args));
    }
    queue.drain();
    queue.drain();
    assert.deepEqual(attempts, ["a"]);
    settles[0]!(new Error("late"), []);
    assert.deepEqual(attempts, ["a", "a"]);
    settles[0]!(undefined, ["of the attempt before"]);
    settles[1]!(new Error("late again"), []);
    settles[2]!(undefined, ["answer"]);
    assert.deepEqual(attempts, ["a", "a", "b"]);
    assert.deepEqual(outcomes, ["late again", ["answer"]]);
  });

  it("sends the first event anew over a new connection", () => {
    const { queue, attempts, settles, outcomes } = start(5);
    queue.add(["a"], {}, (_error, args) => outcomes.push(args));
    queue.drain();
    queue.restart();
    settles[0]!(new Error("gone"), []);
    settles[1]!(undefined, [1]);
    assert.deepEqual(attempts, ["a", "a"]);
    assert.deepEqual(outcomes, [[1]]);
  });

  it("takes an event out again", () => {
    const { queue, attempts, settles } = start(5);
    const remove = queue.add(["a"], {}, () => assert.fail("settled"));
    queue.add(["b"], {}, undefined);
    queue.drain();
    remove();
    queue.drain();
    settles[0]!(undefined, []);
    assert.deepEqual(attempts, ["a", "b"]);
  });
});
