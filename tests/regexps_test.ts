import { sampleOf, search, TooManySteps } from "./harness/backtracking.ts";
import { projectFiles, readProjectFile } from "./harness/files.ts";
import { assert, describe, it } from "./harness/mod.ts";
import { tokenize } from "./harness/tokens.ts";

/** The files that make a regular expression of a text, which only the program can give them. */
const DYNAMIC = ["events/debug.ts"];

const SHORT = 100;
const LONG = 100_000;
const CHARACTERS = 12;
// Hardly a pattern ends in it, so that a search has to try all that it can.
const NEVER = "\u2028!";

interface Found {
  readonly where: string;
  readonly pattern: RegExp;
}

const SHIPPED = ["parser", "events", "server", "client", "emitter"]
  .flatMap((folder) => projectFiles(folder, ".ts"))
  .map((file) => ({ file, tokens: tokenize(readProjectFile(file)) }));

const FOUND: readonly Found[] = SHIPPED.flatMap(({ file, tokens }) =>
  tokens.filter(({ kind }) => kind === "regexp").map(({ text, line }) => {
    const end = text.lastIndexOf("/");
    const pattern = new RegExp(text.slice(1, end), text.slice(end + 1));
    return { where: `${file}:${line}`, pattern };
  })
);

/** The characters that a pattern is made of, and some that it may have no place for. */
function charactersOf(pattern: RegExp): string[] {
  return [...new Set(["a", "0", " ", "\n", ...sampleOf(pattern), ...pattern.source])]
    .filter((char) => !"()[]{}*+?|^$\\".includes(char) || sampleOf(pattern).includes(char))
    .slice(0, CHARACTERS);
}

/** Texts that are hard for one pattern or the other, of about the same length. */
function* hardTexts(pattern: RegExp, length: number, pairs = true): Generator<string> {
  const characters = charactersOf(pattern);
  const sample = sampleOf(pattern);
  const half = length / 2;
  for (const end of ["", "\n", NEVER]) {
    for (const one of characters) {
      for (let lead = 0; lead <= sample.length; lead++) {
        yield sample.slice(0, lead) + one.repeat(length) + end;
      }
      for (const other of characters) {
        yield one + other.repeat(length) + end;
        yield one.repeat(half) + other.repeat(half) + end;
        if (!pairs || end !== NEVER) continue;
        for (let lead = 0; lead <= sample.length; lead++) {
          yield sample.slice(0, lead) + (one + other).repeat(half) + end;
        }
      }
    }
  }
}

/** A text whose search takes four times as many steps, or more, where it is twice as long. */
function worseThanLinear(pattern: RegExp): string | undefined {
  const longer = hardTexts(pattern, 2 * SHORT);
  for (const text of hardTexts(pattern, SHORT)) {
    const { value: twice = "" } = longer.next();
    try {
      const { steps } = search(pattern, text, 100 * SHORT);
      if (search(pattern, twice, 400 * SHORT).steps > 3 * steps + SHORT) return text;
    } catch (error) {
      if (error instanceof TooManySteps) return text;
      throw error;
    }
  }
  return undefined;
}

describe("the regular expressions of shipped code", () => {
  it("are found, and none is made of a text that a peer could send", () => {
    assert.ok(FOUND.length > 10);
    const made = SHIPPED.filter(({ tokens }) =>
      tokens.some(({ text }, at) => text === "RegExp" && tokens[at + 1]?.text === "(")
    );
    assert.deepEqual(made.map(({ file }) => file), DYNAMIC);
  });

  for (const { where, pattern } of FOUND) {
    it(`take steps that grow with the text and no faster: ${where}, ${pattern}`, () => {
      assert.equal(worseThanLinear(pattern), undefined);
    });

    it(`are through with hard texts of ${LONG} characters: ${where}, ${pattern}`, () => {
      for (const text of hardTexts(pattern, LONG, false)) pattern.exec(text);
    });
  }
});

describe("the search that counts its steps", () => {
  const BAD = [
    /(a+)+b/,
    /(a|a)*b/,
    /a*a*b/,
    /\s+$/,
    /.*(?=:)/,
    /^[\s,]*,[\s,]*,[\s,]*x/,
    /; *expires=.*;.*x/,
    /^(\w+\s?)*$/,
  ];
  for (const pattern of BAD) {
    it(`finds that ${pattern} is worse than linear`, () => {
      assert.notEqual(worseThanLinear(pattern), undefined);
    });
  }

  for (const { where, pattern } of FOUND) {
    it(`finds what the runtime finds: ${where}, ${pattern}`, () => {
      for (const text of hardTexts(pattern, 10)) {
        assert.equal(search(pattern, text, Infinity).at, text.search(pattern), text);
      }
    });
  }
});
