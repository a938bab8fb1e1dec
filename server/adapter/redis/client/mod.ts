/**
 * One interface for the clients of Redis: those of the packages `redis` and `ioredis`, and that of
 * Bun.
 *
 * @module
 */
export { type Listener, pairsOf, type Payload, type RedisClient } from "./client.ts";
export { toNode } from "./payload.ts";
export {
  type AnyRedisClient,
  type BunRedisLike,
  type IoredisLike,
  type NodeRedisLike,
  wrapClient,
  type WrapOptions,
} from "./wrap.ts";
