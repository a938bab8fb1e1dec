/** The part of an emitter of Node that tells of errors. */
export interface ErrorEvents {
  on(event: "error", listener: (error: Error) => void): unknown;
  listenerCount(event: "error"): number;
}

const guards = new WeakMap<object, ErrorGuard>();

/**
 * Tells of the errors of one client, for all adapters that use it: each error once, to whoever
 * listens longest. Without a listener an error of a client of Node would end the process, so they
 * are heard for as long as the client lives.
 */
export class ErrorGuard {
  readonly #events: ErrorEvents | undefined;
  readonly #listeners = new Set<(error: Error) => void>();
  #isHeard = false;
  #isOrphaned = false;

  /** The one of a client. One without `events` tells of nothing by itself. */
  static of(client: object, events?: ErrorEvents): ErrorGuard {
    const known = guards.get(client);
    if (known !== undefined) return known;
    const guard = new ErrorGuard(events);
    guards.set(client, guard);
    return guard;
  }

  constructor(events: ErrorEvents | undefined) {
    this.#events = events;
  }

  /** Adds a listener, and returns what removes it. */
  add(listener: (error: Error) => void): () => void {
    // The same function may be added twice.
    const own = (error: Error) => listener(error);
    this.#listeners.add(own);
    this.#isOrphaned = false;
    if (!this.#isHeard) {
      this.#isHeard = true;
      this.#events?.on("error", (error) => this.#heard(error));
    }
    return () => void this.#listeners.delete(own);
  }

  /** Tells of an error. */
  tell(error: Error): void {
    const [first] = this.#listeners;
    if (first !== undefined) return first(error);
    // A client that tries to connect again fails over and over.
    if (!this.#isOrphaned) console.error("Error of a Redis client that nobody listens to:", error);
    this.#isOrphaned = true;
  }

  #heard(error: Error): void {
    // Listeners of the program know already.
    if (this.#events !== undefined && this.#events.listenerCount("error") > 1) return;
    this.tell(error);
  }
}
