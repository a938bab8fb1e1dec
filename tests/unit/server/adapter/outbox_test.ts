import { Outbox } from "../../../../server/adapter/broadcast_channel/outbox.ts";
import { pack, type Packed } from "../../../../server/adapter/broadcast_channel/pack.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const message = (value: unknown): Packed => pack("/", "", { value });

function cutAll(outbox: Outbox): [first: number, end: number][] {
  const cuts: [number, number][] = [];
  for (let batch; (batch = outbox.cut()) !== undefined;) cuts.push([batch.first, batch.end]);
  return cuts;
}

describe("Outbox", () => {
  const limits = { maxKeptBytes: 10_000_000, maxKeptMessages: 5000 };

  it("makes batches of a thousand messages, or of half a megabyte", () => {
    const outbox = new Outbox(limits);
    assert.equal(outbox.cut(), undefined);
    for (let i = 0; i < 2500; i++) outbox.add(message(i));
    assert.deepEqual(cutAll(outbox), [[0, 1000], [1000, 2000], [2000, 2500]]);
    for (let i = 0; i < 3; i++) outbox.add(message("x".repeat(200_000)));
    assert.deepEqual(cutAll(outbox), [[2500, 2502], [2502, 2503]]);
    assert.equal(outbox.waits, false);
    assert.equal(outbox.next, 2503);
  });

  it("makes a text of a batch, unless that is not enough for a message", () => {
    const outbox = new Outbox(limits);
    outbox.add(message(1));
    outbox.add(pack("/a", "b", { value: 2 }));
    const text = outbox.cut()?.body;
    assert.equal(text, '[["/","",{"value":1}],["/a","b",{"value":2}]]');
    outbox.add(message(1));
    outbox.add(message(new Uint8Array([2])));
    assert.deepEqual(outbox.cut()?.body, [
      ["/", "", '{"value":1}'],
      ["/", "", { value: new Uint8Array([2]) }],
    ]);
  });

  it("keeps what was sent until it is released", () => {
    const outbox = new Outbox(limits);
    for (let i = 0; i < 3000; i++) outbox.add(message(i));
    cutAll(outbox);
    assert.equal(outbox.oldest, 0);
    const firsts = (from: number, to: number, max: number) =>
      outbox.between(from, to, max).map(({ first }) => first);
    assert.deepEqual(firsts(500, 2001, 5), [0, 1000, 2000]);
    assert.deepEqual(firsts(1000, 2000, 5), [1000]);
    assert.deepEqual(firsts(0, 3000, 2), [0, 1000]);
    outbox.release(1999);
    assert.equal(outbox.oldest, 1000);
    assert.deepEqual(firsts(0, 3000, 5), [1000, 2000]);
    assert.equal(outbox.isAhead(2000, 1), true);
    assert.equal(outbox.isAhead(2000, 2), false);
    outbox.release(3000);
    assert.equal(outbox.oldest, 3000);
    assert.deepEqual(firsts(0, 3000, 5), []);
  });

  it("drops the oldest of what is too much, but never the newest", () => {
    const outbox = new Outbox({ maxKeptBytes: 10_000, maxKeptMessages: 3 });
    for (let i = 0; i < 5; i++) {
      outbox.add(message(i));
      outbox.cut();
    }
    assert.equal(outbox.oldest, 2);
    outbox.add(message("x".repeat(10_000)));
    outbox.cut();
    assert.equal(outbox.oldest, 5);
  });

  it("says when more waits than may", () => {
    const outbox = new Outbox({ maxKeptBytes: 10_000, maxKeptMessages: 3 });
    for (let i = 0; i < 3; i++) outbox.add(message(i));
    assert.equal(outbox.overflows, false);
    outbox.add(message(3));
    assert.equal(outbox.overflows, true);
    outbox.cut();
    assert.equal(outbox.overflows, false);
    outbox.add(message("x".repeat(10_000)));
    assert.equal(outbox.overflows, true);
    outbox.cut();
    assert.equal(outbox.overflows, false);
  });
});
