import type { AnyListener } from "../../events/mod.ts";

/** Listeners that hear every event of one direction, in order. */
export class CatchAll {
  #listeners: readonly AnyListener[] = [];

  /** Whether nobody listens. */
  get isEmpty(): boolean {
    return this.#listeners.length === 0;
  }

  /** Adds a listener behind, or ahead of, those that are there. */
  add(listener: AnyListener, where: "first" | "last"): void {
    if (typeof listener !== "function") throw new TypeError("The listener is not a function");
    this.#listeners = where === "first"
      ? [listener, ...this.#listeners]
      : [...this.#listeners, listener];
  }

  /** Removes a listener, or all. */
  remove(listener?: AnyListener): void {
    const at = listener === undefined ? -1 : this.#listeners.indexOf(listener);
    if (listener === undefined) this.#listeners = [];
    else if (at !== -1) this.#listeners = this.#listeners.toSpliced(at, 1);
  }

  /** The listeners, in the order in which they are called. */
  list(): AnyListener[] {
    return [...this.#listeners];
  }

  /** Calls all listeners; `failed` hears of each that throws or rejects. */
  call(args: readonly unknown[], failed: (error: unknown) => void): void {
    for (const listener of this.#listeners) {
      try {
        const result: unknown = listener(...args);
        if (result instanceof Promise) result.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}
