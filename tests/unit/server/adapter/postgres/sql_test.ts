import type { ChannelHandler } from "../../../../../server/adapter/postgres/database.ts";
import { SqlDatabase } from "../../../../../server/adapter/postgres/sql.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { until } from "../../../../harness/once.ts";

/** The `sql` of a client whose first tries to listen fail. */
class FakeSql {
  calls = 0;
  unlistened = 0;
  notified: (payload: string) => void = () => {};
  readonly #failures: number;

  constructor(failures: number) {
    this.#failures = failures;
  }

  unsafe(): Promise<unknown[]> {
    return Promise.resolve([]);
  }

  async listen(
    _channel: string,
    notified: (payload: string) => void,
    listening: () => void,
  ): Promise<{ unlisten(): Promise<unknown> }> {
    if (++this.calls <= this.#failures) throw new Error("away");
    this.notified = notified;
    listening();
    return await Promise.resolve({ unlisten: () => Promise.resolve(this.unlistened++) });
  }
}

function recorder(): ChannelHandler & { readonly log: unknown[] } {
  const log: unknown[] = [];
  return {
    log,
    notified: (payload) => log.push(payload),
    listening: () => log.push("listening"),
    failed: () => log.push("failed"),
  };
}

describe("SqlDatabase.listen()", () => {
  it("tries again, but with the client that does so by itself", async () => {
    const byItself = Object.assign(new FakeSql(1), { subscribe: () => {} });
    const other = new FakeSql(3);
    const [first, second] = [recorder(), recorder()];
    const stopFirst = new SqlDatabase(byItself).listen("channel", first);
    const stopSecond = new SqlDatabase(other).listen("channel", second);
    // By the fourth call, a second one of the first would have come, with any chance.
    await until(() => other.calls === 4, "the fourth call");
    assert.equal(byItself.calls, 1);
    await Promise.all([stopFirst(), stopSecond()]);
    assert.deepEqual(first.log, ["failed"]);
    assert.deepEqual(second.log, ["failed", "failed", "failed", "listening"]);
    assert.equal(other.unlistened, 1);
  });

  it("is silent once it is stopped, and tries no more", async () => {
    const sql = new FakeSql(0);
    const handler = recorder();
    const stop = new SqlDatabase(sql).listen("channel", handler);
    sql.notified("heard");
    const stopped = stop();
    sql.notified("not heard");
    await stopped;
    assert.deepEqual(handler.log, ["listening", "heard"]);
    const failing = new FakeSql(1);
    const late = recorder();
    await new SqlDatabase(failing).listen("channel", late)();
    assert.deepEqual([failing.calls, late.log], [1, []]);
  });
});
