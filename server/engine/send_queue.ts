import type { Message } from "../../parser/engine/mod.ts";
import type { Queued } from "./transport.ts";

// What a message takes in memory besides its bytes: short ones would be many for a limit in bytes.
const OVERHEAD = 128;

/** The messages of a session that wait for its transport. Made when one has to, and then dropped. */
export class SendQueue {
  /** The messages; the transport takes them from the front. */
  readonly items: Queued[] = [];
  #size = 0;

  /** Whether one of them is still being read, so that nothing behind it can leave. */
  get blocked(): boolean {
    return this.items.some(({ message }) => message.ready !== undefined);
  }

  /** The messages alone. */
  get messages(): readonly Message[] {
    return this.items.map(({ message }) => message);
  }

  /** Adds a message at the end. */
  push(item: Queued): void {
    this.items.push(item);
    this.#size += sizeOf(item);
  }

  /**
   * Whether more waits than is allowed. A single message may be as large as it likes: what counts
   * is a client that takes none.
   */
  exceeds(limit: number): boolean {
    if (this.#size <= limit || this.items.length < 2) return false;
    // Some may have left since, while one that is still being read kept the queue from being empty.
    this.#size = this.items.reduce((size, item) => size + sizeOf(item), 0);
    return this.#size > limit;
  }
}

function sizeOf({ message }: Queued): number {
  return message.frames.reduce((size, frame) => size + frame.length, OVERHEAD);
}
