import process from "node:process";
import { type Browser, chromium } from "playwright-core";
import { findProgram, isProgram } from "./files.ts";

/** Where Chromium is: `$CHROMIUM`, on the path, or where Playwright keeps its own. */
export const CHROMIUM: string | undefined = [
  process.env["CHROMIUM"],
  findProgram(["chromium", "chromium-browser", "google-chrome"]),
  chromium.executablePath(),
].find((path) => path !== undefined && path !== "" && isProgram(path));

/** The `skip` option of a test that needs Chromium: the reason, if there is none. In CI it fails. */
export const SKIP: { skip?: string } = CHROMIUM !== undefined || process.env["CI"] === "true"
  ? {}
  : { skip: "no Chromium found: install it, or set CHROMIUM to its path" };

if ("skip" in SKIP) console.log(`Skipped: ${SKIP.skip}`);

/** A headless Chromium, which ends with the test: `await using` it. */
export async function launchChromium(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error("No Chromium found, and CI skips no test");
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}
