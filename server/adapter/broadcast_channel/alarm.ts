import { later } from "../background.ts";

/** A timer that keeps no process running. */
export class Alarm {
  readonly #work: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(work: () => void) {
    this.#work = work;
  }

  /** Does the work after a while, and not when it was to be done before. */
  set(delay: number): void {
    this.clear();
    this.#timer = later(() => {
      this.#timer = undefined;
      this.#work();
    }, delay);
  }

  /** Does the work after a while, unless it is to be done already. */
  setIfNone(delay: number): void {
    if (this.#timer === undefined) this.set(delay);
  }

  /** Does the work no more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
