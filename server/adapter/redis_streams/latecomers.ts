import { later } from "../background.ts";
import { isReached } from "./entry_id.ts";

interface Held {
  readonly after: string | undefined;
  readonly deliver: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

// Milliseconds that a message waits: the entry may have been dropped, or reading may not go on.
const PATIENCE = 1000;

/** Messages of channels that wait until this server has read what their senders recorded before. */
export class Latecomers {
  readonly #isRead: (id: string) => boolean;
  readonly #patience: number;
  // By sender, in order.
  readonly #queues = new Map<string, Held[]>();
  // The last entry that was waited for in vain: what is behind it need not wait again.
  #missed: string | undefined;

  /**
   * Takes what knows whether an entry was read.
   *
   * @param patience for how many milliseconds a message waits at most.
   */
  constructor(isRead: (id: string) => boolean, patience: number = PATIENCE) {
    this.#isRead = isRead;
    this.#patience = patience;
  }

  /** Delivers a message once the entry `after` is read, behind those of its sender that wait. */
  take(uid: string, after: string | undefined, deliver: () => void): void {
    const queue = this.#queues.get(uid) ?? [];
    if (queue.length === 0 && this.#isDue(after)) return deliver();
    // Those ahead of it wait no longer than it does.
    const timer = later(() => {
      const held = queue.shift();
      if (!this.#isDue(held?.after)) this.#missed = held?.after;
      held?.deliver();
      this.#release(uid, queue);
    }, this.#patience);
    queue.push({ after, deliver, timer });
    this.#queues.set(uid, queue);
  }

  /** An entry has been read. */
  read(): void {
    for (const [uid, queue] of this.#queues) this.#release(uid, queue);
  }

  /** Delivers nothing any more. */
  clear(): void {
    for (const queue of this.#queues.values()) {
      for (const { timer } of queue.splice(0)) clearTimeout(timer);
    }
    this.#queues.clear();
  }

  #release(uid: string, queue: Held[]): void {
    for (let [held] = queue; held !== undefined && this.#isDue(held.after); [held] = queue) {
      queue.shift();
      clearTimeout(held.timer);
      held.deliver();
    }
    if (queue.length === 0) this.#queues.delete(uid);
  }

  #isDue(after: string | undefined): boolean {
    if (after === undefined || this.#isRead(after)) return true;
    return this.#missed !== undefined && isReached(this.#missed, after);
  }
}
