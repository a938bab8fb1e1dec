import { Emitter } from "../../../../client/engine/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

class Recorder extends Emitter {
  readonly failures: unknown[] = [];

  override listenerFailed(error: unknown, event: string | symbol): void {
    this.failures.push([error, event]);
  }
}

describe("the emitter of the client", () => {
  it("calls listeners in order, with the arguments and itself as this", () => {
    const emitter = new Recorder();
    const heard: unknown[] = [];
    emitter.on("a", (...args: unknown[]) => void heard.push(args));
    emitter.on("a", function (this: unknown) {
      heard.push(this);
    });
    emitter.dispatch("a", 1, "x");
    emitter.dispatch("b");
    assert.deepEqual(heard, [[1, "x"], emitter]);
  });

  it("takes a number for the text of it, and no name for one of every object", () => {
    const emitter = new Recorder();
    const heard: unknown[] = [];
    const number = 4 as unknown as string;
    const listener = (...args: unknown[]) => void heard.push(args);
    emitter.on(number, listener).once("5", listener);
    emitter.dispatch("4", "text");
    emitter.dispatch(number, "number");
    emitter.dispatch(5 as unknown as string, "once");
    emitter.dispatch("5", "gone");
    assert.deepEqual(heard, [["text"], ["number"], ["once"]]);
    assert.equal(emitter.off("4", listener).hasListeners(number), false);
    for (const name of ["__proto__", "constructor", "toString"]) {
      assert.equal(emitter.hasListeners(name), false);
      emitter.dispatch(name);
      emitter.on(name, listener).dispatch(name, name);
      assert.deepEqual(heard.at(-1), [name]);
    }
    assert.deepEqual([heard.length, emitter.failures], [6, []]);
  });

  it("takes no event that is undefined for all of them", () => {
    const emitter = new Recorder();
    emitter.on("a", () => {});
    const misspelt = undefined as unknown as string;
    emitter.off(misspelt).removeListener(misspelt, () => {}).removeAllListeners(misspelt);
    assert.equal(emitter.hasListeners("a"), true);
    assert.equal(emitter.off("a", null as unknown as () => void).hasListeners("a"), true);
    assert.equal(emitter.removeListener().hasListeners("a"), false);
  });

  it("calls a listener of once() once, even if it is heard in the middle of its event", () => {
    const emitter = new Recorder();
    const heard: number[] = [];
    let depth = 0;
    emitter.on("a", () => {
      if (depth++ === 0) emitter.dispatch("a");
    });
    const listener = () => void heard.push(depth);
    emitter.once("a", listener);
    assert.deepEqual(emitter.listeners("a").at(-1), listener);
    emitter.dispatch("a");
    assert.deepEqual(heard, [2]);
    assert.equal(emitter.listeners("a").length, 1);
  });

  it("removes one listener, those of an event, or all", () => {
    const emitter = new Recorder();
    const never = () => assert.fail("called");
    emitter.on("a", never).once("a", never).off("a", never).off("a", never);
    assert.equal(emitter.hasListeners("a"), false);
    emitter.on("a", never).on("a", never).removeAllListeners("a");
    emitter.on("a", never).on("b", never).off();
    emitter.on("a", never).removeListener("a", never);
    emitter.dispatch("a");
    emitter.dispatch("b");
    assert.deepEqual(emitter.failures, []);
  });

  it("removes one of the same listener that is there twice", () => {
    const emitter = new Emitter();
    let calls = 0;
    const listener = () => void calls++;
    emitter.on("x", listener).on("x", listener).off("x", listener);
    emitter.dispatch("x");
    assert.deepEqual([calls, emitter.listeners("x").length], [1, 1]);
    emitter.off("x", listener).off("x", listener);
    assert.equal(emitter.hasListeners("x"), false);
  });

  it("reports a listener that throws or rejects, and calls the others", async () => {
    const emitter = new Recorder();
    const heard: string[] = [];
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    emitter.on("a", () => {
      throw thrown;
    });
    emitter.on("a", () => Promise.reject(rejected));
    emitter.on("a", () => void heard.push("other"));
    emitter.dispatch("a");
    await Promise.resolve();
    assert.deepEqual(heard, ["other"]);
    assert.deepEqual(emitter.failures, [[thrown, "a"], [rejected, "a"]]);
  });
});
