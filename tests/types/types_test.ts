import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { projectFiles, readProjectFile, ROOT } from "../harness/files.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { Process } from "../harness/process.ts";

/** What `deno check` has to say about a file; nothing if its types are right. */
async function check(path: string): Promise<string> {
  await using deno = new Process("deno", ["check", "--quiet", path]);
  const code = await deno.exited;
  return code === 0 ? "" : `${code}\n${deno.output}`;
}

/** Checks TypeScript that is made for the purpose, in a folder of the project. */
async function checkText(text: string): Promise<string> {
  const folder = mkdtempSync(ROOT + "tests/types/.made-");
  try {
    writeFileSync(`${folder}/made.ts`, text);
    return await check(`${folder}/made.ts`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the types", () => {
  for (const file of projectFiles("tests/types", ".ts")) {
    if (file.endsWith("_test.ts") || file.includes("/.made-")) continue;
    it(`${file} compiles, but for what must not`, async () => {
      assert.equal(await check(file), "");
    });
  }

  const references = {
    "server.ts": ["mod.ts", "socket.io"],
    "client.ts": ["client/mod.ts", "socket.io-client"],
    "emitter.ts": ["emitter/redis/mod.ts", "@socket.io/redis-emitter"],
  };
  for (const [file, [ours, theirs]] of Object.entries(references)) {
    it(`of npm ${theirs} let the same program compile: ${file}`, async () => {
      const text = readProjectFile(`tests/types/${file}`);
      const moved = text.replace(`"../../${ours}"`, `"${theirs}"`);
      assert.notEqual(moved, text);
      assert.equal(await checkText(moved), "");
    });
  }

  it("are really checked: an error that is not expected is found, and one that is missing", async () => {
    const wrong = await checkText('export const one: number = "one";\n');
    assert.match(wrong, /TS2322/);
    const unused = await checkText("// @ts-expect-error nothing is wrong\nexport const one = 1;\n");
    assert.match(unused, /TS2578/);
  });
});
