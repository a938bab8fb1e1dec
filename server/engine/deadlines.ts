/** Where time comes from; tests bring their own. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back once, `delay` milliseconds from now. */
  start(callback: () => void, delay: number): unknown;
  /** Takes a started callback back. */
  stop(timer: unknown): void;
}

/** The clock of the runtime. */
export const systemClock: Clock = {
  now: () => performance.now(),
  start: (callback, delay) => setTimeout(callback, delay),
  stop: (timer) => clearTimeout(timer as number),
};

/** The same, but its timers keep no process alive: whoever they are for has a connection that does. */
export const backgroundClock: Clock = {
  ...systemClock,
  start(callback, delay) {
    const timer = systemClock.start(callback, delay) as { unref?(): void };
    timer.unref?.();
    return timer;
  },
};

// Taken now, before a test may put a fake one in its place.
const startNative = globalThis.setTimeout;

/** Resolves in a later turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void startNative(resolve, 0));
}

/** The longest delay of a timer, in milliseconds: runtimes make 1 ms of a longer one. */
export const MAX_DELAY: number = 2 ** 31 - 1;

/**
 * A list of items that all expire the same time after they were added, with one timer for all.
 *
 * Since all wait equally long, the order of adding is the order of expiry: a `Map` keeps it, and
 * only its first entry is ever looked at. From two seconds on the timer is a little late on purpose,
 * by up to a hundredth of the duration, so that one call serves all who expire about then.
 */
export class Deadlines<Item> {
  readonly #duration: number;
  readonly #slack: number;
  readonly #expire: (item: Item, due: number) => void;
  readonly #clock: Clock;
  readonly #due = new Map<Item, number>();
  #timer: unknown;
  #running = false;

  /**
   * @param duration milliseconds that an item waits.
   * @param expire called for each item that was not removed in time, with the time it was due.
   */
  constructor(
    duration: number,
    expire: (item: Item, due: number) => void,
    clock: Clock = systemClock,
  ) {
    this.#duration = duration;
    this.#slack = duration < SHORT ? 0 : Math.min(duration / 100, 250);
    this.#expire = expire;
    this.#clock = clock;
  }

  /** How many items wait. */
  get size(): number {
    return this.#due.size;
  }

  /**
   * Adds an item; one that waits already starts again.
   *
   * @param from when it starts to wait. MUST NOT be earlier than for the item added before.
   */
  add(item: Item, from: number = this.#clock.now()): void {
    this.#due.delete(item);
    this.#due.set(item, from + this.#duration);
    if (!this.#running) this.#start(from + this.#duration);
  }

  /** Removes an item and returns whether it waited. */
  delete(item: Item): boolean {
    return this.#due.delete(item);
  }

  /** Removes all items and stops the timer. */
  clear(): void {
    this.#due.clear();
    this.#clock.stop(this.#timer);
    this.#running = false;
  }

  #start(due: number): void {
    this.#running = true;
    const delay = Math.max(0, due - this.#clock.now()) + this.#slack;
    // One that comes too early is started again.
    this.#timer = this.#clock.start(() => this.#tick(), Math.min(delay, MAX_DELAY));
  }

  #tick(): void {
    this.#running = false;
    // Timers may fire a fraction of a millisecond early.
    const now = this.#clock.now() + 1;
    for (const [item, due] of this.#due) {
      if (due > now) {
        if (!this.#running) this.#start(due);
        return;
      }
      this.#due.delete(item);
      this.#expire(item, due);
    }
  }
}

const SHORT = 2000;
