import { AckTable } from "../../../events/mod.ts";
import { afterEach, assert, beforeEach, describe, it, mock } from "../../harness/mod.ts";

/** A table, and what its callbacks were told. */
function record() {
  const acks = new AckTable();
  const told: unknown[][] = [];
  const callback = (name: string) => (error: Error | undefined, args: readonly unknown[]) =>
    void told.push([name, error?.message, ...args]);
  return { acks, told, callback };
}

describe("AckTable", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("counts its ids from 0, whatever is settled meanwhile", () => {
    const { acks, callback } = record();
    assert.deepEqual([acks.nextId(), acks.nextId()], [0, 1]);
    acks.add(1, callback("a"));
    acks.resolve(1, []);
    assert.equal(acks.nextId(), 2);
  });

  it("resolve() hands the answer over once", () => {
    const { acks, told, callback } = record();
    acks.add(0, callback("a"));
    acks.add(1, callback("b"));
    assert.equal(acks.size, 2);
    assert.equal(acks.resolve(0, [1, "x"]), true);
    assert.equal(acks.resolve(0, [2]), false);
    assert.equal(acks.resolve(7, []), false);
    assert.deepEqual(told, [["a", undefined, 1, "x"]]);
    assert.equal(acks.size, 1);
  });

  it("add() gives up when the time is over, and an answer is then nobody's", () => {
    const { acks, told, callback } = record();
    acks.add(0, callback("a"), 100);
    mock.timers.tick(99);
    assert.deepEqual(told, []);
    mock.timers.tick(1);
    assert.deepEqual(told, [["a", "operation has timed out"]]);
    assert.equal(acks.resolve(0, ["late"]), false);
    assert.deepEqual([told.length, acks.size], [1, 0]);
  });

  it("add() without a limit waits on", () => {
    const { acks, told, callback } = record();
    acks.add(0, callback("a"));
    mock.timers.tick(1e9);
    assert.deepEqual([told, acks.size], [[], 1]);
  });

  it("resolve() stops the clock", () => {
    const { acks, told, callback } = record();
    acks.add(0, callback("a"), 100);
    acks.resolve(0, []);
    mock.timers.tick(1000);
    assert.deepEqual(told, [["a", undefined]]);
  });

  it("delete() forgets without a call", () => {
    const { acks, told, callback } = record();
    acks.add(0, callback("a"), 100);
    assert.deepEqual([acks.delete(0), acks.delete(0), acks.size], [true, false, 0]);
    mock.timers.tick(1000);
    assert.deepEqual(told, []);
  });

  it("rejectAll() settles everything once, in order, and stops the clocks", () => {
    const { acks, told, callback } = record();
    acks.add(0, callback("a"), 100);
    acks.add(1, callback("b"));
    acks.rejectAll();
    acks.rejectAll();
    mock.timers.tick(1000);
    assert.deepEqual(told, [
      ["a", "socket has been disconnected"],
      ["b", "socket has been disconnected"],
    ]);
    assert.equal(acks.size, 0);
  });

  it("rejectAll() leaves alone what a callback adds", () => {
    const { acks, told, callback } = record();
    acks.add(0, () => acks.add(1, callback("new")));
    acks.rejectAll();
    assert.deepEqual([told, acks.size], [[], 1]);
    acks.resolve(1, []);
    assert.deepEqual(told, [["new", undefined]]);
  });
});
