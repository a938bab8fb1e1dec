import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { once, until } from "./once.ts";
import { Process } from "./process.ts";
import type { OpenClient } from "./redis_clients.ts";

const SLOTS = 16_384;

/** How long its nodes may take to agree, in milliseconds. */
const START_PATIENCE = 50_000;

/** The `skip` option of a test that starts a Redis cluster. */
export const SKIP_CLUSTER: { readonly skip?: string } =
  spawnSync("redis-server", ["--version"]).status === 0 ? {} : { skip: "no redis-server found" };

/** Three masters that share the slots, started for a test. */
export class RedisCluster implements AsyncDisposable {
  readonly #ports: readonly number[];
  readonly #stack: AsyncDisposableStack;

  /** Starts one, and waits until all nodes know each other. */
  static async start(): Promise<RedisCluster> {
    await using stack = new AsyncDisposableStack();
    const ports = [await freePort(), await freePort(), await freePort()];
    const nodes: Redis[] = [];
    for (const port of ports) {
      const folder = mkdtempSync(join(tmpdir(), "sockeye-cluster-"));
      stack.defer(() => rmSync(folder, { recursive: true, force: true }));
      const process = stack.use(
        new Process("redis-server", [
          ...["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder],
          ...["--cluster-enabled", "yes", "--cluster-port", `${await freePort()}`],
        ]),
      );
      await process.printed(/Ready to accept connections/);
      nodes.push(new Redis(port, "127.0.0.1"));
    }
    const busPorts = await Promise.all(nodes.map(async (node) => {
      const [, , port] = String(await node.call("CONFIG", "GET", "cluster-port")).match(
        /(,)(\d+)/,
      )!;
      return port!;
    }));
    for (const [i, node] of nodes.entries()) {
      const [from, to] = [i, i + 1].map((n) => Math.ceil(n * SLOTS / ports.length)) as [
        number,
        number,
      ];
      await node.call("CLUSTER", "ADDSLOTSRANGE", from, to - 1);
      await node.call("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
    }
    for (const [i, port] of ports.entries()) {
      await nodes[0]!.call("CLUSTER", "MEET", "127.0.0.1", port, busPorts[i]!);
    }
    let states: string[] = [];
    await until(
      () => {
        Promise.all(nodes.map((node) => node.call("CLUSTER", "INFO"))).then((infos) =>
          states = infos.map(String)
        );
        return states.length === nodes.length &&
          states.every((state) => /cluster_state:ok[^]*cluster_known_nodes:3/.test(state));
      },
      "a Redis cluster",
      START_PATIENCE,
    );
    for (const node of nodes) node.disconnect();
    return new RedisCluster(ports, stack.move());
  }

  private constructor(ports: readonly number[], stack: AsyncDisposableStack) {
    this.#ports = ports;
    this.#stack = stack;
  }

  /** Opens a client of the cluster. */
  async connect(name: "redis" | "ioredis"): Promise<OpenClient> {
    if (name === "redis") {
      const client = createCluster({
        rootNodes: this.#ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })),
      });
      await client.connect();
      return { client, close: () => client.destroy() };
    }
    const nodes = this.#ports.map((port) => ({ host: "127.0.0.1", port }));
    const client = new Cluster(nodes, { shardedSubscribers: true });
    await once(client, "ready");
    return { client, close: () => client.disconnect() };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
