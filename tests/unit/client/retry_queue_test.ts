import type { AckCallback } from "../../../events/mod.ts";
import { createRetryQueue } from "../../../client/retry_queue.ts";
import { assert, describe, it } from "../../harness/mod.ts";

/** A queue, the attempts that it made, what settles each of them, and the outcomes. */
function start(retries: number) {
  const attempts: unknown[] = [];
  const forgotten: unknown[] = [];
  const settles: AckCallback[] = [];
  const outcomes: unknown[] = [];
  const reported: unknown[] = [];
  const line = {
    connected: true,
    listenerFailed: (error: unknown) => reported.push((error as Error).message),
  };
  const sending: ((name: unknown) => void)[] = [];
  const queue = createRetryQueue(
    retries,
    (data, _flags, settle) => {
      attempts.push(data[0]);
      for (const told of sending) told(data[0]);
      settles.push(settle);
      return () => forgotten.push(data[0]);
    },
    line,
  );
  const add = (name: string) =>
    queue.add([name], {}, (error, args) => outcomes.push(error?.message ?? args));
  return { queue, line, add, sending, attempts, forgotten, settles, outcomes, reported };
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

  it("goes on behind an event that cannot be sent, which fails for good", () => {
    const { add, sending, attempts, settles, outcomes, reported } = start(5);
    sending.push((name) => {
      if (name === "bad") throw new TypeError("no JSON");
    });
    for (const name of ["bad", "a", "bad", "b"]) add(name);
    settles.at(-1)!(undefined, [1]);
    settles.at(-1)!(undefined, [2]);
    assert.deepEqual(attempts, ["bad", "a", "bad", "b"]);
    assert.deepEqual(outcomes, ["no JSON", [1], "no JSON", [2]]);
    assert.deepEqual(reported, ["no JSON", "no JSON"]);
  });

  it("does not send an event again for what is added while it is being sent", () => {
    const { add, sending, attempts, settles, outcomes } = start(5);
    sending.push((name) => {
      if (name === "a") add("b");
    });
    add("a");
    assert.deepEqual(attempts, ["a"]);
    settles[0]!(undefined, [1]);
    settles[1]!(undefined, [2]);
    assert.deepEqual([attempts, outcomes], [["a", "b"], [[1], [2]]]);
  });

  it("takes an event out while it is being sent, and hears nothing of it any more", () => {
    const { add, sending, attempts, settles, outcomes } = start(1);
    let take: (() => void) | undefined;
    sending.push(() => take?.());
    const first = add("a");
    add("b");
    take = () => {
      take = undefined;
      first();
    };
    settles[0]!(new Error("late"), []);
    assert.deepEqual(attempts, ["a", "a", "b"]);
    // The attempt of the second event was made within that of the first.
    const [, second, former] = settles;
    former!(undefined, ["taken out"]);
    second!(undefined, ["b"]);
    assert.deepEqual(outcomes, [["b"]]);
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
