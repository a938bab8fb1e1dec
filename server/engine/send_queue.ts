import { type Message, Pause } from "../../parser/engine/mod.ts";
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
    this.#size += sizeOf(item.message);
  }

  /**
   * Whether a volatile message may wait here: behind nothing but a pause, and as long as little does,
   * so that it never takes the place of one that has to arrive.
   */
  takes(message: Message, limit: number): boolean {
    const paused = this.items.every(({ message }) =>
      message.ready === undefined || message instanceof Pause
    );
    return paused && this.#size + sizeOf(message) <= limit / 4;
  }

  /**
   * Whether more waits than is allowed. A single message may be as large as it likes: what counts
   * is a client that takes none.
   */
  exceeds(limit: number): boolean {
    if (this.#size <= limit || this.items.length < 2) return false;
    // Some may have left since, while one that is still being read kept the queue from being empty.
    this.#size = this.items.reduce((size, item) => size + sizeOf(item.message), 0);
    return this.#size > limit;
  }
}

/** Ends the pauses among messages that nobody is there any more to get. */
export function endPauses(items: readonly Queued[]): void {
  for (const { message } of items) if (message instanceof Pause) message.end();
}

function sizeOf(message: Message): number {
  return message.frames.reduce((size, frame) => size + frame.length, OVERHEAD);
}
