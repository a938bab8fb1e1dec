import type { AdapterFactory } from "../mod.ts";
import { checkOptionNames, ClusterAdapter, ClusterRecoveryAdapter } from "../cluster/mod.ts";
import { type AnyRedisClient, wrapClient } from "../redis/client/mod.ts";
import { RedisStreamsBus } from "./bus.ts";
import { type RedisStreamsOptions, resolveOptions } from "./options.ts";
import { Streams } from "./streams.ts";

const OPTIONS: readonly (keyof RedisStreamsOptions)[] = [
  "streamName",
  "streamCount",
  "channelPrefix",
  "useShardedPubSub",
  "maxLen",
  "readCount",
  "blockTimeInMs",
  "sessionKeyPrefix",
  "onlyPlaintext",
  "requestsTimeout",
];

/**
 * Makes an adapter between servers by streams of Redis 6.2 or later. With the option
 * `connectionStateRecovery`, a client may come back to another server than the one that it lost.
 *
 * Servers of npm with `@socket.io/redis-streams-adapter` may be in the same cluster. The client stays
 * the program's own: close it after the server.
 *
 * @param redisClient a client or a cluster of the packages `redis` or `ioredis`, or a
 * `Bun.RedisClient`, if all servers have that. It is connected, or connects by itself. What blocks
 * goes by duplicates of it, one for each stream and one for channels.
 * @throws {TypeError | RangeError} if the client or an option is not what it has to be, or an option
 * is misspelt.
 *
 * @example
 * ```ts ignore
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/redis-streams";
 * import { createClient } from "redis";
 *
 * const redisClient = createClient({ url: "redis://localhost:6379" });
 * await redisClient.connect();
 *
 * const io = new Server({
 *   adapter: createAdapter(redisClient),
 *   connectionStateRecovery: { maxDisconnectionDuration: 60_000 }, // milliseconds
 * });
 * await io.listen(3000);
 * ```
 */
export function createAdapter(
  redisClient: AnyRedisClient,
  options: RedisStreamsOptions = {},
): AdapterFactory {
  checkOptionNames(options, OPTIONS);
  const settings = resolveOptions(options);
  const client = wrapClient(redisClient, { name: "redisClient" });
  if (settings.useShardedPubSub && !client.hasShards) {
    throw new TypeError("Cannot use useShardedPubSub: the client has no channels of shards");
  }
  const { requestsTimeout } = options;
  const clusterOptions = requestsTimeout === undefined ? {} : { requestsTimeout };
  const streams = new Streams(client, settings);
  return (scope) => {
    const bus = new RedisStreamsBus(streams, settings, scope);
    return scope.recovery === undefined
      ? new ClusterAdapter(scope, bus, clusterOptions)
      : new ClusterRecoveryAdapter(scope, bus, clusterOptions);
  };
}
