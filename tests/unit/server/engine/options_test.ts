import { assert, describe, it } from "../../../harness/mod.ts";
import { resolveOptions, thresholdOf } from "../../../../server/engine/options.ts";

const given = (options: unknown) => () => resolveOptions(options as object);

describe("resolveOptions()", () => {
  it("fills in the defaults", () => {
    const options = resolveOptions({ path: "/x", pingTimeout: undefined as unknown as number });
    assert.equal(options.path, "/x");
    assert.equal(options.pingTimeout, 20_000);
    assert.equal(options.pingInterval, 25_000);
    assert.deepEqual(options.transports, ["polling", "websocket"]);
  });

  const wrong: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
    ["x", TypeError, /must be an object/],
    [{ pingInterval: "25" }, TypeError, /"pingInterval" must be a number, not string/],
    [{ pingInterval: -1 }, RangeError, /"pingInterval" must not be negative: -1/],
    [{ pingTimeout: NaN }, RangeError, /"pingTimeout"/],
    [{ pingInterval: Infinity }, RangeError, /"pingInterval" must be at most 2147483647/],
    [{ pingTimeout: 2 ** 31 }, RangeError, /"pingTimeout" must be at most 2147483647/],
    [{ maxHttpBufferSize: 0 }, RangeError, /"maxHttpBufferSize" must be a positive integer/],
    [{ maxHttpBufferSize: 1.5 }, RangeError, /positive integer/],
    [{ path: "x" }, RangeError, /must begin with a slash/],
    [{ transports: "polling" }, TypeError, /must be a list/],
    [{ transports: [] }, TypeError, /must be a list/],
    [{ transports: ["constructor"] }, RangeError, /no transport "constructor"/],
    [{ cors: "*" }, TypeError, /"cors" must be object or function or boolean, not string/],
    [{ cookie: { name: "a b" } }, TypeError, /no valid name/],
    [{ httpCompression: { threshold: -1 } }, RangeError, /"httpCompression.threshold"/],
    [{ allowRequest: true }, TypeError, /must be a function/],
    [{ pingInterva: 1 }, TypeError, /Unknown option "pingInterva": did you mean "pingInterval"\?/],
    [{ PingInterval: 1 }, TypeError, /did you mean "pingInterval"/],
    [{ transport: ["polling"] }, TypeError, /did you mean "transports"/],
    [{ cookie: { samesite: "lax" } }, TypeError, /"samesite": did you mean "sameSite"\?/],
    [{ cookie: { maxage: 1 } }, TypeError, /"maxage": did you mean "maxAge"\?/],
    [{ httpCompression: { treshold: 1 } }, TypeError, /"treshold": did you mean "threshold"\?/],
    [{ perMessageDeflate: { thresholds: 1 } }, TypeError, /did you mean "threshold"\?/],
    [{ allowEio3: true }, TypeError, /did you mean "allowEIO3"/],
  ];
  for (const [options, type, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(
        given(options),
        (error) => error instanceof type && message.test(error.message),
      );
    });
  }

  it("leaves names alone that are like none of its own, and those that others know", () => {
    resolveOptions({ color: "red", constructor: 1, toString: 2 } as object);
    resolveOptions({ transport: 1 } as object, ["transport"]);
  });

  it("leaves the members of npm's options alone that have no meaning here", () => {
    const perMessageDeflate = { threshold: null, zlibDeflateOptions: { level: 1 } };
    const options = { perMessageDeflate, httpCompression: { chunkSize: 1 }, cookie: { encode: 1 } };
    assert.equal(thresholdOf(resolveOptions(options as object).perMessageDeflate), 1024);
  });

  it("takes no prototype name for a rule", () => {
    resolveOptions(JSON.parse('{"__proto__": 1}') as object);
  });
});

describe("thresholdOf()", () => {
  it("is infinite where nothing is compressed", () => {
    assert.equal(thresholdOf(false), Infinity);
    assert.equal(thresholdOf(undefined), Infinity);
    assert.equal(thresholdOf(true), 1024);
    assert.equal(thresholdOf({}), 1024);
    assert.equal(thresholdOf({ threshold: 0 }), 0);
  });
});
