import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readProjectFile, ROOT } from "../harness/files.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { Process } from "../harness/process.ts";

/** What `bun init` writes, besides what is off by default. */
const BUN_INIT = {
  lib: ["ESNext"],
  target: "ESNext",
  module: "Preserve",
  moduleDetection: "force",
  jsx: "react-jsx",
  allowJs: true,
  types: ["bun"],
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  noFallthroughCasesInSwitch: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
};

/** What `@tsconfig/strictest` adds, and a new Angular program in part. */
const STRICTEST = {
  allowUnusedLabels: false,
  allowUnreachableCode: false,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  checkJs: true,
};

/** `ESNext` as it was: without `Uint8Array.toBase64`, for instance. */
const LIB_OF_5_9 = ["ES2024", "ESNext.Collection", "ESNext.Disposable", "DOM", "DOM.Iterable"];

const ENTRIES = Object.values<string>(JSON.parse(readProjectFile("deno.json")).exports);

/** The ways to hand a server to Bun, with the types that Bun has for them. */
const PROGRAM = `
import { Server } from "../../../mod.ts";

const io = new Server();
const handler = io.handler((request) => new Response(request.url, { status: 404 }));
const { fetch, websocket, idleTimeout } = handler;
const servers = [
  Bun.serve({ port: 0, ...handler }),
  Bun.serve({ port: 0, fetch, websocket, idleTimeout }),
  Bun.serve({ port: 0, routes: { "/socket.io/": handler }, websocket, idleTimeout }),
];
await io.close();
for (const server of servers) await server.stop();
export default { port: 3000, ...handler } satisfies Bun.Serve.Options<unknown>;
`;

/** What `tsc` has to say about files, given from the root of the project, and about a program. */
async function tsc(
  compilerOptions: object,
  files: readonly string[],
  program = "",
): Promise<string> {
  const folder = mkdtempSync(ROOT + "tests/types/.made-");
  try {
    writeFileSync(`${folder}/program.ts`, program);
    const paths = files.map((file) => `../../../${file}`);
    const config = { compilerOptions, files: ["program.ts", ...paths] };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
    await using process = new Process("tsc", ["-p", folder, "--pretty", "false"]);
    const code = await process.exited;
    return code === 0 ? "" : `${code}\n${process.output}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the types, for tsc with those of Bun", () => {
  const configs: [string, object, string][] = [
    ["what bun init writes", BUN_INIT, PROGRAM],
    ["those of a page as well", { ...BUN_INIT, lib: ["ESNext", "DOM"] }, PROGRAM],
    ["what the strictest programs ask for", { ...BUN_INIT, ...STRICTEST }, PROGRAM],
    ["those of Node.js alone", { ...BUN_INIT, types: ["node"] }, ""],
    ["those of a page alone", { ...BUN_INIT, lib: ["ESNext", "DOM"], types: [] }, ""],
    ["no more than TypeScript 5.9 knows", { ...BUN_INIT, lib: LIB_OF_5_9, types: [] }, ""],
  ];
  for (const [what, options, program] of configs) {
    it(`have no error with ${what}`, async () => {
      assert.equal(await tsc(options, ENTRIES, program), "");
    });
  }

  it("are really checked: an error is found", async () => {
    assert.match(await tsc(BUN_INIT, [], PROGRAM + "io.close(1);\n"), /program\.ts.* TS2345/);
  });
});
