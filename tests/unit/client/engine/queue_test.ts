import { takePayload } from "../../../../client/engine/queue.ts";
import { Message } from "../../../../parser/engine/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const queueOf = (...texts: string[]) => texts.map((text) => Message.text(text));

describe("takePayload()", () => {
  it("takes all where nothing limits it", () => {
    const queue = queueOf("a", "b");
    assert.equal(takePayload(queue), "4a\x1e4b");
    assert.equal(queue.length, 0);
  });

  it("takes as many as fit, counted in bytes and with what stands between them", () => {
    const queue = queueOf("ää", "b", "c");
    assert.equal(takePayload(queue, 8), "4ää\x1e4b");
    assert.equal(takePayload(queue, 8), "4c");
    const exact = queueOf("ää", "b");
    assert.equal(takePayload(exact, 7), "4ää");
  });

  it("takes fewer, but never too many, where nothing counts bytes", () => {
    const { TextEncoder } = globalThis;
    globalThis.TextEncoder = undefined as unknown as typeof TextEncoder;
    try {
      const queue = queueOf("漢", "b", "c");
      assert.equal(takePayload(queue, 13), "4漢\x1e4b");
      assert.equal(takePayload(queue, 13), "4c");
    } finally {
      globalThis.TextEncoder = TextEncoder;
    }
  });

  it("takes the first message even if it is too large alone", () => {
    const queue = queueOf("much too large", "b");
    assert.equal(takePayload(queue, 3), "4much too large");
    assert.equal(queue.length, 1);
  });

  it("stops in front of a message that is being read, and sends it when it is there", async () => {
    const later = Message.deferred(Promise.resolve([new Uint8Array([1])]), () => {});
    const queue = [...queueOf("a"), later, ...queueOf("b")];
    assert.equal(takePayload(queue, 100), "4a");
    await later.ready;
    assert.equal(takePayload(queue, 100), "bAQ==\x1e4b");
  });
});
