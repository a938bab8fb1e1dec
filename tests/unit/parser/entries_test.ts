import { assert, describe, it } from "../../harness/mod.ts";
import { ROOT } from "../../harness/files.ts";
import { build, type Metafile } from "esbuild";

const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  "parser/mod.ts": [],
  "parser/engine/mod.ts": [],
  "parser/msgpack/mod.ts": ["@msgpack/msgpack"],
  "parser/cbor/mod.ts": ["cbor-x"],
};

async function bundle(entry: string): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const inputs = Object.keys((metafile as Metafile).inputs);
  return { text: outputFiles[0]?.text ?? "", inputs };
}

describe("parser entries", () => {
  for (const [entry, libraries] of Object.entries(ENTRIES)) {
    it(`${entry} bundles alone for a browser, with its library and nothing else`, async () => {
      const { text, inputs } = await bundle(entry);
      assert.ok(inputs.includes(entry));
      for (const input of inputs) {
        const allowed = input.startsWith("parser/") ||
          libraries.some((library) => input.startsWith(`node_modules/${library}/`));
        assert.ok(allowed, `${entry} pulls in ${input}`);
      }
      for (const library of libraries) {
        assert.ok(inputs.some((input) => input.startsWith(`node_modules/${library}/`)));
      }
      assert.doesNotMatch(text, /\bnode:|\beval\(|new Function\(/);
    });
  }

  it("parser/mod.ts has no library and no binary format in it", async () => {
    const { inputs } = await bundle("parser/mod.ts");
    assert.deepEqual(inputs.filter((input) => /parser\/(cbor|msgpack|binary)\//.test(input)), []);
  });
});
