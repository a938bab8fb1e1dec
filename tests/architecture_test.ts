import { PROOFS } from "./harness/architecture_proofs.ts";
import { projectFiles, readProjectFile } from "./harness/files.ts";
import { findCycles, importsOf, resolveImport } from "./harness/imports.ts";
import { assert, describe, it } from "./harness/mod.ts";
import { type Token, tokenize } from "./harness/tokens.ts";

/** What the files of an area may import, besides each other. An area is a folder or a file. */
interface Rule {
  readonly areas: readonly string[];
  readonly packages?: readonly string[];
}

/** Timers for all adapters and the clients of brokers, and for no program. */
const BACKGROUND = "server/adapter/background.ts";

const RUNTIMES = ["server/deno.ts", "server/bun.ts"];

/** The adapters by way of Redis. */
const OF_REDIS: Rule = {
  areas: [
    "events",
    "parser",
    "parser/engine",
    "parser/msgpack",
    "server/adapter",
    "server/adapter/cluster",
    "server/adapter/redis/client",
    BACKGROUND,
  ],
};

/** Who may import whom. A file belongs to the area with the longest name that fits. */
const TABLE: Readonly<Record<string, Rule>> = {
  "parser/engine": { areas: [] },
  "events": { areas: [] },
  "parser": { areas: ["parser/engine"] },
  "parser/cbor": { areas: ["parser", "parser/engine"], packages: ["cbor-x/index-no-eval"] },
  "parser/msgpack": { areas: ["parser", "parser/engine"], packages: ["@msgpack/msgpack"] },
  "server/engine": { areas: ["parser/engine", "events"] },
  "server/engine/mod.ts": { areas: ["events", "parser/engine", "server/engine", ...RUNTIMES] },
  [BACKGROUND]: { areas: [] },
  "server/adapter": { areas: ["events", "parser", "parser/engine", BACKGROUND] },
  "server/adapter/cluster": {
    areas: ["events", "parser", "parser/engine", "server/adapter", BACKGROUND],
  },
  "server/adapter/redis/client": { areas: ["parser/engine", "server/adapter/cluster", BACKGROUND] },
  "server/adapter/redis_streams": OF_REDIS,
  "server/adapter/redis": OF_REDIS,
  "server/adapter/postgres": {
    areas: [
      "events",
      "parser",
      "parser/msgpack",
      "server/adapter",
      "server/adapter/cluster",
      BACKGROUND,
    ],
  },
  "server/adapter/broadcast_channel": {
    areas: ["events", "parser", "server/adapter", "server/adapter/cluster", BACKGROUND],
  },
  "server/adapter/nats": {
    areas: ["parser/msgpack", "server/adapter", "server/adapter/cluster", BACKGROUND],
  },
  "server/relay/broadcast_channel": {
    areas: ["server/adapter/broadcast_channel", "server/adapter/cluster", "server/engine"],
  },
  "server/relay/redis": {
    areas: [
      "parser/msgpack",
      "server/adapter/cluster",
      "server/adapter/redis",
      "server/adapter/redis/client",
      "server/engine",
    ],
  },
  "server/namespace": { areas: ["events", "parser", "parser/engine", "server/adapter"] },
  "server": {
    areas: ["events", "parser", "server/engine", "server/adapter", "server/namespace"],
  },
  "server/deno.ts": { areas: ["server/engine"] },
  "server/bun.ts": { areas: ["server/engine"] },
  "client/engine": { areas: ["parser/engine", "events"] },
  "client": { areas: ["events", "parser", "parser/engine", "client/engine"] },
  "emitter": {
    areas: [
      "events",
      "parser",
      "parser/engine",
      "parser/msgpack",
      "server/adapter/cluster",
      "server/adapter/postgres",
      "server/adapter/redis/client",
      "server/adapter/redis_streams",
    ],
  },
  "mod.ts": {
    areas: [
      "events",
      "parser",
      "parser/engine",
      "server",
      "server/engine",
      "server/engine/mod.ts",
      "server/adapter",
      "server/namespace",
      ...RUNTIMES,
    ],
  },
};

/**
 * From where a file may be reached past the `mod.ts` of its folder. That of the engine brings the two
 * runtimes along, so what they and the server need of it is imported as it is.
 */
const SIDE_DOORS: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [/^server\/(deno|bun)\.ts$/, /^server\/engine\/runtime\.ts$/],
  [/^server\/(?!deno|bun)[^/]+\.ts$/, /^server\/engine\//],
  [/^mod\.ts$/, /^server\/engine\//],
  [/^server\/relay\//, /^server\/engine\/relay\/bus\.ts$/],
  [
    /^server\/relay\/broadcast_channel\//,
    /^server\/adapter\/broadcast_channel\/(?!mod|adapter|hub)\w+\.ts$/,
  ],
  [/^server\/relay\/redis\//, /^server\/adapter\/redis\/(clients|failures|format)\.ts$/],
  // Emitters send as adapters do.
  [/^emitter\//, /^server\/adapter\/cluster\/(blob_queue|error|message|option_names)\.ts$/],
  // What adapters need that programs do not.
  [/^server\/adapter\/\w+\//, /^server\/adapter\/cluster\/(error|reason|wire)\.ts$/],
  [/^server\/adapter\//, /^server\/adapter\/background\.ts$/],
  [/^emitter\//, /^server\/adapter\/postgres\//],
  [/^emitter\/redis_streams\//, /^emitter\/redis\/open\.ts$/],
  [/^emitter\/redis_streams\//, /^server\/adapter\/redis_streams\/(?!mod|adapter|bus)\w+\.ts$/],
];

/** What makes adapters. No emitter is to bring that along. */
const ADAPTERS = /^server\/adapter\/(?:\w+\/)?(?:mod|adapter|bus)\.ts$/;

/** The globals of a runtime, and the shipped files that may name each. */
const GLOBALS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Deno", ["server/deno.ts"]],
  ["Bun", ["server/bun.ts"]],
  // Parser modules that are published for npm socket.io read a Buffer where there is one.
  // So do clients of brokers.
  ["Buffer", [
    "parser/custom.ts",
    "client/parser_option.ts",
    "server/adapter/redis/client/payload.ts",
  ]],
  ["process", []],
  ["require", []],
  ["__dirname", []],
  ["__filename", []],
  ["setImmediate", []],
]);

/** Found wherever they stand, as in `globalThis.Bun`; the others are names of members as well. */
const UNMISTAKABLE = ["Deno", "Bun", "Buffer"];

/** How often `any` stands in a file; nowhere else. */
const ANY: ReadonlyMap<string, number> = new Map([["events/map.ts", 33]]);

/** Where chance needs no secrecy. Ids come from `crypto`. */
const MATH_RANDOM = ["client/reconnection.ts", "client/engine/transport.ts"];

const MAX_LINES = 300;

const SHIPPED = ["parser", "events", "server", "client", "emitter"];

type Files = ReadonlyMap<string, string>;

function areaOf(file: string): string | undefined {
  return Object.keys(TABLE)
    .filter((area) => file === area || file.startsWith(area + "/"))
    .sort((a, b) => b.length - a.length)[0];
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly line: number;
  readonly isType: boolean;
}

function edges(files: Files): Edge[] {
  return [...files].flatMap(([from, text]) =>
    importsOf(tokenize(text))
      .filter(({ specifier }) => specifier?.startsWith("."))
      .map(({ specifier, ...rest }) => ({ from, to: resolveImport(from, specifier!), ...rest }))
  );
}

function checkEdges(files: Files): string[] {
  return edges(files).flatMap(({ from, to, line }) => {
    const [source, target] = [areaOf(from), areaOf(to)];
    const at = `${from}:${line}`;
    if (source === undefined) return [`${at}: the file is in no area of the table`];
    if (!files.has(to)) return [`${at}: ${to} is not shipped`];
    if (source === target) return [];
    if (target === undefined || !TABLE[source]!.areas.includes(target)) {
      return [`${at}: ${source} must not import ${to}`];
    }
    return goesThroughDoor(files, from, to) ? [] : [`${at}: ${to} is inside, import its mod.ts`];
  });
}

function goesThroughDoor(files: Files, from: string, to: string): boolean {
  const folder = (file: string) => file.slice(0, file.lastIndexOf("/") + 1);
  const door = folder(to) + "mod.ts";
  return folder(from) === folder(to) || to === door || !files.has(door) || folder(to) === "" ||
    RUNTIMES.includes(to) ||
    SIDE_DOORS.some(([source, target]) => source.test(from) && target.test(to));
}

function checkEmitters(files: Files): string[] {
  const values = edges(files).filter(({ isType }) => !isType);
  const problems: string[] = [];
  const reached = new Set([...files.keys()].filter((file) => file.startsWith("emitter/")));
  // It grows meanwhile.
  for (const file of reached) {
    for (const { from, to, line } of values) {
      if (from !== file) continue;
      if (!ADAPTERS.test(to)) reached.add(to);
      else problems.push(`${file}:${line}: an emitter brings ${to} along`);
    }
  }
  return problems;
}

function checkPackages(files: Files): string[] {
  return [...files].flatMap(([file, text]) =>
    importsOf(tokenize(text)).flatMap(({ specifier, line }) => {
      if (specifier === undefined) return [`${file}:${line}: an import has a computed name`];
      const allowed = TABLE[areaOf(file) ?? ""]?.packages ?? [];
      return specifier.startsWith(".") || allowed.includes(specifier)
        ? []
        : [`${file}:${line}: "${specifier}" must not be imported`];
    })
  );
}

function checkCycles(files: Files): string[] {
  const graph = (node: (file: string) => string | undefined) => {
    const nodes = new Map<string, Set<string>>();
    for (const { from, to } of edges(files)) {
      const [source, target] = [node(from), node(to)];
      if (source === undefined || target === undefined) continue;
      // A file must not import itself, an area may.
      if (source === target && source !== from) continue;
      nodes.set(source, (nodes.get(source) ?? new Set()).add(target));
    }
    return nodes;
  };
  return [...findCycles(graph((file) => file)), ...findCycles(graph(areaOf))]
    .map((cycle) => `cycle: ${cycle.join(" -> ")}`);
}

/** A rule about single tokens: what it finds wrong with one, if anything. */
type TokenRule = (file: string, token: Token, before?: Token, after?: Token) => string | undefined;

const globals: TokenRule = (file, { kind, text }, before) => {
  const allowed = GLOBALS.get(text);
  const isUnmistakable = UNMISTAKABLE.includes(text);
  if (allowed === undefined || allowed.includes(file)) return;
  if (kind !== "name" && !(kind === "string" && isUnmistakable)) return;
  const isMember = before?.text === "." || before?.text === "?.";
  return isMember && !isUnmistakable ? undefined : `${text} must not be named`;
};

const nodeModules: TokenRule = (_file, { kind, text }) =>
  (kind === "string" || kind === "template") && text.startsWith("node:")
    ? `${text} must not be named`
    : undefined;

const chance: TokenRule = (file, { kind, text }) =>
  kind === "name" && text === "random" && !MATH_RANDOM.includes(file)
    ? "Math.random must not be used"
    : undefined;

const suppressions: TokenRule = (file, { kind, text }) =>
  kind === "comment" && file !== "events/map.ts" &&
    /@ts-(ignore|expect-error|nocheck)|deno-lint-ignore(?! no-control-regex\b)|<reference|\b(TODO|FIXME|XXX)\b/
      .test(text)
    ? `a comment must not say ${JSON.stringify(text)}`
    : undefined;

function checkTokens(files: Files, ...rules: readonly TokenRule[]): string[] {
  return [...files].flatMap(([file, text]) => {
    const tokens = tokenize(text);
    return tokens.flatMap((token, index) =>
      rules.flatMap((rule) => {
        const problem = rule(file, token, tokens[index - 1], tokens[index + 1]);
        return problem === undefined ? [] : [`${file}:${token.line}: ${problem}`];
      })
    );
  });
}

function checkAny(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    const tokens = tokenize(text).filter(({ kind }) => kind !== "comment");
    const found = tokens.filter((token, index) =>
      token.kind === "name" && token.text === "any" &&
      !/^\??\.$/.test(tokens[index - 1]?.text ?? "")
    );
    const allowed = ANY.get(file) ?? 0;
    return found.length > allowed
      ? [`${file}:${found.at(-1)!.line}: ${found.length} times any, allowed are ${allowed}`]
      : [];
  });
}

function checkLines(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > MAX_LINES ? [`${file}: ${lines} lines are more than ${MAX_LINES}`] : [];
  });
}

const RULES: Readonly<Record<string, (files: Files) => string[]>> = {
  "imports only what the table allows": checkEdges,
  "brings no adapter along with an emitter": checkEmitters,
  "imports no package but its library": checkPackages,
  "has no cycle of files or areas": checkCycles,
  "names a runtime in its own file only": (files) => checkTokens(files, globals),
  "names no module of Node": (files) => checkTokens(files, nodeModules),
  "draws no id by Math.random": (files) => checkTokens(files, chance),
  "silences no check and leaves nothing to do": (files) => checkTokens(files, suppressions),
  "has any in events/map.ts only": checkAny,
  "has no file over 300 lines": checkLines,
};

describe("shipped code", () => {
  const files = new Map(
    ["mod.ts", ...SHIPPED.flatMap((folder) => projectFiles(folder, ".ts"))]
      .map((file) => [file, readProjectFile(file)]),
  );

  it("has the entries of deno.json", () => {
    const { exports } = JSON.parse(readProjectFile("deno.json")) as {
      exports: Record<string, string>;
    };
    const missing = Object.values(exports).filter((file) => !files.has(file.slice(2)));
    assert.deepEqual(missing, []);
  });

  for (const [name, check] of Object.entries(RULES)) {
    it(name, () => assert.deepEqual(check(files), []));
  }
});

describe("package.json", () => {
  it("exports the same as deno.json", () => {
    const [deno, npm] = ["deno.json", "package.json"].map((file) =>
      JSON.parse(readProjectFile(file)) as { name: string; version: string; exports: object }
    );
    // JSR takes no patterns.
    assert.deepEqual(npm!.exports, { ...deno!.exports, "./dist/*": "./dist/*" });
    assert.deepEqual([npm!.name, npm!.version], [deno!.name, deno!.version]);
  });
});

describe("the rules of the architecture", () => {
  for (const [rule, files, ...problems] of PROOFS) {
    const [file, text] = Object.entries(files)[0]!;
    it(`${rule}: ${file}: ${JSON.stringify(text.slice(0, 60))}${problems.length > 0 ? " fails" : " passes"}`, () => {
      const found = RULES[rule]!(new Map(Object.entries(files)));
      assert.deepEqual(found, problems);
    });
  }

  it("are each shown to find something", () => {
    const proved = new Set(PROOFS.filter((proof) => proof.length > 2).map(([rule]) => rule));
    assert.deepEqual(Object.keys(RULES).filter((rule) => !proved.has(rule)), []);
  });
});
