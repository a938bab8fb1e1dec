/**
 * Checks the names of the options of an adapter. Unknown ones that are like no other are left alone.
 *
 * @param names all that are known.
 * @throws {TypeError} if the options are no object, or a name looks like a known one misspelt.
 *
 * @example
 * ```ts
 * import { checkOptionNames } from "@sockeye/io/adapter/cluster";
 * import { throws } from "node:assert/strict";
 *
 * checkOptionNames({ requestsTimeout: 1000 }, ["requestsTimeout"]);
 * throws(() => checkOptionNames({ requestTimeout: 1000 }, ["requestsTimeout"]), TypeError);
 * throws(() => checkOptionNames("fast", ["requestsTimeout"]), TypeError);
 * ```
 */
export function checkOptionNames(options: unknown, names: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`Options must be an object, not ${kindOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    const meant = names.includes(name) ? undefined : nearest(name, names);
    if (meant === undefined) continue;
    throw new TypeError(`Unknown option "${name}": did you mean "${meant}"?`);
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}

/** The known name that was meant, if any: two slips of the finger away at most, or other capitals. */
function nearest(name: string, names: readonly string[]): string | undefined {
  let [meant, least]: [string | undefined, number] = [undefined, Infinity];
  for (const known of names) {
    const slips = distance(name.toLowerCase(), known.toLowerCase());
    // Short names are too close to one another.
    if (slips > (known.length < 6 ? 1 : 2) || slips >= least) continue;
    [meant, least] = [known, slips];
  }
  return meant;
}

/** How many letters have to be added, taken away or changed. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const changed = row[j]! + (letter === b[j] ? 0 : 1);
      next.push(Math.min(changed, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
