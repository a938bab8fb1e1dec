import { Emitter } from "../../../events/mod.ts";
import { assert, describe, it, mock } from "../../harness/mod.ts";

class Recorder extends Emitter {
  readonly failures: [error: unknown, event: string | symbol][] = [];

  override listenerFailed(error: unknown, event: string | symbol): void {
    this.failures.push([error, event]);
  }
}

/** An emitter, and a list to which each named listener writes its name and arguments. */
function record() {
  const emitter = new Recorder();
  const heard: unknown[][] = [];
  const listener = (name: string) => (...args: unknown[]) => void heard.push([name, ...args]);
  return { emitter, heard, listener };
}

describe("Emitter.on()", () => {
  it("takes a number for the text of it, as it comes from plain JavaScript", () => {
    const { emitter, heard, listener } = record();
    const number = 2 as unknown as string;
    const first = listener("first");
    emitter.on(number, first).once(number, listener("once"));
    assert.deepEqual([emitter.hasListeners("2"), emitter.listenerCount(number)], [true, 2]);
    emitter.dispatch("2", []);
    emitter.dispatch("2", []);
    assert.deepEqual(heard, [["first"], ["once"], ["first"]]);
    emitter.off(number, first);
    assert.deepEqual([emitter.hasListeners(number), emitter.eventNames()], [false, []]);
  });

  it("calls listeners in the order of registration, with the arguments and the emitter", () => {
    const { emitter, heard, listener } = record();
    emitter.on("a", listener("first")).addListener("a", listener("second"));
    emitter.on("a", function (this: unknown) {
      heard.push(["this", this]);
    });
    assert.equal(emitter.dispatch("a", [1, "x"]), true);
    assert.deepEqual(heard, [["first", 1, "x"], ["second", 1, "x"], ["this", emitter]]);
  });

  it("calls the same listener as often as it was added", () => {
    const { emitter, heard, listener } = record();
    const twice = listener("twice");
    emitter.on("a", twice).on("a", twice);
    emitter.dispatch("a", []);
    assert.equal(heard.length, 2);
  });

  it("keeps symbols and names of the object prototype apart from each other", () => {
    const { emitter, heard, listener } = record();
    const symbol: unique symbol = Symbol("a");
    const named: Emitter<{ [symbol]: () => void }> = new Emitter();
    named.on(symbol, listener("symbol"));
    emitter.on("constructor", listener("constructor")).on("__proto__", listener("proto"));
    assert.equal(emitter.dispatch("toString", []), false);
    assert.equal(emitter.dispatch("__proto__", []), true);
    assert.equal(named.dispatch("Symbol(a)", []), false);
    assert.equal(named.dispatch(symbol, []), true);
    assert.deepEqual(heard, [["proto"], ["symbol"]]);
  });

  it("throws a TypeError if the listener is not a function", () => {
    const { emitter } = record();
    const add = () => emitter.on("a", undefined as unknown as () => void);
    assert.throws(add, new TypeError('Cannot listen to "a": the listener is not a function'));
    assert.equal(emitter.hasListeners("a"), false);
  });
});

describe("Emitter.once()", () => {
  it("calls its listener at the next event only", () => {
    const { emitter, heard, listener } = record();
    emitter.once("a", listener("once"));
    assert.equal(emitter.dispatch("a", [1]), true);
    assert.equal(emitter.dispatch("a", [2]), false);
    assert.deepEqual(heard, [["once", 1]]);
  });

  it("calls its listener once though a listener before it emits the same event", () => {
    const { emitter, heard, listener } = record();
    emitter.once("a", () => emitter.dispatch("a", ["inner"]));
    emitter.once("a", listener("once"));
    emitter.dispatch("a", ["outer"]);
    assert.deepEqual(heard, [["once", "inner"]]);
    assert.equal(emitter.listenerCount("a"), 0);
  });

  it("may be taken off by its listener", () => {
    const { emitter, heard, listener } = record();
    const once = listener("once");
    emitter.once("a", once).off("a", once);
    assert.equal(emitter.dispatch("a", []), false);
    assert.deepEqual(heard, []);
  });
});

describe("Emitter.prependListener()", () => {
  it("puts a listener ahead of those that are there", () => {
    const { emitter, heard, listener } = record();
    emitter.on("a", listener("last"));
    emitter.prependListener("a", listener("second")).prependOnceListener("a", listener("first"));
    emitter.dispatch("a", []);
    emitter.dispatch("a", []);
    assert.deepEqual(heard.flat(), ["first", "second", "last", "second", "last"]);
  });
});

describe("Emitter.off()", () => {
  it("takes no event that is undefined for all of them", () => {
    const emitter = new Emitter<Record<string, () => void>>();
    emitter.on("a", () => {});
    const misspelt = undefined as unknown as string;
    emitter.off(misspelt).removeListener(misspelt, () => {}).removeAllListeners(misspelt);
    assert.deepEqual(emitter.eventNames(), ["a"]);
    assert.deepEqual(emitter.removeAllListeners().eventNames(), []);
  });

  it("removes the newest of equal listeners", () => {
    const { emitter, heard, listener } = record();
    const twice = listener("twice");
    emitter.on("a", twice).on("a", listener("middle")).on("a", twice).off("a", twice);
    emitter.dispatch("a", []);
    assert.deepEqual(heard.flat(), ["twice", "middle"]);
  });

  it("removes all listeners of an event, or of every event", () => {
    const { emitter, listener } = record();
    emitter.on("a", listener("a")).on("a", listener("a")).on("b", listener("b"));
    emitter.on("c", listener("c"));
    assert.deepEqual(emitter.removeAllListeners("a").eventNames(), ["b", "c"]);
    assert.deepEqual(emitter.off().eventNames(), []);
  });

  it("does nothing for an unknown event or listener", () => {
    const { emitter, listener } = record();
    emitter.off("a", listener("a")).off("a").off();
    emitter.on("a", listener("a")).removeListener("a", listener("a"));
    assert.equal(emitter.listenerCount("a"), 1);
  });

  it("lets the event that is being heard reach the listeners that it had", () => {
    const { emitter, heard, listener } = record();
    const second = listener("second");
    emitter.on("a", () => void emitter.off("a", second).on("a", listener("late")));
    emitter.on("a", second).on("a", listener("third"));
    emitter.dispatch("a", []);
    assert.deepEqual(heard.flat(), ["second", "third"]);
    heard.length = 0;
    emitter.off("a", second).dispatch("a", []);
    assert.deepEqual(heard.flat(), ["third", "late"]);
  });

  it("leaves nothing behind of an event without listeners", () => {
    const { emitter, listener } = record();
    const listeners = Array.from({ length: 3 }, (_, index) => listener(String(index)));
    for (let round = 0; round < 3; round++) {
      for (const each of listeners) emitter.on(`event ${round}`, each);
      for (const each of listeners) emitter.off(`event ${round}`, each);
      emitter.once("once", listener("once")).dispatch("once", []);
    }
    assert.deepEqual(emitter.eventNames(), []);
    assert.equal(emitter.hasListeners("event 0"), false);
  });
});

describe("Emitter.listeners()", () => {
  it("yields what was added, in order, and no more than a copy", () => {
    const { emitter, listener } = record();
    const [first, second] = [listener("first"), listener("second")];
    emitter.once("a", second).prependListener("a", first);
    emitter.listeners("a").pop();
    assert.deepEqual(emitter.listeners("a"), [first, second]);
    assert.deepEqual(emitter.rawListeners("a"), [first, second]);
    assert.equal(emitter.listenerCount("a"), 2);
    assert.deepEqual(emitter.listeners("b"), []);
  });
});

describe("Emitter.dispatch()", () => {
  it("reports a listener that throws, once, and calls the others", () => {
    const { emitter, heard, listener } = record();
    const error = new Error("no");
    emitter.on("a", () => {
      throw error;
    });
    emitter.on("a", listener("after"));
    assert.equal(emitter.dispatch("a", []), true);
    assert.deepEqual(heard, [["after"]]);
    assert.deepEqual(emitter.failures, [[error, "a"]]);
  });

  it("reports a listener whose promise rejects, once, and calls the others", async () => {
    const { emitter, heard, listener } = record();
    const error = new Error("no");
    emitter.on("a", () => Promise.reject(error)).on("a", listener("after"));
    emitter.on("a", () => Promise.resolve("fine"));
    emitter.dispatch("a", []);
    assert.deepEqual(heard, [["after"]]);
    await Promise.resolve().then(() => {});
    assert.deepEqual(emitter.failures, [[error, "a"]]);
  });

  it("reports a result whose then() throws", () => {
    const { emitter } = record();
    const error = new Error("no then");
    emitter.on("a", () => ({
      get then() {
        throw error;
      },
    }));
    emitter.dispatch("a", []);
    assert.deepEqual(emitter.failures, [[error, "a"]]);
  });

  it("writes to the console where nothing else was said", () => {
    const written = mock.method(console, "error", () => {});
    try {
      const error = new Error("no");
      const emitter = new Emitter();
      emitter.on("chat", () => {
        throw error;
      });
      emitter.dispatch("chat", []);
      assert.deepEqual(written.mock.calls.map((call) => call.arguments), [
        ['Error in a listener of "chat":', error],
      ]);
    } finally {
      written.mock.restore();
    }
  });
});

describe("Emitter.setMaxListeners()", () => {
  it("changes nothing: there is no limit", () => {
    const { emitter } = record();
    assert.equal(emitter.setMaxListeners(1), emitter);
    assert.equal(emitter.getMaxListeners(), Infinity);
  });
});
