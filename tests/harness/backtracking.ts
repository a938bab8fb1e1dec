/** What a part of a pattern does: goes on with `next` wherever it matches. */
type Matcher = (at: number, next: (at: number) => boolean) => boolean;

/** A part of a pattern, and a text that it takes. */
interface Part {
  readonly match: Matcher;
  readonly sample: string;
}

/** What one place in a pattern takes: a character of its own, or one of a set. */
interface Single {
  readonly char?: string;
  fits(char: string): boolean;
}

interface Run {
  readonly text: string;
  readonly limit: number;
  steps: number;
}

/** What is thrown when a match takes more steps than anybody would wait for. */
export class TooManySteps extends Error {
  override readonly name = "TooManySteps";
}

/**
 * Looks for a regular expression in a text as a backtracking engine does, from every start and by
 * every way, and counts the characters that it looks at. Knows what the shipped ones are made of, and
 * throws at anything else.
 *
 * @throws {TooManySteps} past `limit` steps.
 */
export function search(
  pattern: RegExp,
  text: string,
  limit: number,
): { readonly steps: number; readonly at: number } {
  const run: Run = { text, limit, steps: 0 };
  const { match } = new Compiler(pattern, run).compile();
  for (let start = 0; start <= text.length; start++) {
    if (match(start, () => true)) return { steps: run.steps, at: start };
  }
  return { steps: run.steps, at: -1 };
}

/** A text that a regular expression takes, with something in each place that may be empty. */
export function sampleOf(pattern: RegExp): string {
  return new Compiler(pattern, { text: "", limit: 0, steps: 0 }).compile().sample;
}

const CHARACTERS = Array.from({ length: 128 }, (_, code) => String.fromCharCode(127 - code));

const SETS: Readonly<Record<string, RegExp>> = {
  d: /\d/,
  D: /\D/,
  w: /\w/,
  W: /\W/,
  s: /\s/,
  S: /\S/,
};
const DOT: Single = { fits: (char) => !/[\n\r\u2028\u2029]/.test(char) };

/** Makes a matcher of the source of a regular expression. */
class Compiler {
  readonly #source: string;
  readonly #ignoreCase: boolean;
  readonly #run: Run;
  #at = 0;

  constructor({ source, flags }: RegExp, run: Run) {
    if (/[^gi]/.test(flags)) throw new Error(`Cannot read flags ${flags}`);
    this.#source = source;
    this.#ignoreCase = flags.includes("i");
    this.#run = run;
  }

  compile(): Part {
    const part = this.#choice();
    if (this.#at < this.#source.length) throw this.#unknown();
    return part;
  }

  #choice(): Part {
    const ways = [this.#sequence()];
    while (this.#take("|")) ways.push(this.#sequence());
    const [{ sample } = { sample: "" }] = ways;
    return { sample, match: (at, next) => ways.some(({ match }) => match(at, next)) };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !this.#sees("|") && !this.#sees(")")) {
      parts.push(this.#quantified());
    }
    return {
      sample: parts.map(({ sample }) => sample).join(""),
      match: parts.reduceRight<Matcher>(
        (rest, { match }) => (at, next) => match(at, (end) => rest(end, next)),
        (at, next) => next(at),
      ),
    };
  }

  #quantified(): Part {
    const part = this.#part();
    const counts = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(this.#source.slice(this.#at));
    if (counts === null) return part;
    const [sign, from, comma, to] = counts;
    this.#at += sign.length;
    if (this.#sees("?")) throw this.#unknown();
    if (from === undefined) {
      return repeated(part, sign === "+" ? 1 : 0, sign === "?" ? 1 : Infinity);
    }
    return repeated(
      part,
      Number(from),
      comma === undefined ? Number(from) : Number(to || Infinity),
    );
  }

  #part(): Part {
    if (this.#take("(?=")) {
      const ahead = this.#closed();
      const match: Matcher = (at, next) => ahead.match(at, () => true) && next(at);
      return { match, sample: "" };
    }
    if (this.#take("(?:")) return this.#closed();
    if (this.#sees("(?")) throw this.#unknown();
    if (this.#take("(")) return this.#closed();
    if (this.#take("^")) return { sample: "", match: this.#step((at) => at === 0, 0) };
    if (this.#take("$")) {
      return { sample: "", match: this.#step((at, { length }) => at === length, 0) };
    }
    const single = this.#take("[") ? this.#set() : this.#take(".") ? DOT : this.#single();
    return {
      sample: single.char ?? CHARACTERS.find((char) => single.fits(char)) ?? "",
      match: this.#step((at, text) => at < text.length && single.fits(text[at]!), 1),
    };
  }

  #closed(): Part {
    const inside = this.#choice();
    if (!this.#take(")")) throw this.#unknown();
    return inside;
  }

  #set(): Single {
    const negated = this.#take("^");
    const members: Single[] = [];
    while (!this.#take("]")) {
      const low = this.#single();
      const isRange = low.char !== undefined && this.#sees("-") && !this.#sees("-]");
      members.push(isRange && this.#take("-") ? range(low, this.#single()) : low);
    }
    const isIn = (char: string) => members.some(({ fits }) => fits(char));
    const cases = this.#ignoreCase
      ? (char: string) => isIn(char.toLowerCase()) || isIn(char.toUpperCase())
      : isIn;
    return { fits: (char) => cases(char) !== negated };
  }

  #single(): Single {
    const [char = ""] = this.#source.slice(this.#at++);
    if (char !== "\\") return this.#literal(char);
    const [name = ""] = this.#source.slice(this.#at++);
    const set = SETS[name];
    if (set !== undefined) return { fits: (char) => set.test(char) };
    if (name === "x" || name === "u") {
      const digits = this.#source.slice(this.#at, this.#at + (name === "x" ? 2 : 4));
      this.#at += digits.length;
      return this.#literal(String.fromCharCode(parseInt(digits, 16)));
    }
    if (name === "t") return this.#literal("\t");
    if (/\w/.test(name)) throw this.#unknown();
    return this.#literal(name);
  }

  #literal(char: string): Single {
    if (!this.#ignoreCase) return { char, fits: (other) => other === char };
    return { char, fits: (other) => other.toLowerCase() === char.toLowerCase() };
  }

  #step(holds: (at: number, text: string) => boolean, width: number): Matcher {
    const run = this.#run;
    return (at, next) => {
      if (++run.steps > run.limit) throw new TooManySteps(this.#source);
      return holds(at, run.text) && next(at + width);
    };
  }

  #sees(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    const sees = this.#sees(text);
    if (sees) this.#at += text.length;
    return sees;
  }

  #unknown(): Error {
    return new Error(`Cannot read /${this.#source}/ at ${this.#at}`);
  }
}

function range({ char: low = "" }: Single, { char: high = "" }: Single): Single {
  return { fits: (char) => char >= low && char <= high };
}

/** As often as possible first, then less and less often. */
function repeated({ match, sample }: Part, min: number, max: number): Part {
  const go = (count: number, at: number, next: (at: number) => boolean): boolean =>
    (count < max &&
      match(at, (end) => (end > at || count < min) && go(count + 1, end, next))) ||
    (count >= min && next(at));
  return { sample: sample.repeat(Math.max(1, min)), match: (at, next) => go(0, at, next) };
}
