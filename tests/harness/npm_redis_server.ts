import type { Server } from "../../mod.ts";
import { OfficialClients } from "./official.ts";
import { Process } from "./process.ts";

/** What runs in the server; `told` is what other servers have told it. It sees no variable of the test. */
// deno-lint-ignore no-explicit-any
export type Work = (io: Server & { sockets: any }, told: unknown[][]) => unknown;

/** A server of npm with its Redis adapter, on Node, that ends with the test. */
export class NpmRedisServer implements AsyncDisposable {
  readonly url: string;
  readonly clients: OfficialClients;
  readonly #process: Process;

  /** Starts one. */
  static async start(settings: object): Promise<NpmRedisServer> {
    const process = new Process("node", [
      "tests/harness/npm_redis_server.mjs",
      JSON.stringify(settings),
    ]);
    const [, port] = await process.printed(/listening on (\d+)/);
    return new NpmRedisServer(process, `http://127.0.0.1:${port}`);
  }

  private constructor(process: Process, url: string) {
    this.#process = process;
    this.url = url;
    this.clients = new OfficialClients(url);
  }

  /** Has a function run there; its result comes as JSON. */
  async run(work: Work): Promise<unknown> {
    const response = await fetch(this.url, { method: "POST", body: String(work) });
    const { result, error } = await response.json() as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clients[Symbol.asyncDispose]();
    await this.#process[Symbol.asyncDispose]();
  }
}
