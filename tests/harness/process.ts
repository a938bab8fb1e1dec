import { type ChildProcess, spawn } from "node:child_process";
import { delimiter } from "node:path";
import process from "node:process";
import { ROOT } from "./files.ts";
import { within } from "./once.ts";

/** What a program is started with. */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a start may take, in milliseconds: a program may be starting cold beside others. */
export const START_PATIENCE: number = 60_000;

/**
 * A program that has been started, and that ends with the test: `await using` it. The tools of
 * `node_modules/.bin` come first on its path.
 */
export class Process implements AsyncDisposable {
  /** Resolves to the exit code, or to the name of the signal that ended the program. */
  readonly exited: Promise<number | string>;
  readonly #child: ChildProcess;
  #output = "";
  #watch: (() => void) | undefined;

  constructor(command: string, args: readonly string[], options: ProcessOptions = {}) {
    const PATH = `${ROOT}node_modules/.bin${delimiter}${process.env["PATH"] ?? ""}`;
    this.#child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, NO_COLOR: "1", PATH, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#watch?.();
      });
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
  }

  /** All that the program has written so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves to the first match in what the program writes; rejects if it ends without one. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve) => {
      this.#watch = () => {
        const match = pattern.exec(this.#output);
        if (match !== null) resolve(match);
      };
      this.#watch();
    });
    const ended = this.exited.then((code) => {
      throw new Error(`Ended with ${code} before it printed ${pattern}:\n${this.#output}`);
    });
    ended.catch(() => {});
    return await within(Promise.race([found, ended]), `${pattern} in the output`, START_PATIENCE)
      .catch((error) => {
        throw new Error(`${error.message}\n${this.#output}`);
      });
  }

  /** Ends the program and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited.catch(() => {});
  }
}
