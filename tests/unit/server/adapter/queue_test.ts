import { Queue } from "../../../../server/adapter/queue.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { int, seeded } from "../../parser/random.ts";

describe("Queue", () => {
  it("keeps items at their positions, whatever is taken away in front of them", () => {
    const random = seeded(1);
    const queue = new Queue<number>();
    const model = new Map<number, number>();
    for (let step = 0; step < 20_000; step++) {
      // It grows at first and is emptied in the end.
      if (random() < 1 - step / 20_000) model.set(queue.push(step), step);
      else {
        const [first] = model.keys();
        assert.equal(queue.shift(), first === undefined ? undefined : model.get(first));
        if (first !== undefined) model.delete(first);
      }
      const [first = queue.end] = model.keys();
      assert.equal(queue.first, first);
      const position = queue.first + int(random, model.size + 1);
      assert.equal(queue.at(position), model.get(position));
      assert.equal(queue.at(queue.first - 1), undefined);
    }
    assert.equal(model.size, 0);
  });

  it("empties a place without moving others", () => {
    const queue = new Queue<string>();
    for (const item of ["a", "b", "c"]) queue.push(item);
    queue.empty(1);
    queue.shift();
    queue.empty(0);
    assert.deepEqual([queue.at(0), queue.at(1), queue.at(2)], [undefined, undefined, "c"]);
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [undefined, "c", undefined]);
  });
});
