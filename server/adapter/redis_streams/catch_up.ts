interface Wait {
  readonly end: number;
  done(): void;
}

// Milliseconds ahead of each attempt: what is left of a broken connection may still be recorded.
const PAUSE = 50;

/** How long a catch-up is awaited, in milliseconds. */
export const CATCH_UP_TIMEOUT = 5000;

/** Waits until all that has been recorded is received as well, as far as that can be known soon. */
export class CatchUp {
  readonly #reach: () => Promise<void>;
  readonly #timeout: number;
  #waits: Wait[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isReaching = false;
  #isClosed = false;

  /** Takes what asks how far the record goes, and resolves when all of that is received. */
  constructor(reach: () => Promise<void>, timeout: number = CATCH_UP_TIMEOUT) {
    this.#reach = reach;
    this.#timeout = timeout;
  }

  /** Resolves when what is recorded now is received, the time for that is over, or all is closed. */
  wait(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((done) => {
      this.#waits.push({ end: Date.now() + this.#timeout, done });
      this.#begin();
    });
  }

  /** Lets nobody wait any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { done } of this.#waits.splice(0)) done();
  }

  #begin(): void {
    if (this.#isClosed || this.#isReaching || this.#waits.length === 0) return;
    this.#timer ??= setTimeout(() => this.#attempt(), PAUSE);
  }

  async #attempt(): Promise<void> {
    this.#isReaching = true;
    // Who comes while Redis is asked waits for the next answer.
    const waits = [...this.#waits];
    const end = Promise.withResolvers<boolean>();
    const left = Math.max(0, ...waits.slice(0, 1).map(({ end }) => end - Date.now()));
    // Redis may not answer at all.
    this.#timer = setTimeout(() => end.resolve(false), left);
    const isOver = await Promise.race([this.#reach().then(() => true, () => false), end.promise]);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isReaching = false;
    const now = Date.now();
    const served = new Set(waits.filter((wait) => isOver || wait.end <= now));
    this.#waits = this.#waits.filter((wait) => !served.has(wait));
    for (const { done } of served) done();
    this.#begin();
  }
}
