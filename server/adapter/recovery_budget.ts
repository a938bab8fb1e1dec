import { Queue } from "./queue.ts";

/** Something that is kept for a client which may come back. */
export interface Keepsake {
  /** Where it stands in line. The budget's own. */
  position: number;
  /** What it takes. The budget's own. */
  bytes: number;
  /** Called when there is no room for it any more. */
  discard(): void;
}

/**
 * How much the adapters of a server may keep together for clients that may come back: events, and
 * sessions with their credentials and rooms. What is too much costs the oldest, whosever it is. A
 * session is worth nothing any more by the time when an event is dropped that it has missed.
 *
 * @example
 * ```ts
 * import { RecoveryBudget } from "@sockeye/io/adapter";
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const budget = new RecoveryBudget(100); // bytes
 * const dropped: string[] = [];
 * const keepsake = (name: string) => ({ position: 0, bytes: 0, discard: () => dropped.push(name) });
 * budget.add(keepsake("first"), 60);
 * budget.add(keepsake("second"), 50);
 * deepEqual(dropped, ["first"]);
 * equal(budget.bytes, 50);
 * ```
 */
export class RecoveryBudget {
  readonly #max: number;
  readonly #line = new Queue<Keepsake | undefined>();
  #bytes = 0;

  /** Takes the most bytes that may be kept. */
  constructor(max: number) {
    this.#max = max;
  }

  /** The bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps something behind all that is kept so far; it may have to go at once. */
  add(item: Keepsake, bytes: number): void {
    item.position = this.#line.push(item);
    item.bytes = 0;
    this.resize(item, bytes);
  }

  /** Notes that something takes another number of bytes. Does nothing if it is kept no longer. */
  resize(item: Keepsake, bytes: number): void {
    if (this.#line.at(item.position) !== item) return;
    this.#bytes += bytes - item.bytes;
    item.bytes = bytes;
    while (this.#bytes > this.#max && this.#line.first < this.#line.end) {
      const oldest = this.#line.shift();
      if (oldest === undefined) continue; // its place was emptied
      this.#bytes -= oldest.bytes;
      oldest.discard();
    }
  }

  /** Keeps something no longer. Does nothing if it is not kept. */
  remove(item: Keepsake): void {
    if (this.#line.at(item.position) !== item) return;
    this.#bytes -= item.bytes;
    this.#line.empty(item.position);
    while (this.#line.first < this.#line.end && this.#line.at(this.#line.first) === undefined) {
      this.#line.shift();
    }
  }
}
