import type { Message } from "../../parser/engine/mod.ts";
import type { Queued } from "./transport.ts";

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
    for (const frame of item.message.frames) this.#size += frame.length;
  }

  /**
   * Whether more waits than is allowed. A single message may be as large as it likes: what counts
   * is a client that takes none.
   */
  exceeds(limit: number): boolean {
    return this.#size > limit && this.items.length > 1;
  }
}
