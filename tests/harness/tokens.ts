/** A piece of TypeScript source. Comments are kept apart, so that a rule can tell them from code. */
export interface Token {
  readonly kind: "name" | "string" | "template" | "number" | "regexp" | "punctuation" | "comment";
  /** The source, without the quotes where it is a string. */
  readonly text: string;
  readonly line: number;
}

const NAME = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\.?\d[\w.]*/y;
const STRING = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const REGEXP = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const PUNCTUATION = /\?\.(?!\d)|\.\.\.|=>|[^\s\w]/y;

/** Words after which a slash opens a regular expression and does not divide. */
const BEFORE_REGEXP = new Set(
  "return typeof instanceof in of new delete void throw case do else yield await".split(" "),
);

/** Splits TypeScript source into tokens; what a template substitutes is split as well. */
export function tokenize(source: string): Token[] {
  const scanner = new Scanner(source);
  scanner.code();
  return scanner.tokens;
}

class Scanner {
  readonly tokens: Token[] = [];
  readonly #source: string;
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  /** Up to the end of the source or, inside of a template, to the brace that ends the code. */
  code(): void {
    let depth = 0;
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at]!;
      if (char === "}" && depth-- === 0) return;
      if (char === "{") depth++;
      if (/\s/.test(char)) this.#skip(1);
      else if (char === "`") this.#template();
      else this.#next(char);
    }
  }

  #next(char: string): void {
    const found = this.#take("comment", COMMENT) ||
      (char === "/" && this.#regexpMayStart() && this.#take("regexp", REGEXP)) ||
      this.#take("string", STRING) || this.#take("name", NAME) || this.#take("number", NUMBER) ||
      this.#take("punctuation", PUNCTUATION);
    if (!found) throw new SyntaxError(`Cannot read line ${this.#line}: unexpected "${char}"`);
  }

  #template(): void {
    const { length } = this.tokens;
    const line = this.#line;
    let text = "";
    this.#skip(1);
    while (this.#source[this.#at] !== "`") {
      if (this.#at >= this.#source.length) {
        throw new SyntaxError(`Template of line ${line} is open`);
      }
      if (this.#source.startsWith("${", this.#at)) {
        this.#skip(2);
        this.code();
        this.#skip(1);
      } else {
        const size = this.#source[this.#at] === "\\" ? 2 : 1;
        text += this.#source.slice(this.#at, this.#at + size);
        this.#skip(size);
      }
    }
    this.#skip(1);
    this.tokens.splice(length, 0, { kind: "template", text, line });
  }

  #take(kind: Token["kind"], pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found === undefined) return false;
    this.tokens.push({
      kind,
      text: kind === "string" ? found.slice(1, -1) : found,
      line: this.#line,
    });
    this.#skip(found.length);
    return true;
  }

  #skip(length: number): void {
    for (let i = 0; i < length; i++) if (this.#source[this.#at++] === "\n") this.#line++;
  }

  #regexpMayStart(): boolean {
    const last = this.tokens.findLast((token) => token.kind !== "comment");
    if (last === undefined) return true;
    if (last.kind === "name") return BEFORE_REGEXP.has(last.text);
    return last.kind === "punctuation" && !")]}".includes(last.text);
  }
}
