import { later } from "../background.ts";

/** The broadcasts of other servers that are answered here, each until its time is over. */
export class Answering {
  readonly #stops = new Map<ReturnType<typeof setTimeout>, () => void>();

  /** Has a function called after so many milliseconds, or when all is closed. */
  add(stop: () => void, timeout: number): void {
    const timer = later(() => {
      this.#stops.delete(timer);
      stop();
    }, timeout);
    this.#stops.set(timer, stop);
  }

  /** Ends them all. */
  close(): void {
    for (const [timer, stop] of this.#stops) {
      clearTimeout(timer);
      stop();
    }
    this.#stops.clear();
  }
}
