// Steps per doubling: the error of a value is at most 2 %.
const STEPS = 32;

/** Counts durations by size, so that percentiles of many cost little memory. */
export class Histogram {
  readonly #counts = new Uint32Array(STEPS * 40);
  #total = 0;

  /** Adds a duration in milliseconds. */
  add(duration: number): void {
    const micros = Math.max(1, duration * 1000);
    const bucket = Math.min(this.#counts.length - 1, Math.floor(Math.log2(micros) * STEPS));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  /** The duration, in microseconds, that this share of all did not exceed. */
  percentile(share: number): number {
    let left = this.#total * share;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0) return Math.round(2 ** ((bucket + 1) / STEPS));
    }
    return 0;
  }
}
