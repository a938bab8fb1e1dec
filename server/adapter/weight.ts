const TEXT = 24;
const OBJECT = 48;
const ITEM = 8;
const FIELD = 32;

/**
 * Roughly how many bytes a value takes in memory that came from a client: its texts and binary data,
 * and what they are held by. A list of empty lists takes twenty times what it takes on the wire.
 *
 * @param limit where to stop counting: a value that holds itself has no end. No limit by default.
 */
export function weightOf(value: unknown, limit: number = Infinity): number {
  let weight = 0;
  // A list and no recursion: how deep values may be nested is up to the parser.
  const rest: unknown[] = [value];
  while (rest.length > 0 && weight <= limit) {
    const item = rest.pop();
    if (typeof item === "string") weight += TEXT + 2 * item.length;
    else if (typeof item !== "object" || item === null) weight += ITEM;
    else weight += OBJECT + unfold(item, rest);
  }
  return weight;
}

/** Adds what an object holds to `rest`, and returns what the places for it take. */
function unfold(item: object, rest: unknown[]): number {
  if (ArrayBuffer.isView(item)) return item.byteLength;
  if (item instanceof Map || item instanceof Set) {
    for (const [key, value] of item.entries()) rest.push(key, value);
    return item.size * FIELD;
  }
  if (Array.isArray(item)) {
    for (const part of item) {
      if (typeof part === "object" || typeof part === "string") rest.push(part);
    }
    return item.length * ITEM;
  }
  let weight = 0;
  for (const key in item) {
    rest.push((item as Record<string, unknown>)[key]);
    weight += FIELD + key.length;
  }
  return weight;
}
