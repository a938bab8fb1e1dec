import { configureDebug, debugScope } from "../../../events/mod.ts";
import { afterEach, assert, describe, it } from "../../harness/mod.ts";

const SCOPES = ["sockeye:a", "sockeye:a:b", "sockeye:b", "other"];

describe("configureDebug()", () => {
  afterEach(() => configureDebug(""));

  for (
    const [patterns, expected] of [
      ["", []],
      ["*", SCOPES],
      ["sockeye:*", SCOPES.slice(0, 3)],
      ["sockeye:a", ["sockeye:a"]],
      ["sockeye:b, other", ["sockeye:b", "other"]],
      ["sockeye:*,-sockeye:a*", ["sockeye:b"]],
      ["-sockeye:a", []],
      ["sockeye.a", []],
      ["*:b", ["sockeye:a:b", "sockeye:b"]],
    ] as const
  ) {
    it(`${JSON.stringify(patterns)} switches on ${expected.join(", ") || "nothing"}`, () => {
      configureDebug(patterns);
      assert.deepEqual(SCOPES.filter((name) => debugScope(name).enabled), expected);
    });
  }

  it("hands lines to the function that is given, with the name of their scope", () => {
    const lines: string[][] = [];
    configureDebug("sockeye:a", (...line) => lines.push(line));
    debugScope("sockeye:a").log("hello");
    assert.deepEqual(lines, [["sockeye:a", "hello"]]);
  });

  it("a scope is one and the same for all who ask, and follows later switches", () => {
    const scope = debugScope("sockeye:a");
    assert.equal(debugScope("sockeye:a"), scope);
    assert.equal(scope.enabled, false);
    configureDebug("sockeye:a");
    assert.equal(scope.enabled, true);
  });
});
