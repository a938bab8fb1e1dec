import { configureDebug, debugScope, debugScopes, quoted } from "../../../events/mod.ts";
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

  it("spells out control characters: a client must not write lines, or colours, of its own", () => {
    const lines: string[] = [];
    configureDebug("sockeye:a", (_scope, message) => lines.push(message));
    debugScope("sockeye:a").log("a\r\nb\x1b[31m\x07\x7f\x9bé");
    assert.deepEqual(lines, ["a\\u000d\\u000ab\\u001b[31m\\u0007\\u007f\\u009bé"]);
  });

  it("returns the patterns that match no scope, and debugScopes() has those that there are", () => {
    for (const name of SCOPES) debugScope(name);
    assert.deepEqual(configureDebug("sockeye:*, sockeye:aa, -sockeye:b, -never"), [
      "sockeye:aa",
      "-never",
    ]);
    assert.deepEqual(configureDebug(""), []);
    const known = [...debugScopes().keys()];
    assert.deepEqual(SCOPES.filter((name) => !known.includes(name)), []);
  });

  it("a scope is one and the same for all who ask, and follows later switches", () => {
    const scope = debugScope("sockeye:a");
    assert.equal(debugScope("sockeye:a"), scope);
    assert.equal(scope.enabled, false);
    configureDebug("sockeye:a");
    assert.equal(scope.enabled, true);
  });
});

describe("quoted()", () => {
  it("puts a text in quotes, cut if it is long", () => {
    assert.equal(quoted('a"b\n'), '"a\\"b\\n"');
    assert.equal(quoted("x".repeat(81)), `"${"x".repeat(80)}"`);
    assert.equal(quoted("xyz", 2), '"xy"');
  });
});
