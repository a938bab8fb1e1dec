/** Checks the value of one option and throws if it is wrong. */
export type OptionRule = (value: unknown, name: string) => void;

/** The rules for the options of one layer, by name. */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** An option that is a string. */
export const text: OptionRule = (value, name) => expectType(value, name, "string");

/** An option that is `true` or `false`. */
export const flag: OptionRule = (value, name) => expectType(value, name, "boolean");

/** An option that is a function. */
export const callable: OptionRule = (value, name) => expectType(value, name, "function");

/** An option in milliseconds: a number, 0 or more. */
export const duration: OptionRule = (value, name) => {
  expectType(value, name, "number");
  if (!((value as number) >= 0)) {
    throw new RangeError(`Option "${name}" must not be negative: ${value}`);
  }
};

/** An option that limits something: an integer, 1 or more, or `Infinity`. */
export const limit: OptionRule = (value, name) => {
  expectType(value, name, "number");
  if (!((value as number) >= 1) || !(Number.isInteger(value) || value === Infinity)) {
    throw new RangeError(`Option "${name}" must be a positive integer: ${value}`);
  }
};

/** An option that takes one of several types, such as `"object"`. */
export function oneOf(...types: string[]): OptionRule {
  return (value, name) => {
    if (value === null || !types.includes(typeof value)) {
      throw new TypeError(`Option "${name}" must be ${types.join(" or ")}, not ${kindOf(value)}`);
    }
  };
}

/** The options that are set: `null` says no more than `undefined` does. */
export function setOptions<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isSet(value))) as Options;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * Checks the options that a program gives: each known one by its rule, and an unknown one for being
 * a known one misspelt. Other unknown ones are left alone.
 *
 * @throws {TypeError} if a value has the wrong type or a name is misspelt.
 * @throws {RangeError} if a value is out of range.
 */
export function checkOptions(
  options: unknown,
  rules: OptionRules,
  alsoKnown: readonly string[] = [],
): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Options must be an object, not ${kindOf(options)}`);
  }
  const known = [...Object.keys(rules), ...alsoKnown];
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name)) {
      if (isSet(value) && Object.hasOwn(rules, name)) rules[name]?.(value, name);
      continue;
    }
    const meant = known.find((candidate) => isClose(name, candidate));
    if (meant !== undefined) {
      throw new TypeError(`Unknown option "${name}": did you mean "${meant}"?`);
    }
  }
}

function expectType(value: unknown, name: string, type: string): void {
  const actual: string = typeof value;
  if (actual !== type) {
    throw new TypeError(`Option "${name}" must be a ${type}, not ${kindOf(value)}`);
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}

// Slips of the finger, or other capitals: three in a long name, such as a syllable left out. Short
// names are too close to one another for that.
function isClose(name: string, candidate: string): boolean {
  if (name.toLowerCase() === candidate.toLowerCase()) return true;
  const slips = candidate.length < 6 ? 1 : candidate.length < 16 ? 2 : 3;
  if (Math.abs(name.length - candidate.length) > slips) return false;
  return distance(name, candidate) <= slips;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
