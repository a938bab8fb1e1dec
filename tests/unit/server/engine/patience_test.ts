import { assert, describe, it } from "../../../harness/mod.ts";
import { Patience } from "../../../../server/engine/patience.ts";
import { FakeClock } from "./fake_clock.ts";

describe("Patience", () => {
  const start = () => {
    const clock = new FakeClock();
    const rounds: string[] = [];
    const patience = new Patience(100, clock);
    const patient = (name: string, times: number) => ({
      round(number: number): boolean {
        rounds.push(`${name}${number}`);
        return --times > 0;
      },
    });
    return { clock, rounds, patience, patient };
  };

  it("makes rounds among all who are left, at equal intervals", () => {
    const { clock, rounds, patience, patient } = start();
    patience.add(patient("a", 3));
    clock.pass(50);
    patience.add(patient("b", 1));
    assert.equal(clock.running, 1);
    clock.pass(49);
    assert.deepEqual([rounds, patience.number], [[], 0]);
    clock.pass(1);
    assert.deepEqual([rounds, patience.number], [["a1", "b1"], 1]);
    clock.pass(100);
    assert.deepEqual(rounds, ["a1", "b1", "a2"]);
  });

  it("has no timer when nobody is left, and starts again", () => {
    const { clock, rounds, patience, patient } = start();
    patience.add(patient("a", 1));
    clock.pass(100);
    assert.equal(clock.running, 0);
    clock.pass(1000);
    patience.add(patient("b", 1));
    clock.pass(100);
    assert.deepEqual([rounds, clock.running], [["a1", "b2"], 0]);
  });

  it("forgets all when it is cleared", () => {
    const { clock, rounds, patience, patient } = start();
    patience.add(patient("a", 9));
    patience.clear();
    assert.equal(clock.running, 0);
    patience.add(patient("b", 1));
    clock.pass(100);
    assert.deepEqual(rounds, ["b1"]);
  });
});
