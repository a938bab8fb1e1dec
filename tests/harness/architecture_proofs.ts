/** A rule of the architecture by its name, files by their paths, and what the rule finds there. */
export type Proof = readonly [rule: string, files: Record<string, string>, ...found: string[]];

const EDGES = "imports only what the table allows";
const EMITTERS = "brings no adapter along with an emitter";
const PACKAGES = "imports no package but its library";
const CYCLES = "has no cycle of files or areas";
const RUNTIME = "names a runtime in its own file only";
const NODE = "names no module of Node";
const CHANCE = "draws no id by Math.random";
const SUPPRESSIONS = "silences no check and leaves nothing to do";
const ANY_RULE = "has any in events/map.ts only";
const LINES = "has no file over 300 lines";

/** What each rule finds in which files, and what it lets pass. */
export const PROOFS: readonly Proof[] = [
  [
    EDGES,
    { "server/engine/a.ts": 'import { A } from "../../parser/mod.ts";', "parser/mod.ts": "" },
    "server/engine/a.ts:1: server/engine must not import parser/mod.ts",
  ],
  [
    EDGES,
    { "events/a.ts": '\nimport type { A } from "../parser/mod.ts";', "parser/mod.ts": "" },
    "events/a.ts:2: events must not import parser/mod.ts",
  ],
  [
    EDGES,
    { "client/a.ts": 'export * from "../server/server.ts";', "server/server.ts": "" },
    "client/a.ts:1: client must not import server/server.ts",
  ],
  [
    EDGES,
    { "parser/a.ts": 'let x: import("./cbor/a.ts").A;', "parser/cbor/a.ts": "" },
    "parser/a.ts:1: parser must not import parser/cbor/a.ts",
  ],
  [
    EDGES,
    { "server/server.ts": 'await import("./bun.ts");', "server/bun.ts": "" },
    "server/server.ts:1: server must not import server/bun.ts",
  ],
  [
    EDGES,
    { "client/a.ts": 'import "../events/b.ts";', "events/b.ts": "", "events/mod.ts": "" },
    "client/a.ts:1: events/b.ts is inside, import its mod.ts",
  ],
  [EDGES, { "client/a.ts": 'import "../tests/b.ts";' }, "client/a.ts:1: tests/b.ts is not shipped"],
  [
    EDGES,
    { "server/cluster/a.ts": 'import "../deno.ts";', "server/deno.ts": "" },
    "server/cluster/a.ts:1: server must not import server/deno.ts",
  ],
  [EDGES, {
    "client/a.ts": 'import "../events/mod.ts"; // import "../server/server.ts"',
    "client/b.ts": 'const text = \'import "../server/server.ts"\' + `from "../server/server.ts"`;',
    "events/mod.ts": "",
  }],
  [
    EMITTERS,
    {
      "emitter/a.ts": 'import { A } from "../server/adapter/postgres/a.ts";',
      "server/adapter/postgres/a.ts": '\nexport * from "../cluster/mod.ts";',
    },
    "server/adapter/postgres/a.ts:2: an emitter brings server/adapter/cluster/mod.ts along",
  ],
  [EMITTERS, {
    "emitter/a.ts": 'import "../server/adapter/postgres/a.ts";',
    "server/adapter/postgres/a.ts": 'import type { A } from "../cluster/mod.ts";' +
      'export type { B } from "../cluster/mod.ts"; import { C } from "../redis/client/mod.ts";',
    "server/adapter/postgres/b.ts": 'import { A } from "../cluster/mod.ts";',
  }],
  [
    PACKAGES,
    { "parser/a.ts": 'import { encode } from "cbor-x";' },
    'parser/a.ts:1: "cbor-x" must not be imported',
  ],
  [
    PACKAGES,
    { "server/a.ts": 'import fs from "node:fs";' },
    'server/a.ts:1: "node:fs" must not be imported',
  ],
  [
    PACKAGES,
    { "client/a.ts": "await import(name);" },
    "client/a.ts:1: an import has a computed name",
  ],
  [PACKAGES, { "parser/cbor/a.ts": 'import { Encoder } from "cbor-x/index-no-eval";' }],
  [CYCLES, {
    "events/a.ts": 'import type { B } from "./b.ts";',
    "events/b.ts": 'export * from "./a.ts";',
  }, "cycle: events/a.ts -> events/b.ts -> events/a.ts"],
  [
    CYCLES,
    { "events/a.ts": 'await import("./b.ts");', "events/b.ts": 'import "./a.ts";' },
    "cycle: events/a.ts -> events/b.ts -> events/a.ts",
  ],
  [CYCLES, { "events/a.ts": 'import "./a.ts";' }, "cycle: events/a.ts -> events/a.ts"],
  [
    CYCLES,
    { "events/a.ts": 'import "../parser/b.ts";', "parser/c.ts": 'import "../events/d.ts";' },
    "cycle: events -> parser -> events",
  ],
  [CYCLES, {
    "events/a.ts": 'import "./b.ts"; import "./c.ts";',
    "events/b.ts": 'import "./c.ts";',
  }],
  [RUNTIME, { "server/a.ts": "Deno.serve(f);" }, "server/a.ts:1: Deno must not be named"],
  [RUNTIME, { "server/deno.ts": "globalThis.Bun;" }, "server/deno.ts:1: Bun must not be named"],
  [RUNTIME, { "server/a.ts": 'globalThis["Bun"];' }, "server/a.ts:1: Bun must not be named"],
  [RUNTIME, { "client/a.ts": "process.nextTick(f);" }, "client/a.ts:1: process must not be named"],
  [RUNTIME, { "parser/a.ts": "`${Buffer.from(x)}`" }, "parser/a.ts:1: Buffer must not be named"],
  [RUNTIME, { "parser/a.ts": "globalThis.Buffer;" }, "parser/a.ts:1: Buffer must not be named"],
  [RUNTIME, { "parser/a.ts": 'require("x")' }, "parser/a.ts:1: require must not be named"],
  [RUNTIME, { "parser/a.ts": "a / __dirname / b" }, "parser/a.ts:1: __dirname must not be named"],
  [RUNTIME, {
    "server/deno.ts": "Deno.serve(f); // Bun",
    "server/a.ts": "/Deno/.test(`Bun ${this.process()} Deno`); /* Buffer */",
  }],
  [NODE, { "client/a.ts": 'const name = "node:fs";' }, "client/a.ts:1: node:fs must not be named"],
  [NODE, { "client/a.ts": "// node:fs" }],
  [
    CHANCE,
    { "server/a.ts": "const id = Math.random();" },
    "server/a.ts:1: Math.random must not be used",
  ],
  [
    CHANCE,
    { "server/a.ts": "const { random } = Math;" },
    "server/a.ts:1: Math.random must not be used",
  ],
  [CHANCE, { "client/reconnection.ts": "Math.random()", "server/a.ts": "crypto.randomUUID()" }],
  [
    SUPPRESSIONS,
    { "client/a.ts": "// @ts-ignore: it works" },
    'client/a.ts:1: a comment must not say "// @ts-ignore: it works"',
  ],
  [
    SUPPRESSIONS,
    { "client/a.ts": "/* TODO */" },
    'client/a.ts:1: a comment must not say "/* TODO */"',
  ],
  [SUPPRESSIONS, { "client/a.ts": 'const todo = "TODO";' }],
  [ANY_RULE, { "client/a.ts": "let a;\nlet x: any;" }, "client/a.ts:2: 1 times any, allowed are 0"],
  [ANY_RULE, { "client/a.ts": "let x = y as any[];" }, "client/a.ts:1: 1 times any, allowed are 0"],
  [
    ANY_RULE,
    { "events/map.ts": "any ".repeat(40) },
    "events/map.ts:1: 40 times any, allowed are 33",
  ],
  [ANY_RULE, { "client/a.ts": 'AbortSignal.any([]); // any\n"any"; `any`; /any/;' }],
  [LINES, { "client/a.ts": "a\n".repeat(301) }, "client/a.ts: 301 lines are more than 300"],
  [LINES, { "client/a.ts": "a\n".repeat(300) }],
];
