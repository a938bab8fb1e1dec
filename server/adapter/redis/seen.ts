/**
 * What was seen lately, as far as a bounded memory reaches: clients that send again what was on its
 * way when the connection broke may have others receive it twice.
 */
export class Seen {
  readonly #size: number;
  #latest = new Set<string>();
  #older: ReadonlySet<string> = new Set();

  /** Takes how many are remembered at least. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Notes something; returns whether it is new. */
  add(what: string): boolean {
    if (this.#latest.has(what) || this.#older.has(what)) return false;
    if (this.#latest.size >= this.#size) {
      this.#older = this.#latest;
      this.#latest = new Set();
    }
    this.#latest.add(what);
    return true;
  }
}
