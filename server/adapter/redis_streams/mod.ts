/**
 * Servers that share their namespaces by streams of Redis, to each of which a client may come back.
 *
 * @module
 */
export type {
  AnyRedisClient,
  BunRedisLike,
  IoredisLike,
  NodeRedisLike,
} from "../redis/client/mod.ts";
export { createAdapter } from "./adapter.ts";
export type { RedisStreamsOptions } from "./options.ts";
