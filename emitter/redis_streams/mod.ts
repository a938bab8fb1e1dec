/**
 * Sends to the clients of servers that share a cluster by streams of Redis, from a program that is no
 * server.
 *
 * @module
 */
export type {
  AnyRedisClient,
  BunRedisLike,
  IoredisLike,
  NodeRedisLike,
} from "../../server/adapter/redis/client/mod.ts";
export { BrokerEmitter } from "../emitter.ts";
export type { Rooms } from "../names.ts";
export { BroadcastOperator } from "../operator.ts";
export type { Failure, FailureOptions } from "../outbox.ts";
export { Emitter, type EmitterOptions } from "./emitter.ts";
