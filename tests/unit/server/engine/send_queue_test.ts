import { Message } from "../../../../parser/engine/mod.ts";
import { SendQueue } from "../../../../server/engine/send_queue.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

function queued(message: Message) {
  return { message, compress: false, sent: undefined };
}

describe("SendQueue", () => {
  it("exceeds() looks at what still waits, not at what has left", () => {
    const queue = new SendQueue();
    const held = queued(new Message([]));
    queue.push(held);
    for (let i = 0; i < 100; i++) {
      queue.push(queued(new Message(["x".repeat(1000)])));
      assert.equal(queue.exceeds(3000), false, `message ${i}`);
      queue.items.splice(0, queue.items.length, held);
    }
    for (let i = 0; i < 3; i++) queue.push(queued(new Message(["x".repeat(1000)])));
    assert.equal(queue.exceeds(3000), true);
  });

  it("exceeds() counts what short messages take besides their bytes", () => {
    const queue = new SendQueue();
    for (let i = 0; i < 10_000; i++) queue.push(queued(new Message(["4x"])));
    assert.equal(queue.exceeds(1_000_000), true);
  });

  it("exceeds() lets a single message be as large as it likes", () => {
    const queue = new SendQueue();
    queue.push(queued(new Message(["x".repeat(1000)])));
    assert.equal(queue.exceeds(10), false);
  });
});
