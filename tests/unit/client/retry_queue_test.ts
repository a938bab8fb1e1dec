import type { AckCallback } from "../../../events/mod.ts";
import { createRetryQueue } from "../../../client/retry_queue.ts";
import { assert, describe, it } from "../../harness/mod.ts";

/** A queue, the attempts that it made, what settles each of them, and the outcomes. */
function start(retries: number) {
  const attempts: unknown[] = [];
  const forgotten: unknown[] = [];
  const settles: AckCallback[] = [];
  const outcomes: unknown[] = [];
  const line = { connected: true };
  const queue = createRetryQueue(
    retries,
    (data, _flags, settle) => {
      attempts.push(data[0]);
      settles.push(settle);
      return () => forgotten.push(data[0]);
    },
    () => line.connected,
  );
  const add = (name: string) =>
    queue.add([name], {}, (error, args) => outcomes.push(error?.message ?? args));
  return { queue, line, add, attempts, forgotten, settles, outcomes };
}

describe("createRetryQueue()", () => {
  it("sends one event at a time, each until it is acknowledged or was tried enough", () => {
    const { queue, add, attempts, settles, outcomes } = start(1);
    add("a");
    add("b");
    queue.drain();
    assert.deepEqual(attempts, ["a"]);
    settles[0]!(new Error("late"), []);
    assert.deepEqual(attempts, ["a", "a"]);
    settles[1]!(new Error("late again"), []);
    settles[2]!(undefined, ["answer"]);
    assert.deepEqual(attempts, ["a", "a", "b"]);
    assert.deepEqual(outcomes, ["late again", ["answer"]]);
  });

  it("waits for the connection, and goes on with the event that it failed", () => {
    const { queue, line, add, attempts, settles, outcomes } = start(5);
    line.connected = false;
    add("a");
    assert.deepEqual(attempts, []);
    line.connected = true;
    queue.drain();
    line.connected = false;
    settles[0]!(new Error("gone"), []);
    assert.deepEqual(attempts, ["a"]);
    line.connected = true;
    queue.drain();
    settles[1]!(undefined, [1]);
    assert.deepEqual(attempts, ["a", "a"]);
    assert.deepEqual(outcomes, [[1]]);
  });

  it("takes an event out again, and goes on with the next one", () => {
    const { add, attempts, forgotten, settles, outcomes } = start(5);
    const removes = ["a", "b", "c"].map(add);
    removes[1]!();
    assert.deepEqual(forgotten, []);
    removes[0]!();
    assert.deepEqual(forgotten, ["a"]);
    assert.deepEqual(attempts, ["a", "c"]);
    settles[1]!(undefined, ["answer"]);
    assert.deepEqual(outcomes, [["answer"]]);
  });

  it("sends what an outcome makes the program add", () => {
    const { queue, add, attempts, settles } = start(5);
    queue.add(["a"], {}, () => add("b"));
    settles[0]!(undefined, []);
    assert.deepEqual(attempts, ["a", "b"]);
  });
});
