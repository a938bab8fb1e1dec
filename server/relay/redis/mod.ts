/**
 * A way between servers by the pub/sub of Redis, so that the requests of a client may come to any of
 * them: a proxy before them need not be sticky. Each server hands on what is for a session of another,
 * by a channel that this one alone hears.
 *
 * It is for our servers alone; those of npm `@socket.io/cluster-engine` speak in another way.
 *
 * @module
 */
export type {
  AnyRedisClient,
  BunRedisLike,
  IoredisLike,
  NodeRedisLike,
} from "../../adapter/redis/client/mod.ts";
export { createRelay, type RelayOptions } from "./relay.ts";
export type { RelayBus, RelayReceiver } from "../../engine/relay/bus.ts";
