// As many pairs are looked through one by one; past that, hashing is faster.
const FEW = 8;

/**
 * A map for a few keys: one array of keys and values in turn. A `Map` of five entries takes about a
 * kilobyte on JavaScriptCore, five times as much, and every socket of a server has one of these.
 */
export class SmallMap<Key, Value> {
  #pairs: (Key | Value)[] = [];
  #map: Map<Key, Value> | undefined;

  /** The value of a key. */
  get(key: Key): Value | undefined {
    if (this.#map !== undefined) return this.#map.get(key);
    const pairs = this.#pairs;
    for (let at = 0; at < pairs.length; at += 2) {
      if (pairs[at] === key) return pairs[at + 1] as Value;
    }
    return undefined;
  }

  /** Whether the key is there. */
  has(key: Key): boolean {
    return this.#map === undefined ? this.#indexOf(key) !== -1 : this.#map.has(key);
  }

  /** Sets the value of a key that is not there. If it is, changes nothing and returns its value. */
  insert(key: Key, value: Value): Value | undefined {
    const pairs = this.#pairs;
    let at = 0;
    while (at < pairs.length && pairs[at] !== key) at += 2;
    if (at < pairs.length) return pairs[at + 1] as Value;
    if (at < 2 * FEW && this.#map === undefined) this.#pairs = [...pairs, key, value];
    else return this.#insertIntoMap(key, value);
    return undefined;
  }

  /** Sets the value of a key. */
  set(key: Key, value: Value): void {
    if (this.#map !== undefined) {
      this.#map.set(key, value);
      return;
    }
    const at = this.#indexOf(key);
    if (at === -1) this.insert(key, value);
    else this.#pairs[at + 1] = value;
  }

  /** Removes a key. */
  delete(key: Key): void {
    const at = this.#map === undefined ? this.#indexOf(key) : -1;
    if (at !== -1) this.#pairs.splice(at, 2);
    this.#map?.delete(key);
  }

  /** Removes all keys. */
  clear(): void {
    this.#pairs = [];
    this.#map = undefined;
  }

  /** The keys, in the order in which they came. */
  keys(): Key[] {
    if (this.#map !== undefined) return [...this.#map.keys()];
    return this.#pairs.filter((_, index) => index % 2 === 0) as Key[];
  }

  #indexOf(key: Key): number {
    const pairs = this.#pairs;
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === key) return at;
    return -1;
  }

  #insertIntoMap(key: Key, value: Value): Value | undefined {
    const map = this.#map ?? this.#grow();
    const present = map.get(key);
    if (present === undefined) map.set(key, value);
    return present;
  }

  #grow(): Map<Key, Value> {
    const map = new Map<Key, Value>();
    for (const key of this.keys()) map.set(key, this.get(key) as Value);
    this.#pairs = [];
    return this.#map = map;
  }
}
