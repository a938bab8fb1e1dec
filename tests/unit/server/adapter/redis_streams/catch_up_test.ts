import { CatchUp } from "../../../../../server/adapter/redis_streams/catch_up.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { within } from "../../../../harness/once.ts";

describe("CatchUp", () => {
  it("asks once for all that wait, and again for who comes while it asks", async () => {
    const answers: PromiseWithResolvers<void>[] = [];
    const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const catchUp = new CatchUp(() => {
      asked[answers.length]?.resolve();
      answers.push(Promise.withResolvers());
      return answers.at(-1)!.promise;
    });
    const log: string[] = [];
    const first = ["a", "b"].map((name) => catchUp.wait().then(() => log.push(name)));
    await asked[0]!.promise;
    const late = catchUp.wait().then(() => log.push("late"));
    answers[0]!.resolve();
    await Promise.all(first);
    await asked[1]!.promise;
    assert.deepEqual(log, ["a", "b"]);
    answers[1]!.resolve();
    await late;
    assert.equal(answers.length, 2);
    catchUp.close();
  });

  it("asks again until there is an answer", async () => {
    let asked = 0;
    const catchUp = new CatchUp(() =>
      ++asked < 3 ? Promise.reject(new Error("away")) : Promise.resolve()
    );
    await catchUp.wait();
    assert.equal(asked, 3);
    catchUp.close();
  });

  it("does not wait for ever, whether Redis refuses or is silent", async () => {
    for (
      const reach of [() => Promise.reject(new Error("away")), () => new Promise<void>(() => {})]
    ) {
      const catchUp = new CatchUp(reach, 120);
      await within(catchUp.wait(), "an end");
      catchUp.close();
    }
  });

  it("ends at once when all is closed", async () => {
    for (const isAsked of [false, true]) {
      const asked = Promise.withResolvers<void>();
      const catchUp = new CatchUp(() => {
        asked.resolve();
        return new Promise(() => {});
      });
      const waiting = catchUp.wait();
      if (isAsked) await asked.promise;
      catchUp.close();
      await within(waiting, "an end");
      await within(catchUp.wait(), "an end of what comes later");
    }
  });
});
