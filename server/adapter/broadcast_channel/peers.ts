import type { Mark, Range } from "./frame.ts";
import type { InboxHandler } from "./inbox.ts";
import { Peer } from "./peer.ts";

// Where those that were silent for too long are to go on, should they speak again.
const MAX_GONE = 256;

// How many times the timeout until what is missing of them counts as lost. They may have it still.
const PATIENCE = 10;

interface Gone {
  /** The number of the first message that has not come. */
  readonly expected: number;
  /** The number behind the last one that is known of. */
  readonly known: number;
  /** When it was heard last. */
  readonly heardAt: number;
}

/** The other threads. */
export class Peers implements Iterable<Peer> {
  readonly #handler: InboxHandler;
  readonly #timeout: number;
  readonly #interval: number;
  readonly #peers = new Map<string, Peer>();
  readonly #gone = new Map<string, Gone>();
  #sweptAt: number = performance.now();

  constructor(handler: InboxHandler, timeout: number, interval: number) {
    this.#handler = handler;
    this.#timeout = timeout;
    this.#interval = interval;
  }

  /** How many there are. */
  get size(): number {
    return this.#peers.size;
  }

  /** Whether one has said what has not come. */
  get areBehind(): boolean {
    return [...this].some(({ inbox }) => inbox.isBehind);
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<Peer> {
    return this.#peers.values();
  }

  /** The one of an id. */
  get(id: string): Peer | undefined {
    return this.#peers.get(id);
  }

  /** Adds one, which is to begin at this number. */
  add(id: string, start: number): Peer {
    const peer = new Peer(id, start, this.#gone.get(id)?.expected, this.#handler);
    this.#gone.delete(id);
    this.#peers.set(id, peer);
    return peer;
  }

  /** What all have, or all who are waited for at a time: what is before this number. */
  acked(now?: number): number | undefined {
    let least: number | undefined;
    for (const peer of this) {
      if (peer.hasEnded || (now !== undefined && !peer.isWaitedFor(now))) continue;
      least = Math.min(least ?? Infinity, peer.acked);
    }
    return least;
  }

  /** Whether one may not have all before this number. */
  miss(number: number): boolean {
    return [...this].some((peer) => peer.misses(number));
  }

  /** Where to begin, for those who have to be told. */
  starts(): Mark[] {
    return [...this].flatMap(({ start }) => start === undefined ? [] : [start]);
  }

  /** What has come from each, which they are told now. */
  told(): Mark[] {
    return [...this].flatMap((peer): Mark[] => {
      peer.untold = 0;
      const { id, inbox: { expected } } = peer;
      return expected === undefined ? [] : [[id, expected]];
    });
  }

  /** What has to be asked for, unless it was asked for after this time. */
  missing(after: number): Range[] {
    const now = performance.now();
    return [...this].flatMap(({ id, inbox }): Range[] => {
      const range = inbox.missing(now, after);
      return range === undefined ? [] : [[id, ...range]];
    });
  }

  /** Forgets those who have not spoken for too long. */
  sweep(): void {
    const now = performance.now();
    // What others have said is still to be read if this thread was busy.
    const wasBusy = now - this.#sweptAt > 2 * this.#interval;
    this.#sweptAt = now;
    if (wasBusy) return;
    for (const peer of this) if (now - peer.heardAt > this.#timeout) this.#remove(peer);
    for (const [id, gone] of this.#gone) {
      if (now - gone.heardAt > PATIENCE * this.#timeout) this.#giveUp(id, gone);
    }
  }

  #remove({ id, inbox, heardAt, isLeaving }: Peer): void {
    this.#peers.delete(id);
    if (isLeaving) inbox.end();
    const { expected, known } = inbox;
    if (expected === undefined) return;
    this.#gone.set(id, { expected, known, heardAt });
    if (this.#gone.size <= MAX_GONE) return;
    const [oldest] = this.#gone;
    if (oldest === undefined) return;
    this.#giveUp(...oldest);
    this.#gone.delete(oldest[0]);
  }

  /** What is missing is lost, even if the thread should speak again. */
  #giveUp(id: string, { expected, known, heardAt }: Gone): void {
    if (expected >= known) return;
    this.#gone.set(id, { expected: known, known, heardAt });
    this.#handler.lost(known - expected);
  }
}
