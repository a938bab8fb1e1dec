/** A number that changes between one turn of the event loop and the next, once it was asked for. */
export class Turn {
  #current = 0;
  #marked = false;

  /** The number of this turn. */
  get current(): number {
    return this.#current;
  }

  /** The number of this turn, which will not be that of a later one. */
  mark(): number {
    if (!this.#marked) {
      this.#marked = true;
      queueMicrotask(() => {
        this.#marked = false;
        this.#current++;
      });
    }
    return this.#current;
  }
}
