// Builds the bundles of the client into `dist/` and prints their sizes.
//
// The files are there twice: under our own names, and under those by which pages know the official
// ones, which a server hands out. `socket.io.msgpack.min.js` is a client that speaks msgpack, and
// `sockeye.websocket.esm.min.js` one that has no transport but WebSocket; the files `sockeye.msgpack.min.js` and `sockeye.cbor.min.js` are formats to add to the ESM client.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions, stop } from "esbuild";
import { minify } from "terser";

export { stop };

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The client as a script. */
export const CLASSIC: string = `
import * as client from "./client/mod.ts";
const { default: io, ...others } = client;
export default Object.assign(io, others);
`;

const CLASSIC_MSGPACK = `
import { createLookup, Manager } from "./client/mod.ts";
import * as client from "./client/mod.ts";
import { msgpackParser } from "./parser/msgpack/mod.ts";
class MsgpackManager extends Manager {
  constructor(uri, options) {
    const given = uri && typeof uri === "object" ? uri : options;
    super(typeof uri === "string" ? uri : undefined, { parser: msgpackParser, ...given });
  }
}
const io = createLookup(MsgpackManager);
export default Object.assign(io, client, { Manager: MsgpackManager, io, connect: io, default: io });
`;

/** A bundle: what it holds, and the names that it gets. */
interface Bundle {
  readonly names: readonly string[];
  readonly source: string;
  readonly options?: BuildOptions;
}

/** The client as a module. */
export const CLIENT = 'export * from "./client/mod.ts"; export { default } from "./client/mod.ts";';

/** A client that connects by WebSocket and nothing else. */
export const WEBSOCKET = `
import { createLookup, LeanManager, protocol, Socket, WebSocketTransport } from "./client/mod.ts";
class Manager extends LeanManager {
  constructor(uri, options) {
    const given = uri && typeof uri === "object" ? uri : options;
    super(typeof uri === "string" ? uri : undefined, { ...given, transports: [WebSocketTransport] });
  }
}
const io = createLookup(Manager);
export { io, io as connect, io as default, Manager, protocol, Socket };
`;

/**
 * Names of members that get short ones in the files of `dist/`. Each is the client's own affair: no
 * program calls it, no platform or wire knows it, and neither parsers nor transports of others have
 * it. So the formats, which are files of their own, need not be built in the same way.
 */
const INTERNAL = [
  ...["dispatch", "invoke", "listenerFailed", "tellIncoming", "tellOutgoing"],
  ...["attach", "detach", "isOpen", "hasExpired", "sendMessage", "sendEvent", "sendPacket"],
  ...["answered", "createEngine", "settle", "stopWaiting"],
];

/** How the small files are made. */
export const MINIFIED: BuildOptions = {
  minify: true,
  mangleProps: new RegExp(`^(${INTERNAL.join("|")})$`),
};

/** How scripts are made. */
export const CLASSIC_FORM: BuildOptions = {
  format: "iife",
  globalName: "client",
  banner: { js: "(() => {" },
  // A module of CommonJS or AMD where there is such a thing, else a global.
  footer: {
    js: `const { default: io } = client;
if (typeof module === "object" && module.exports) module.exports = io;
else if (typeof define === "function" && define.amd) define([], () => io);
else globalThis.io = io;
})();`,
  },
};

const BUNDLES: readonly Bundle[] = [
  { names: ["sockeye.js", "socket.io.js"], source: CLASSIC, options: CLASSIC_FORM },
  {
    names: ["sockeye.min.js", "socket.io.min.js"],
    source: CLASSIC,
    options: { ...CLASSIC_FORM, ...MINIFIED },
  },
  { names: ["sockeye.esm.min.js", "socket.io.esm.min.js"], source: CLIENT, options: MINIFIED },
  {
    names: ["socket.io.msgpack.min.js"],
    source: CLASSIC_MSGPACK,
    options: { ...CLASSIC_FORM, ...MINIFIED },
  },
  {
    names: ["sockeye.websocket.esm.min.js", "socket.io.websocket.esm.min.js"],
    source: WEBSOCKET,
    options: MINIFIED,
  },
  {
    names: ["sockeye.msgpack.min.js"],
    source: 'export * from "./parser/msgpack/mod.ts";',
    options: MINIFIED,
  },
  {
    names: ["sockeye.cbor.min.js"],
    source: 'export * from "./parser/cbor/mod.ts";',
    options: MINIFIED,
  },
];

/** Bundles a module that stands in the root of the project. Returns the text and its source map. */
export async function bundle(
  contents: string,
  options: BuildOptions = {},
  name = "bundle.js",
): Promise<{ text: string; map: string }> {
  const { outputFiles = [] } = await build({
    bundle: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    sourcemap: "linked",
    write: false,
    outfile: `${ROOT}dist/${name}`,
    logLevel: "error",
    stdin: { contents, resolveDir: ROOT, loader: "ts" },
    ...options,
  });
  const [map = "", text = ""] = [true, false].map((isMap) =>
    outputFiles.find(({ path }) => path.endsWith(".map") === isMap)?.text ?? ""
  );
  return options.minify ? await squeeze(text, map, name) : { text, map };
}

/** Makes a small text smaller: names that repeat from function to function compress better. */
async function squeeze(text: string, map: string, name: string) {
  const { code = "", map: squeezed } = await minify(text, {
    ecma: 2020,
    module: true,
    compress: { passes: 3, hoist_funs: true, lhs_constants: false, unsafe_arrows: true },
    ...map && { sourceMap: { content: map, url: `${name}.map` } },
  });
  return { text: code, map: String(squeezed ?? "") };
}

/** The bytes of a text, compressed as servers do at best. */
export function gzipSize(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}

/** Writes all bundles. Returns the size of each one, compressed. */
export async function bundleAll(): Promise<Map<string, number>> {
  mkdirSync(ROOT + "dist", { recursive: true });
  const sizes = new Map<string, number>();
  for (const { names, source, options } of BUNDLES) {
    for (const name of names) {
      const { text, map } = await bundle(source, options, name);
      writeFileSync(`${ROOT}dist/${name}`, text);
      writeFileSync(`${ROOT}dist/${name}.map`, map);
      sizes.set(name, gzipSize(text));
    }
  }
  return sizes;
}

if (import.meta.main) {
  const sizes = await bundleAll();
  await stop();
  for (const [name, size] of sizes) {
    const plain = readFileSync(`${ROOT}dist/${name}`).length;
    console.log(
      `${name.padEnd(28)}${String(plain).padStart(8)} B ${String(size).padStart(7)} B gzip`,
    );
  }
  process.exitCode = 0;
}
