import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Server } from "../../mod.ts";
import { bundle, stop } from "../../scripts/bundle.ts";
import { launchChromium, SKIP } from "../harness/chromium.ts";
import { readProjectFile, ROOT } from "../harness/files.ts";
import { after, assert, before, describe, it } from "../harness/mod.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME, serve, type Served } from "../harness/serve.ts";

/** The programs of the page by their names: the word behind the language of each block. */
const SNIPPETS: ReadonlyMap<string, string> = new Map(
  [...readProjectFile("docs/client.md").matchAll(/^```(?:ts|html) (\S+)\n([\s\S]*?)^```$/gm)]
    .map(([, name = "", text = ""]) => [name, text]),
);

const RUN = { deno: ["deno", "run", "-A"], bun: ["bun"] } as const;

describe("the examples of docs/client.md", () => {
  let server: Served;
  let folder: string;
  const done = new Set<string>();

  before(async () => {
    mkdirSync(ROOT + "tmp", { recursive: true });
    folder = mkdtempSync(ROOT + "tmp/client-docs-");
    const io = new Server();
    io.on("connection", (socket) => {
      socket.on("ask", (question, answer) => answer(`answered: ${question}`));
    });
    io.of("/members").use((socket, next) => {
      const { token } = socket.handshake.auth as { token?: string };
      next(token === "new" ? undefined : new Error("your token is old"));
    });
    const page = new Response(SNIPPETS.get("page.html"), {
      headers: { "content-type": "text/html" },
    });
    const handler = io.handler(() => page.clone());
    server = await serve(
      Object.assign(handler, { handler: () => handler, close: () => io.close() }),
    );
  });

  after(async () => {
    await server.close();
    await stop();
    rmSync(folder, { recursive: true });
    assert.deepEqual(done, new Set(SNIPPETS.keys()));
  });

  /** The text of an example, with the address of the server. */
  function snippet(name: string): string {
    done.add(name);
    return (SNIPPETS.get(name) ?? assert.fail(`no example ${name}`))
      .replaceAll("http://localhost:3000", server.url);
  }

  /** Runs a program and resolves to what it wrote. */
  async function run(text: string): Promise<string> {
    const path = `${folder}/${crypto.randomUUID()}.mjs`;
    writeFileSync(path, text);
    const [command, ...args] = RUN[RUNTIME];
    await using program = new Process(command, [...args, path]);
    assert.equal(await program.exited, 0, program.output);
    return program.output.trim();
  }

  const PROGRAMS = [
    ["bundled.ts", "answered: from a bundle"],
    ["lean.ts", "answered: by WebSocket"],
    ["client.ts", "answered: from a program"],
    ["send_buffer.ts", "answered: once it is connected"],
    ["auth.ts", "your token is old\nlet in"],
  ] as const;

  for (const [name, output] of PROGRAMS) {
    it(`${name} runs, bundled, and ends`, async () => {
      const { text } = await bundle(snippet(name), { sourcemap: false });
      assert.equal(await run(text), output);
    });
  }

  it("page.html shows the answer", SKIP, async () => {
    snippet("page.html");
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(server.url);
      await page.locator("#answer", { hasText: "answered: from a page" }).waitFor();
    } finally {
      await browser.close();
    }
  });
});
