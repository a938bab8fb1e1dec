import { Emitter } from "../../../../../emitter/postgres/mod.ts";
import { createAdapter as overThreads } from "../../../../../server/adapter/broadcast_channel/mod.ts";
import { checkOptionNames } from "../../../../../server/adapter/cluster/mod.ts";
import { createAdapter as overNats } from "../../../../../server/adapter/nats/mod.ts";
import { createAdapter as overPostgres } from "../../../../../server/adapter/postgres/mod.ts";
import { FakePool } from "../../../../harness/fake_brokers.ts";
import { FakeNats } from "../../../../harness/fake_nats.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";

const NAMES = ["requestsTimeout", "heartbeatInterval", "heartbeatTimeout", "key"];

describe("checkOptionNames()", () => {
  const wrong: [name: string, meant: string][] = [
    ["requestTimeout", "requestsTimeout"],
    ["requeststimeout", "requestsTimeout"],
    ["requests_timeout", "requestsTimeout"],
    ["hearbeatTimeOut", "heartbeatTimeout"],
    ["heartbeatIntervall", "heartbeatInterval"],
    ["Key", "key"],
    ["keys", "key"],
  ];
  for (const [name, meant] of wrong) {
    it(`says that ${name} is ${meant}`, () => {
      assert.throws(() => checkOptionNames({ [name]: undefined }, NAMES), {
        name: "TypeError",
        message: `Unknown option "${name}": did you mean "${meant}"?`,
      });
    });
  }

  it("suggests the nearest", () => {
    assert.throws(() => checkOptionNames({ timeour: 1 }, ["timeouts", "timeout"]), /"timeout"\?$/);
  });

  it("leaves alone what is known, or like no other", () => {
    checkOptionNames(undefined, NAMES);
    checkOptionNames({}, NAMES);
    checkOptionNames({ key: 1, me: 2, timeout: 3, requestsTimeoutInMs: 4 }, NAMES);
  });

  const values: [value: unknown, kind: string][] = [
    ["x", "string"],
    [null, "null"],
    [7, "number"],
    [[], "an array"],
    [() => {}, "function"],
  ];
  for (const [value, kind] of values) {
    it(`refuses options that are ${kind}`, () => {
      assert.throws(() => checkOptionNames(value, NAMES), {
        name: "TypeError",
        message: `Options must be an object, not ${kind}`,
      });
    });
  }

  it("is asked by the adapters and the emitter", () => {
    const pool = new FakePool() as never;
    const nats = new FakeNats();
    const makers: ((options: never) => unknown)[] = [
      (options) => overThreads(options),
      (options) => overNats(nats, options),
      (options) => overPostgres(pool, options),
    ];
    for (const make of makers) {
      assert.throws(() => make({ hearbeatTimeout: 1 } as never), /"heartbeatTimeout"/);
      assert.throws(() => make(null as never), /^TypeError: Options must be an object, not null$/);
    }
    assert.throws(() => new Emitter(pool, { chanelPrefix: "" } as never), /"channelPrefix"/);
  });
});
