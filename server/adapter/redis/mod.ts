/**
 * Servers that share their namespaces by Redis, also with servers of npm `socket.io` that have
 * `@socket.io/redis-adapter`.
 *
 * @module
 */
export type { AnyRedisClient, BunRedisLike, IoredisLike, NodeRedisLike } from "./client/mod.ts";
export { createAdapter, createShardedAdapter } from "./create.ts";
export type {
  CommonRedisOptions,
  RedisAdapterOptions,
  RedisParser,
  ShardedRedisAdapterOptions,
  SubscriptionMode,
} from "./options.ts";
export type { RedisAdapter } from "./redis_adapter.ts";
