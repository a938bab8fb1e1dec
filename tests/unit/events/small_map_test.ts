import { SmallMap } from "../../../events/small_map.ts";
import { assert, describe, it } from "../../harness/mod.ts";

describe("SmallMap", () => {
  it("does what a Map does, small and grown", () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const ours = new SmallMap<string, number>();
    const model = new Map<string, number>();
    let largest = 0;
    for (let step = 0; step < 20_000; step++) {
      const key = `key ${random(step < 5000 ? 6 : 14)}`;
      switch (random(5)) {
        case 0:
          ours.set(key, step);
          model.set(key, step);
          break;
        case 1: {
          const present = model.get(key);
          assert.equal(ours.insert(key, step), present);
          if (present === undefined) model.set(key, step);
          break;
        }
        case 2:
          ours.delete(key);
          model.delete(key);
          break;
        default:
          assert.equal(ours.get(key), model.get(key));
          assert.equal(ours.has(key), model.has(key));
      }
      assert.deepEqual(ours.keys(), [...model.keys()]);
      largest = Math.max(largest, model.size);
    }
    assert.ok(largest > 8, "the walk has grown past the array");
    ours.clear();
    assert.deepEqual(ours.keys(), []);
  });
});
