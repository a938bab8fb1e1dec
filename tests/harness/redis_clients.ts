import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis-v5";
import { createClient } from "redis";
import { createClient as createClient4 } from "redis-v4";
import { createClient as createClient5 } from "redis-v5";
import type { AnyRedisClient } from "../../server/adapter/redis/client/mod.ts";

/** A client as a program has it, and what ends it. */
export interface OpenClient {
  readonly client: AnyRedisClient;
  close(): void;
}

/** The packages of today, by name. */
type CurrentPackage = "redis" | "ioredis" | "Bun.RedisClient";

/** The packages, by name. */
export type Package = CurrentPackage | "redis 4" | "redis 5" | "ioredis 5";

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
export const PACKAGES: readonly CurrentPackage[] = bun === undefined
  ? ["redis", "ioredis"]
  : ["redis", "ioredis", "Bun.RedisClient"];

/** Those, and the older versions that are still in use. */
export const ALL_PACKAGES: readonly Package[] = [...PACKAGES, "redis 4", "redis 5", "ioredis 5"];

const nodeRedisOptions = (url: string) => ({ url, socket: { reconnectStrategy: 20 } });
const IOREDIS_OPTIONS = { retryStrategy: () => 20, lazyConnect: true };

const OPEN: Readonly<Record<Package, (url: string) => Promise<OpenClient>>> = {
  async redis(url) {
    const client = createClient(nodeRedisOptions(url));
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async "redis 5"(url) {
    const client = createClient5(nodeRedisOptions(url));
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async "redis 4"(url) {
    const client = createClient4(nodeRedisOptions(url));
    await client.connect();
    return { client, close: () => void client.disconnect().catch(() => {}) };
  },
  async ioredis(url) {
    const client = new Redis(url, IOREDIS_OPTIONS);
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
  async "ioredis 5"(url) {
    const client = new Redis5(url, IOREDIS_OPTIONS);
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
