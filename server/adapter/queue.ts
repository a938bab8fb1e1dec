// As many places at the front may be empty before the others move up.
const MOST_EMPTY = 1024;

/**
 * A list that grows at its end and loses items at its front, at the same price however long it is.
 * Each item keeps its position, which counts on for ever.
 */
export class Queue<Item> {
  #items: (Item | undefined)[] = [];
  // The positions of `#items[0]`, and of the first item that is still there.
  #base = 0;
  #first = 0;

  /** The position of the first item; that of the next one if there is none. */
  get first(): number {
    return this.#first;
  }

  /** The position of the next item. */
  get end(): number {
    return this.#base + this.#items.length;
  }

  /** Adds an item and returns its position. */
  push(item: Item): number {
    return this.#base + this.#items.push(item) - 1;
  }

  /** The item at a position, if it is still there. */
  at(position: number): Item | undefined {
    return this.#items[position - this.#base];
  }

  /** Empties the place of an item in the midst of others. */
  empty(position: number): void {
    if (position >= this.#first) this.#items[position - this.#base] = undefined;
  }

  /** Takes away the first item. */
  shift(): Item | undefined {
    const index = this.#first - this.#base;
    const item = this.#items[index];
    if (index >= this.#items.length) return undefined;
    this.#items[index] = undefined;
    this.#first++;
    if (index >= MOST_EMPTY && 2 * index > this.#items.length) {
      this.#items = this.#items.slice(index + 1);
      this.#base = this.#first;
    }
    return item;
  }
}
