/** Runs a program on both runtimes and collects the JSON that it prints. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const TOOLS = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));

const COMMANDS = {
  Bun: ["bun", "--expose-gc"],
  Deno: ["deno", "run", "-A", "--no-check", "--v8-flags=--expose-gc"],
} as const;

/** What a program found on each runtime. */
export type OnBoth<Result> = Readonly<Record<keyof typeof COMMANDS, Result>>;

/** Runs a program of this folder. */
export function onBoth<Result>(program: string): OnBoth<Result> {
  return {
    Bun: runOn<Result>(COMMANDS.Bun, program),
    Deno: runOn<Result>(COMMANDS.Deno, program),
  };
}

/** Writes what was found to the folder `results`. */
export function save(name: string, content: unknown): void {
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(name, folder), JSON.stringify(content, undefined, 2) + "\n");
}

function runOn<Result>([command = "", ...args]: readonly string[], program: string): Result {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { stdout, status } = spawnSync(command, [...args, path], {
    env: { ...process.env, PATH: TOOLS + delimiter + (process.env["PATH"] ?? "") },
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} ${path} ended with ${status}`);
  return JSON.parse(stdout);
}
