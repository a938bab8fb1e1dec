import { launchChromium, SKIP } from "../harness/chromium.ts";
import { ROOT } from "../harness/files.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { exhibits } from "../unit/parser/exhibits.ts";
import { build } from "esbuild";

describe("parsers in Chromium", () => {
  it("write and read the same as here", SKIP, async () => {
    const { outputFiles } = await build({
      absWorkingDir: ROOT,
      entryPoints: ["tests/unit/parser/exhibits.ts"],
      bundle: true,
      format: "iife",
      globalName: "parsers",
      platform: "browser",
      write: false,
      logLevel: "error",
    });
    await using browser = await launchChromium();
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
    const there = await page.evaluate("parsers.exhibits()");
    const here = exhibits();
    assert.equal(here.length, 603);
    assert.deepEqual(there, here);
  });
});
