import { type BunRedis, BunRedisClient } from "./bun.ts";
import type { RedisClient } from "./client.ts";
import { type Ioredis, IoredisClient } from "./ioredis.ts";
import { type NodeRedis, NodeRedisClient } from "./node_redis.ts";

/**
 * A client or a cluster of the package `redis`, version 4 or later: what `createClient` or
 * `createCluster` returned, after `await client.connect()`.
 */
export interface NodeRedisLike {
  /** Subscribes to patterns of channels. Other packages write it otherwise. */
  pSubscribe(...args: never[]): unknown;
  /** Sends any command. */
  sendCommand(...args: never[]): unknown;
}

/**
 * A client or a cluster of the package `ioredis`, version 5 or later: a `new Redis()` or a
 * `new Cluster()`. It connects by itself.
 */
export interface IoredisLike {
  /** Subscribes to patterns of channels. */
  psubscribe(...args: never[]): unknown;
  /** Sends any command. */
  call(...args: never[]): unknown;
  /** Listens to an event, such as `error`. */
  on(...args: never[]): unknown;
}

/** A `Bun.RedisClient`, which connects by itself. It receives texts, but no bytes. */
export interface BunRedisLike {
  /** Subscribes to a channel. */
  subscribe(...args: never[]): unknown;
  /** Sends any command. */
  send(...args: never[]): unknown;
  /** Makes another client of the same settings. */
  duplicate(...args: never[]): unknown;
}

/** A client of Redis, of whichever package. It stays the program's, which closes it. */
export type AnyRedisClient = NodeRedisLike | IoredisLike | BunRedisLike;

/** How {@linkcode wrapClient} is to do it. */
export interface WrapOptions {
  /** What to call it in an error. */
  readonly name: string;
  /** Whether to publish bytes as text, as has to be for servers with a `Bun.RedisClient`. */
  readonly plainText?: boolean;
}

/**
 * Makes one interface of the clients of all packages.
 *
 * @throws {TypeError} if the value is none of them.
 */
export function wrapClient(value: unknown, options: WrapOptions): RedisClient {
  const { name, plainText = false } = options;
  if (has(value, ["pSubscribe", "sendCommand", "duplicate", "on"])) {
    return new NodeRedisClient(value as NodeRedis, plainText);
  }
  if (has(value, ["psubscribe", "call", "duplicate", "on"])) {
    return new IoredisClient(value as Ioredis, plainText);
  }
  if (has(value, ["subscribe", "send", "duplicate", "close"])) {
    return new BunRedisClient(value as BunRedis);
  }
  throw new TypeError(
    `Cannot use ${name}: it is no client of the packages redis (4 or later) or ioredis (5 or later), and no Bun.RedisClient`,
  );
}

function has(value: unknown, methods: readonly string[]): value is object {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return methods.every((name) =>
    typeof (value as Readonly<Record<string, unknown>>)[name] === "function"
  );
}
