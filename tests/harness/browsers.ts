import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { findProgram } from "./files.ts";
import { Process } from "./process.ts";

/** A browser that is started with the address of a page, and ends with the test. */
export interface BrowserProgram {
  /** The `skip` option of a test that needs it: the reason, if it is not there. In CI it fails. */
  readonly SKIP: { readonly skip?: string };
  /** Opens a page in a profile of its own, with no window to be seen. */
  open(url: string): Promise<AsyncDisposable>;
}

// What a new profile would otherwise ask of its maker, or of whoever sits before it.
const FIREFOX_PREFERENCES = {
  "app.normandy.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.proxy.type": 0,
  "services.settings.server": "data:,",
};

// MiniBrowser, which comes with WebKitGTK, is not on the path.
const WEBKIT_FOLDERS = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
  .map((machine) => `/usr/lib/${machine}/webkit2gtk-4.1`);

/** Firefox, with the engine Gecko. */
export const FIREFOX: BrowserProgram = program("Firefox", [["firefox", "firefox-esr"]], {
  async start([firefox], url, stack) {
    const profile = await profileFolder(stack);
    const lines = Object.entries(FIREFOX_PREFERENCES).map(([name, value]) =>
      `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`
    );
    await writeFile(join(profile, "user.js"), lines.join(""));
    const args = ["--headless", "--no-remote", "--profile", profile, url];
    stack.use(new Process(firefox!, args, { env: { HOME: profile } }));
  },
});

/** MiniBrowser, with the engine WebKit, which is that of Safari. It needs a display. */
export const WEBKIT: BrowserProgram = program("WebKit", [["MiniBrowser"], ["Xvfb"]], {
  async start([browser, xvfb], url, stack) {
    const HOME = await profileFolder(stack);
    const display = stack.use(new Process(xvfb!, ["-displayfd", "1", "-nolisten", "tcp"]));
    const [number] = await display.printed(/^\d+(?=\n)/m);
    const env = { HOME, DISPLAY: `:${number}` };
    stack.use(new Process(browser!, ["--private", url], { env }));
  },
});

interface Launch {
  /** Takes where its commands are, in their order. */
  start(
    found: readonly string[],
    url: string,
    stack: AsyncDisposableStack,
  ): Promise<void>;
}

/** Takes the commands that it needs, each by all names that it may have. */
function program(
  name: string,
  commands: readonly (readonly string[])[],
  launch: Launch,
): BrowserProgram {
  const found = commands.map((names) => findProgram(names, WEBKIT_FOLDERS)).filter((path) =>
    path !== undefined
  );
  const isThere = found.length === commands.length;
  const SKIP = isThere || process.env["CI"] === "true" ? {} : { skip: `no ${name} found` };
  if (SKIP.skip !== undefined) console.log(`Skipped: ${SKIP.skip}`);
  return {
    SKIP,
    async open(url) {
      if (!isThere) throw new Error(`No ${name} found, and CI skips no test`);
      await using stack = new AsyncDisposableStack();
      await launch.start(found, url, stack);
      return stack.move();
    },
  };
}

/** A folder of its own, that goes with the stack. */
async function profileFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sockeye-browser-"));
  // The processes of a browser that has ended may still write.
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}
