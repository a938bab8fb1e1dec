import { createAdapter } from "../../../../../server/adapter/redis_streams/mod.ts";
import { resolveOptions } from "../../../../../server/adapter/redis_streams/options.ts";
import { FakeRedis } from "../../../../harness/fake_redis.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";

describe("createAdapter() of Redis streams", () => {
  const client = new FakeRedis().client() as never;

  it("takes its options, and what another adapter may be told", () => {
    const options = { ...resolveOptions({}), requestsTimeout: 1000, heartbeatInterval: 5000 };
    assert.equal(typeof createAdapter(client, options), "function");
  });

  const wrong: [options: unknown, error: string, message: RegExp][] = [
    [{ maxlen: 5 }, "TypeError", /^Unknown option "maxlen": did you mean "maxLen"\?$/],
    [{ requestTimeout: 5 }, "TypeError", /did you mean "requestsTimeout"\?$/],
    [{ streamPrefix: 5, sessionKeyPrefx: "" }, "TypeError", /did you mean "sessionKeyPrefix"\?$/],
    ["a stream", "TypeError", /^Options must be an object, not string$/],
    [null, "TypeError", /^Options must be an object, not null$/],
    [{ streamName: 5 }, "TypeError", /^Cannot use streamName: it is no text$/],
    [{ streamCount: 0 }, "RangeError", /^Cannot use streamCount: it is no whole number from 1$/],
    [{ blockTimeInMs: -1 }, "RangeError", /^Cannot use blockTimeInMs: .* from 0$/],
  ];
  for (const [options, name, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => createAdapter(client, options as never), { name, message });
    });
  }
});
