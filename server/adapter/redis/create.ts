import type { ClusterOptions } from "../cluster/mod.ts";
import type { AdapterFactory, AdapterScope } from "../mod.ts";
import { RedisAdapter, ShardedRedisAdapter } from "./adapter.ts";
import { ClassicBus } from "./classic_bus.ts";
import type { AnyRedisClient } from "./client/mod.ts";
import { wrapClients } from "./clients.ts";
import { formatOf } from "./format.ts";
import {
  checkOptions,
  type RedisAdapterOptions,
  type ShardedRedisAdapterOptions,
} from "./options.ts";
import { ShardedBus } from "./sharded_bus.ts";

const DEFAULT_PREFIX = "socket.io";
const DEFAULT_TIMEOUT = 5000;

/**
 * Servers that share their namespaces by the pub/sub of Redis. The cluster may have servers of npm
 * `socket.io` with `@socket.io/redis-adapter`, and emitters of any language.
 *
 * A client is one of the packages `redis` (4 or later; connected, and with a listener for `error`) or
 * `ioredis` (5 or later), also of a cluster, or a `Bun.RedisClient`. Each server needs a `subClient`
 * of its own, by which Redis counts the servers. The clients belong to the program: `io.close()`
 * unsubscribes and leaves them open. While Redis is out of reach, what is sent
 * to other servers waits in the client or is lost, as its options say; what cannot be sent comes as
 * the event `error` of the adapter. What others publish meanwhile is lost. An `ioredis` client sends
 * again what was on its way when the connection broke, so that others may receive it twice, and
 * behind what was sent later; its option `autoResendUnfulfilledCommands: false` has that lost and
 * reported instead.
 *
 * An error of a connection comes as the event `error` of one adapter, that of the namespace which was
 * made first; if the program listens to `error` of the client itself, only there. That Redis does not
 * take a subscription is told once, and tried again until it does.
 *
 * A `Bun.RedisClient` receives texts only: see the option `plainText`. As it hears no patterns, every
 * room is a subscription; `await socket.join()` waits until the room is heard. It forgets its
 * subscriptions with its connection, so they are renewed by its `onconnect`, which must not be
 * replaced after the server was made. In a Redis cluster, no order is kept between what is published
 * to different channels by different nodes.
 *
 * The adapters are a {@linkcode RedisAdapter} each, which can tell the rooms of all servers.
 *
 * @throws {TypeError} if a client or an option is of no use.
 *
 * @example
 * ```ts ignore
 * import { createClient } from "redis";
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/redis";
 *
 * const pubClient = createClient({ url: "redis://127.0.0.1:6379" });
 * const subClient = pubClient.duplicate();
 * for (const client of [pubClient, subClient]) {
 *   client.on("error", console.error);
 *   await client.connect();
 * }
 * const io = new Server({ adapter: createAdapter(pubClient, subClient) });
 * await io.listen(3000);
 * ```
 */
export function createAdapter(
  pubClient: AnyRedisClient,
  subClient: AnyRedisClient,
  options: RedisAdapterOptions = {},
): AdapterFactory {
  checkOptions(options, "key");
  const { key, parser, publishOnSpecificResponseChannel = false, requestsTimeout } = options;
  const settings = {
    ...wrapClients(pubClient, subClient, options.plainText),
    key: key ?? DEFAULT_PREFIX,
    format: formatOf(parser),
    isDefaultFormat: parser === undefined,
    onlyAsker: publishOnSpecificResponseChannel,
    requestsTimeout: requestsTimeout ?? DEFAULT_TIMEOUT,
  };
  return (scope: AdapterScope) =>
    new RedisAdapter(scope, new ClassicBus(settings, scope.name), timesOf(options));
}

/**
 * Servers that share their namespaces by the sharded pub/sub of Redis 7, which spreads the channels
 * over the nodes of a Redis cluster. The cluster may have servers of npm `socket.io` with the sharded
 * adapter of `@socket.io/redis-adapter`. For clients see {@linkcode createAdapter}; a
 * `Bun.RedisClient` cannot be the `subClient`, and an `ioredis` cluster needs its option
 * `shardedSubscribers`.
 *
 * A room with a channel of its own is subscribed when it gets its first member on a server. What other
 * servers send to the room until Redis knows of that is missed; `await socket.join()` waits for it.
 * In a Redis cluster, no order is kept between a room with a channel of its own and all else.
 *
 * With the mode `dynamic` a room is taken for that of one socket if its name has 20 characters, as
 * the ids of sockets have, here and in npm's servers. Such a room of your own works as well; it just
 * has no channel of its own, so that every server receives what is sent to it.
 *
 * @throws {TypeError} if a client or an option is of no use.
 *
 * @example
 * ```ts ignore
 * import { Redis } from "ioredis";
 * import { Server } from "@sockeye/io";
 * import { createShardedAdapter } from "@sockeye/io/adapter/redis";
 *
 * const pubClient = new Redis("redis://127.0.0.1:6379");
 * const subClient = pubClient.duplicate();
 * const io = new Server({
 *   adapter: createShardedAdapter(pubClient, subClient, { subscriptionMode: "dynamic-private" }),
 * });
 * await io.listen(3000);
 * ```
 */
export function createShardedAdapter(
  pubClient: AnyRedisClient,
  subClient: AnyRedisClient,
  options: ShardedRedisAdapterOptions = {},
): AdapterFactory {
  checkOptions(options, "channelPrefix");
  const settings = {
    ...wrapClients(pubClient, subClient, options.plainText),
    channelPrefix: options.channelPrefix ?? DEFAULT_PREFIX,
    mode: options.subscriptionMode ?? "dynamic",
    format: formatOf(undefined),
  };
  if (!settings.sub.hasShards) {
    throw new TypeError(
      "Cannot use subClient: Bun.RedisClient hears no channels of shards; use createAdapter, or a client of the packages redis or ioredis",
    );
  }
  return (scope: AdapterScope) =>
    new ShardedRedisAdapter(scope, new ShardedBus(settings, scope.name), timesOf(options));
}

function timesOf({ requestsTimeout }: ClusterOptions): ClusterOptions {
  return requestsTimeout === undefined ? {} : { requestsTimeout };
}
