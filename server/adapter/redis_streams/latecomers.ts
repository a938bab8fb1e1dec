import { later } from "../background.ts";

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
      queue.shift()?.deliver();
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
    return after === undefined || this.#isRead(after);
  }
}
