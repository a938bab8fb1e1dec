import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { projectFiles, readProjectFile, ROOT } from "./harness/files.ts";
import { after, assert, before, describe, it } from "./harness/mod.ts";
import { within } from "./harness/once.ts";
import { Process } from "./harness/process.ts";
import { RUNTIME } from "./harness/serve.ts";

/** A program of a page: the word behind the language of its block is its name. */
interface Snippet {
  readonly page: string;
  readonly name: string;
  readonly text: string;
  /** Whether it is only compiled: it needs a broker, for instance, or goes on for ever. */
  readonly compiled: boolean;
}

const PAGES = projectFiles("docs", ".md");

/** The pages whose programs tests of their own run: they need a server or a certificate. */
const ELSEWHERE = ["docs/client.md", "docs/webtransport.md"];

/**
 * The programs of the pages. Each starts what it needs, asserts what it shows, and ends it all, or
 * says `no-run` behind its name.
 */
const SNIPPETS: readonly Snippet[] = PAGES.filter((page) => !ELSEWHERE.includes(page)).flatMap((
  page,
) =>
  [...readProjectFile(page).matchAll(/^```ts +(\S+)( no-run)?\n([\s\S]*?)^```$/gm)]
    .map(([, name = "", flag, text = ""]) => ({ page, name, text, compiled: flag !== undefined }))
);

describe("the programs of docs/", () => {
  let folder: string;

  before(() => {
    mkdirSync(ROOT + "tmp", { recursive: true });
    folder = mkdtempSync(ROOT + "tmp/docs-");
    for (const snippet of SNIPPETS) writeFileSync(fileOf(snippet), snippet.text);
  });

  after(() => rmSync(folder, { recursive: true }));

  const fileOf = ({ page, name }: Snippet) =>
    `${folder}/${page.replace(/^docs\//, "").replace(/\W/g, "_")}-${name}`;

  it("have names of their own", () => {
    const names = SNIPPETS.map(({ page, name }) => `${page} ${name}`);
    assert.deepEqual(names, [...new Set(names)]);
    assert.ok(names.length > 0);
  });

  // One process for all. `deno check` would skip them: deno.json excludes their folder.
  if (RUNTIME === "deno") {
    it("have the right types", async () => {
      const imports = SNIPPETS.map((snippet) =>
        `() => import(${JSON.stringify(fileOf(snippet))}),`
      );
      writeFileSync(`${folder}/types.ts`, `void [\n${imports.join("\n")}\n];\n`);
      await using check = new Process("deno", ["run", "--check", `${folder}/types.ts`]);
      assert.equal(await check.exited, 0, check.output);
    });
  }

  for (const snippet of SNIPPETS.filter(({ compiled }) => !compiled)) {
    it(`${snippet.page}, ${snippet.name}, does what it says`, async () => {
      const { error } = console;
      const errors: unknown[] = [];
      console.error = (...args) => errors.push(args);
      try {
        await within(import(pathToFileURL(fileOf(snippet)).href), "its end");
      } finally {
        console.error = error;
      }
      // What a listener throws, a failed assertion for instance, is written there.
      assert.deepEqual(errors, []);
    });
  }
});

describe("the pages of docs/", () => {
  it("are all in the index, and lead nowhere that is not there", () => {
    const index = readProjectFile("docs/README.md");
    for (const page of PAGES.map((page) => page.slice("docs/".length))) {
      assert.ok(page === "README.md" || index.includes(`(${page})`), `${page} is not in the index`);
    }
    for (const page of ["README.md", ...PAGES]) {
      for (const [, to = ""] of readProjectFile(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        const there = existsSync(new URL(to, pathToFileURL(ROOT + page)));
        assert.ok(there, `${page} leads to ${to}, which is not there`);
      }
    }
  });
});
