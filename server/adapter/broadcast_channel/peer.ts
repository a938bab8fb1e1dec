import type { Frame, Mark } from "./frame.ts";
import { Inbox, type InboxHandler } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";

// A thread that has not answered for so long does not hold up the others any more.
const STALL = 500;

/** Another thread. */
export class Peer {
  /** Its id. */
  readonly id: string;
  /** What it says. */
  readonly inbox: Inbox;
  /** When it was heard last. */
  heardAt: number;
  /** It has said that it leaves; what was missed may still come. */
  isLeaving = false;
  /** It has said its last. */
  hasEnded = false;
  /** How many of its batches have come since it was told what has. */
  untold = 0;
  // It has all of ours before this number.
  #acked: number;
  // Where it is to begin; it has not heard so yet.
  #start: number | undefined;
  #movedAt: number;

  constructor(id: string, start: number, expected: number | undefined, handler: InboxHandler) {
    this.id = id;
    this.inbox = new Inbox(handler, expected);
    this.#acked = start;
    this.#start = start;
    this.heardAt = this.#movedAt = performance.now();
  }

  /** What it has of ours: all before this number. */
  get acked(): number {
    return this.#acked;
  }

  /** What it is to be told of where to begin, if anything. */
  get start(): Mark | undefined {
    return this.#start === undefined || this.hasEnded ? undefined : [this.id, this.#start];
  }

  /** Whether it may not have all before this number. */
  misses(number: number): boolean {
    return !this.hasEnded && (this.#acked < number || this.#start !== undefined);
  }

  /** Whether it is waited for: it is neither gone nor busy with something else. */
  isWaitedFor(now: number): boolean {
    return !this.hasEnded && now - this.#movedAt < STALL;
  }

  /** A batch goes out that begins at this number. */
  sent(first: number): void {
    // Nothing was due from it before.
    if (this.#acked >= first) this.#movedAt = performance.now();
  }

  /** It has told what it has. */
  ack(number: number, outbox: Outbox): void {
    if (this.#start !== undefined && number >= this.#start) this.#start = undefined;
    if (number <= this.#acked) return;
    this.#acked = Math.min(number, outbox.next);
    this.#movedAt = performance.now();
  }

  /** It does not know where to begin, or needs what is gone. */
  restart(outbox: Outbox): void {
    this.#start = Math.max(this.#acked, outbox.oldest);
  }
}

/** The number that somebody told of another, if any. */
export function markOf(marks: Frame["acks"] | undefined, id: string): number | undefined {
  return marks?.find(([of]) => of === id)?.[1];
}
