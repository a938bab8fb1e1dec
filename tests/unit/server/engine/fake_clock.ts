import type { Clock } from "../../../../server/engine/deadlines.ts";

/** Time that stands still until it is told to pass. */
export class FakeClock implements Clock {
  #now = 0;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #ids = 0;

  get running(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  start(callback: () => void, delay: number): number {
    // Runtimes make 1 ms of more than that.
    if (delay > 2 ** 31 - 1) throw new RangeError(`${delay} ms are too long for a timer`);
    this.#timers.set(++this.#ids, { at: this.#now + delay, callback });
    return this.#ids;
  }

  stop(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Lets time pass and calls back whoever is due meanwhile, in order. */
  pass(duration: number): void {
    const end = this.#now + duration;
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined || next[1].at > end) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
    }
    this.#now = end;
  }
}
