import { Cluster, Redis } from "ioredis";
import { createClient } from "redis";
import type { AnyRedisClient } from "../../server/adapter/redis/client/mod.ts";

/** A client as a program has it, and what ends it. */
export interface OpenClient {
  readonly client: AnyRedisClient;
  close(): void;
}

/** The packages, by name. */
export type Package = "redis" | "ioredis" | "Bun.RedisClient";

interface BunClient extends AnyRedisClientOfBun {
  connect(): Promise<unknown>;
  close(): void;
}

interface AnyRedisClientOfBun {
  subscribe(...args: never[]): unknown;
  send(...args: never[]): unknown;
  duplicate(...args: never[]): unknown;
}

const bun = (globalThis as unknown as {
  readonly Bun?: { readonly RedisClient: new (url: string) => BunClient };
}).Bun;

/** The packages that this runtime has. */
export const PACKAGES: readonly Package[] = bun === undefined
  ? ["redis", "ioredis"]
  : ["redis", "ioredis", "Bun.RedisClient"];

const OPEN: Readonly<Record<Package, (url: string) => Promise<OpenClient>>> = {
  async redis(url) {
    const client = createClient({ url, socket: { reconnectStrategy: 20 } });
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async ioredis(url) {
    const client = new Redis(url, { retryStrategy: () => 20, lazyConnect: true });
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
  async "Bun.RedisClient"(url) {
    const client = new bun!.RedisClient(url);
    await client.connect();
    return { client, close: () => client.close() };
  },
};

/** Opens a client of a package. */
export function openClient(name: Package, url: string): Promise<OpenClient> {
  return OPEN[name](url);
}

/** A Redis cluster as one sees it by `ioredis`, with subscriptions to shards. */
export function openIoredisCluster(port: number): Cluster {
  return new Cluster([{ host: "127.0.0.1", port }], { shardedSubscribers: true });
}
