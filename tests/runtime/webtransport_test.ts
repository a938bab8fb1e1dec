import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { makeCertificate, SKIP } from "../harness/certificate.ts";
import { launchChromium, SKIP as NO_CHROMIUM } from "../harness/chromium.ts";
import { readProjectFile, ROOT } from "../harness/files.ts";
import { after, assert, before, describe, it } from "../harness/mod.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME } from "../harness/serve.ts";
import { meet } from "../harness/webtransport_meeting.mjs";

const FLAGS = ["run", "-A", "--unstable-net"];

/** What every client is to see; where it began is its own affair. */
const SEEN = {
  how: "webtransport",
  echoes: [["small", 1], ["€", 300], ["large", 400_000]],
  end: "io server disconnect",
};

/** The program of docs/webtransport.md. */
function program(): string {
  return /^```ts server\.ts\n([\s\S]*?)^```$/m.exec(readProjectFile("docs/webtransport.md"))![1]!;
}

// Bun has no WebTransport, so that there is nothing to run.
if (RUNTIME === "deno") {
  describe("WebTransport, on Deno", SKIP, () => {
    let folder: string;
    let hash: string;
    let server: Process;
    let port: string;

    before(async () => {
      mkdirSync(ROOT + "tmp", { recursive: true });
      folder = mkdtempSync(ROOT + "tmp/webtransport-");
      hash = makeCertificate(folder);
      writeFileSync(`${folder}/server.ts`, program());
      server = new Process("deno", [...FLAGS, "--check", "server.ts", "0"], { cwd: folder });
      [, port = ""] = await server.printed(/listening on port (\d+)/);
    });

    after(async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });

    async function run(kind: string, list: string): Promise<unknown> {
      const args = ["tests/harness/webtransport_client.mjs", kind, port, hash, list];
      const trust = "--unsafely-ignore-certificate-errors=127.0.0.1";
      await using client = new Process("deno", [...FLAGS, trust, ...args]);
      const [, seen = ""] = await client.printed(/seen (.*)/);
      return JSON.parse(seen);
    }

    for (const kind of ["ours", "official"]) {
      it(`carries our server and the client ${kind}, connected directly`, async () => {
        assert.deepEqual(await run(kind, "webtransport"), { began: "webtransport", ...SEEN });
      });

      it(`takes the client ${kind} over from long polling`, async () => {
        const seen = await run(kind, "polling,webtransport");
        assert.deepEqual(seen, { began: "polling", ...SEEN });
      });
    }

    it("ends sessions that break the protocol", async () => {
      const first = ["00", "80", "7fffffffffffffffff", "0434785f5f", "0c" + hexOf('0{"sid":"x"}')];
      assert.deepEqual(await run("raw", first.join()), first.map(() => "closed"));
      assert.deepEqual(await run("ours", "webtransport"), { began: "webtransport", ...SEEN });
    });

    it("works in Chromium, with both clients", NO_CHROMIUM, async () => {
      await using browser = await launchChromium();
      for (
        const script of ["dist/socket.io.js", "node_modules/socket.io-client/dist/socket.io.js"]
      ) {
        for (const transports of [["webtransport"], ["polling", "webtransport"]]) {
          const page = await browser.newPage({ ignoreHTTPSErrors: true });
          await page.goto(`https://127.0.0.1:${port}/`);
          await page.addScriptTag({ content: readProjectFile(script) });
          const seen = await page.evaluate(inPage(transports));
          assert.deepEqual(seen, { began: transports[0], ...SEEN });
          await page.close();
        }
      }
    });

    /** What a page runs, with either client. */
    function inPage(transports: readonly string[]): string {
      return `(() => {
        const value = Uint8Array.fromBase64("${hash}");
        const certificate = { serverCertificateHashes: [{ algorithm: "sha-256", value }] };
        const socket = io({
          transports: ${JSON.stringify(transports)},
          reconnection: false,
          transportOptions: { webtransport: certificate },
        });
        return (${meet})(socket);
      })()`;
    }
  });
}

function hexOf(text: string): string {
  return new TextEncoder().encode(text).toHex();
}
