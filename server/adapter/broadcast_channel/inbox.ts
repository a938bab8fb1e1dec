import type { Item } from "./frame.ts";

/** What is told of the messages of another thread. */
export interface InboxHandler {
  /** Takes messages, in order. */
  deliver(items: readonly Item[]): void;
  /** Told that as many messages will never come. */
  lost(count: number): void;
}

// As many batches are kept that came before those that are missed; the rest is asked for again.
const MAX_EARLY = 16;

/** What another thread says: puts it in order, and knows what is missing. */
export class Inbox {
  readonly #handler: InboxHandler;
  // The number of the next message, as soon as the other has said where it begins.
  #expected: number | undefined;
  #known = 0;
  readonly #early = new Map<number, readonly Item[]>();
  #askedTo = 0;
  #askedAt = -Infinity;
  #batchesSince = 0;

  constructor(handler: InboxHandler, expected: number | undefined) {
    this.#handler = handler;
    this.#expected = expected;
  }

  /** The number of the first message that has not come. */
  get expected(): number | undefined {
    return this.#expected;
  }

  /** The number behind the last message that is known of. */
  get known(): number {
    return this.#known;
  }

  /** Whether a message is missing. */
  get isBehind(): boolean {
    return this.#expected !== undefined && this.#expected < this.#known;
  }

  /** The other has told where it begins: at its first word, or where it has nothing older any more. */
  begin(at: number): void {
    this.#expected ??= at;
    if (at <= this.#expected) return;
    let lost = 0;
    for (const [first, items] of [...this.#early].sort(([a], [b]) => a - b)) {
      if (first >= at) break;
      lost += first - this.#expected;
      this.#take(first, items);
    }
    lost += Math.max(0, at - this.#expected);
    this.#expected = Math.max(at, this.#expected);
    this.#drain();
    if (lost > 0) this.#handler.lost(lost);
  }

  /** The other has told how many messages there are. */
  tell(next: number): void {
    this.#known = Math.max(this.#known, next);
  }

  /** Messages have come, maybe not for the first time. Returns whether they were new. */
  receive(first: number, items: readonly Item[]): boolean {
    if (this.#expected === undefined) return false;
    const end = first + items.length;
    this.tell(end);
    if (end <= this.#expected) return false;
    if (first > this.#expected) {
      if (this.#early.size < MAX_EARLY) this.#early.set(first, items);
      return false;
    }
    this.#take(this.#expected, items.slice(this.#expected - first));
    this.#drain();
    return true;
  }

  /**
   * What is to be asked for now, if anything: not again what was asked for since `after`.
   *
   * @param now the time, in milliseconds.
   */
  missing(now: number, after: number): readonly [from: number, to: number] | undefined {
    if (this.#expected === undefined || !this.isBehind) return undefined;
    const isAsked = this.#expected < this.#askedTo && this.#askedAt > after &&
      this.#batchesSince < MAX_EARLY;
    if (isAsked) return undefined;
    const to = Math.min(this.#known, ...this.#early.keys());
    this.#askedTo = to;
    this.#askedAt = now;
    this.#batchesSince = 0;
    return [this.#expected, to];
  }

  /** The other has left: what is missing will never come. */
  end(): void {
    this.begin(this.#known);
  }

  #drain(): void {
    for (let items; (items = this.#early.get(this.#expected ?? 0)) !== undefined;) {
      this.#take(this.#expected ?? 0, items);
    }
    for (const first of this.#early.keys()) {
      if (first < (this.#expected ?? 0)) this.#early.delete(first);
    }
  }

  #take(first: number, items: readonly Item[]): void {
    this.#early.delete(first);
    this.#expected = first + items.length;
    this.#batchesSince++;
    this.#handler.deliver(items);
  }
}
