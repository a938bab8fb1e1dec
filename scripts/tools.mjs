// The programs that the scripts run. Everything here works in Node as well as in Deno.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync, utimesSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const bin = join(root, "node_modules", ".bin");

/** The environment of every program that is started here: its tools come first. */
export const env = {
  ...process.env,
  ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
  PATH: bin + delimiter + (process.env.PATH ?? ""),
};

/** Brings the runtimes and the other development dependencies, if they are not there. */
export function install() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json");
  const fresh = !existsSync(installed);
  if (fresh || statSync(lock).mtimeMs > statSync(installed).mtimeMs) {
    console.log(`npm ${fresh ? "ci" : "install"}`);
    mustRun("npm", [fresh ? "ci" : "install", "--no-fund", "--no-audit"]);
    utimesSync(installed, new Date(), new Date());
  }
  repair("bun", "install.js");
  repair("deno", "install.cjs");
}

/** Makes the bundles of the browser client, where there is something that makes them. */
export function build() {
  if (existsSync(join(root, "scripts", "bundle.ts"))) {
    mustRun("deno", ["run", "-A", "scripts/bundle.ts"]);
  }
}

/** Runs a program to its end, its output going to ours, and throws if it fails. */
export function mustRun(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
}

/** Runs a program to its end. Resolves to its exit code; `onOutput` gets what it writes. */
export function run(command, args, onOutput) {
  const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers();
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", onOutput);
  child.stderr.on("data", onOutput);
  child.on("error", (error) => {
    onOutput(`${command}: ${error.message}\n`);
    resolve(127);
  });
  child.on("close", (code) => resolve(code ?? 1));
  return promise;
}

/** The program of a package that npm kept from running its install script. */
function repair(name, script) {
  if (spawnSync(join(bin, name), ["--version"], { stdio: "ignore" }).status === 0) return;
  mustRun(process.execPath, [join(root, "node_modules", name, script)]);
}

// Node 20 has no Promise.withResolvers.
function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => resolve = settle);
  return { promise, resolve };
}
