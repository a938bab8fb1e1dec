/** The part of an emitter of Node that tells of errors. */
export interface ErrorEvents {
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  listenerCount(event: "error"): number;
}

const guards = new WeakMap<ErrorEvents, ErrorGuard>();

/** Listens to the errors of one client, for all adapters that use it. */
export class ErrorGuard {
  readonly #client: ErrorEvents;
  readonly #listeners = new Set<(error: Error) => void>();
  readonly #heard = (error: Error) => this.#tell(error);

  /** The one of a client. */
  static of(client: ErrorEvents): ErrorGuard {
    const known = guards.get(client);
    if (known !== undefined) return known;
    const guard = new ErrorGuard(client);
    guards.set(client, guard);
    return guard;
  }

  constructor(client: ErrorEvents) {
    this.#client = client;
  }

  /** Adds a listener, and returns what removes it. */
  add(listener: (error: Error) => void): () => void {
    // The same function may be added twice.
    const own = (error: Error) => listener(error);
    if (this.#listeners.size === 0) this.#client.on("error", this.#heard);
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) {
        this.#client.off("error", this.#heard);
      }
    };
  }

  #tell(error: Error): void {
    // Listeners of the program know already.
    if (this.#client.listenerCount("error") > 1) return;
    for (const listener of [...this.#listeners]) listener(error);
  }
}
