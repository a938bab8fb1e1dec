import type { Item } from "./frame.ts";
import type { Packed } from "./pack.ts";

/** How much of what was sent is kept for threads that may have missed it. */
export interface KeepLimits {
  /**
   * About how many bytes of messages are kept until all threads have them; 32 MiB by default. As many
   * wait at most while the others are busy; what is more is sent at once. The newest are kept anyway.
   */
  readonly maxKeptBytes: number;
  /** How many messages are kept until all threads have them; 100,000 by default. */
  readonly maxKeptMessages: number;
}

/** Messages that travel together. */
export interface Batch {
  /** The number of the first. */
  readonly first: number;
  /** The number behind the last. */
  readonly end: number;
  /** The messages: the JSON text of a list of items, or the list where a text is not enough. */
  readonly body: string | readonly Item[];
  /** About how many bytes they take. */
  readonly weight: number;
}

// So that a thread that gets many can do something else in between.
const MAX_BATCH = 1000;
const MAX_BATCH_WEIGHT = 512 * 1024;

/** What a thread says: what is still to be sent, and what was sent and may be asked for. */
export class Outbox {
  readonly #limits: KeepLimits;
  #pending: Packed[] = [];
  // How many of them have been sent.
  #sent = 0;
  #pendingWeight = 0;
  readonly #batches: Batch[] = [];
  #keptWeight = 0;
  #next = 0;

  constructor(limits: KeepLimits) {
    this.#limits = limits;
  }

  /** The number that the next message gets which is sent. */
  get next(): number {
    return this.#next;
  }

  /** The number of the first message that can still be had. */
  get oldest(): number {
    return this.#batches[0]?.first ?? this.#next;
  }

  /** Whether something is still to be sent. */
  get waits(): boolean {
    return this.#pending.length > this.#sent;
  }

  /** Whether more is still to be sent than may wait. */
  get overflows(): boolean {
    return this.#pendingWeight > this.#limits.maxKeptBytes ||
      this.#pending.length - this.#sent > this.#limits.maxKeptMessages;
  }

  /** Adds a message that is to be sent. */
  add(message: Packed): void {
    this.#pending.push(message);
    this.#pendingWeight += message.weight;
  }

  /** Whether as many batches have been sent that hold something from this number on. */
  isAhead(number: number, batches: number): boolean {
    const batch = this.#batches.at(-batches);
    return batch !== undefined && batch.end > number;
  }

  /** Makes a batch of what is to be sent, if there is anything. */
  cut(): Batch | undefined {
    if (!this.waits) return undefined;
    const to = this.#endOfBatch(this.#sent);
    const batch = this.#batch(this.#pending.slice(this.#sent, to));
    this.#sent = to;
    if (2 * to >= this.#pending.length) {
      this.#pending = this.#pending.slice(to);
      this.#sent = 0;
    }
    return batch;
  }

  /** The batches in a range, as far as they are kept. */
  between(from: number, to: number, max: number): Batch[] {
    const index = this.#batches.findIndex(({ end }) => end > from);
    if (index === -1) return [];
    return this.#batches.slice(index, index + max).filter(({ first }) => first < to);
  }

  /** Forgets what nobody will ask for any more: all before this number. */
  release(number: number): void {
    let count = 0;
    for (const { end, weight } of this.#batches) {
      if (end > number) break;
      this.#keptWeight -= weight;
      count++;
    }
    this.#batches.splice(0, count);
  }

  #endOfBatch(from: number): number {
    let weight = 0;
    let to = from;
    do weight += this.#pending[to++]?.weight ?? 0; while (
      to < this.#pending.length && to - from < MAX_BATCH && weight < MAX_BATCH_WEIGHT
    );
    return to;
  }

  #batch(messages: readonly Packed[]): Batch {
    const first = this.#next;
    const end = this.#next += messages.length;
    const weight = messages.reduce((sum, message) => sum + message.weight, 0);
    const batch = { first, end, weight, body: bodyOf(messages) };
    this.#pendingWeight -= weight;
    this.#keptWeight += weight;
    this.#batches.push(batch);
    this.#trim();
    return batch;
  }

  #trim(): void {
    const { maxKeptBytes, maxKeptMessages } = this.#limits;
    const isFull = () =>
      this.#keptWeight > maxKeptBytes || this.#next - this.oldest > maxKeptMessages;
    while (this.#batches.length > 1 && isFull()) {
      this.#keptWeight -= this.#batches.shift()?.weight ?? 0;
    }
  }
}

function bodyOf(messages: readonly Packed[]): string | readonly Item[] {
  if (messages.some(({ text }) => text === undefined)) {
    return messages.map(({ nsp, to, text, value }) => [nsp, to, text ?? value]);
  }
  const items = messages.map(({ nsp, to, text }) =>
    `[${JSON.stringify(nsp)},${JSON.stringify(to)},${text}]`
  );
  return `[${items.join()}]`;
}
