/** Starts servers and load generators, each on a core of its own where the system lets us. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { LoadOptions, LoadResult } from "./load/run.ts";
import { ARGUMENTS, type ServerUnderTest } from "./servers.ts";

const TOOLS = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
const PATH = TOOLS + delimiter + (process.env["PATH"] ?? "");
const SERVER_CORE = "0";
const GENERATOR_CORE = "1";
const PINS = availableParallelism() > 1 &&
  spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;

/** Whether a runtime is there, and which version; `undefined` if it is not. */
export function versionOf(runtime: string): string | undefined {
  const { stdout, status } = spawnSync(runtime, ["--version"], {
    env: { ...process.env, PATH },
    encoding: "utf8",
  });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

/** Starts a server, lets a load run against it, and stops it. */
export async function runOnce(
  server: ServerUnderTest,
  load: string,
  options: Omit<LoadOptions, "port">,
): Promise<LoadResult> {
  const port = await freePort();
  const child = start(
    SERVER_CORE,
    [server.runtime, ...ARGUMENTS[server.runtime], file(`servers/${server.program}`)],
    { PORT: String(port) },
  );
  try {
    await said(child, "ready");
    return await generate(load, { ...options, port });
  } finally {
    child.kill("SIGKILL");
  }
}

async function generate(load: string, options: LoadOptions): Promise<LoadResult> {
  const child = start(
    GENERATOR_CORE,
    ["bun", file("load/main.ts"), load, JSON.stringify(options)],
    {},
  );
  return JSON.parse(await said(child, "}"));
}

function start(core: string, command: string[], env: Record<string, string>): ChildProcess {
  const [program = "", ...args] = PINS ? ["taskset", "-c", core, ...command] : command;
  return spawn(program, args, {
    env: { ...process.env, ...env, PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What a program wrote, as soon as that ends with a given text. */
function said(child: ChildProcess, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.setEncoding("utf8");
    child.stdout?.on("data", (text: string) => {
      output += text;
      if (output.trimEnd().endsWith(end)) resolve(output);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`it ended with ${code}. ${output}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
