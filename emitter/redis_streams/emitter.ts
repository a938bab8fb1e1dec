import type { DefaultEventsMap, EventsMap } from "../../events/mod.ts";
import { type AnyRedisClient, wrapClient } from "../../server/adapter/redis/client/mod.ts";
import { BrokerEmitter } from "../emitter.ts";
import { type FailureOptions, Outbox } from "../outbox.ts";
import { guard } from "../redis/guard.ts";
import { RedisStreamsOutlet } from "./outlet.ts";

/** Where the servers read, and what is told of failures. All but `onError` are as in the servers. */
export interface EmitterOptions extends FailureOptions {
  /** The key of the stream, or with several, how their keys begin; `socket.io` by default. */
  readonly streamName?: string;
  /** How many streams there are, 1 by default. Each namespace has one of them. */
  readonly streamCount?: number;
  /** How the names of the channels begin for what is for servers; `socket.io` by default. */
  readonly channelPrefix?: string;
  /** Whether those are channels of shards, for a cluster of Redis 7; `false` by default. */
  readonly useShardedPubSub?: boolean;
  /** Roughly how many messages a stream holds, 10,000 by default. */
  readonly maxLen?: number;
  /**
   * Whether no event holds binary data, `false` by default. If one does, it becomes what JSON makes
   * of it.
   */
  readonly onlyPlaintext?: boolean;
}

/**
 * Sends to the clients of Socket.IO servers that share a cluster by streams of Redis, without being
 * one of them. What one emitter sends to clients arrives in the order in which it was sent, and is
 * among what a client may recover; what it sends to servers may overtake that.
 *
 * @example
 * ```ts ignore
 * import { Emitter } from "@sockeye/io/emitter/redis-streams";
 * import { createClient } from "redis";
 *
 * interface Events {
 *   time(now: number): void;
 * }
 * const client = createClient();
 * await client.connect();
 * const emitter = new Emitter<Events>(client);
 *
 * emitter.to("clocks").emit("time", Date.now());
 * await emitter.flush(); // before the client is closed
 * await client.close();
 * ```
 */
export class Emitter<
  EmitEvents extends EventsMap = DefaultEventsMap,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
> extends BrokerEmitter<EmitEvents, ServerSideEvents> {
  /** The client that it was made with. It stays the program's, which closes it. */
  readonly redisClient: AnyRedisClient;

  /**
   * Takes a client that is connected, the options, and the namespace, `/` by default.
   *
   * @throws {TypeError | RangeError} if an argument or an option cannot be used.
   */
  constructor(redisClient: AnyRedisClient, options: EmitterOptions = {}, nsp: string = "/") {
    super(options instanceof Outbox ? options : open(redisClient, options), nsp);
    this.redisClient = redisClient;
  }

  /** The emitter of another namespace, with the same client and options. */
  override of(nsp: string): Emitter<EmitEvents, ServerSideEvents> {
    return new Emitter<EmitEvents, ServerSideEvents>(this.redisClient, this.shared, nsp);
  }
}

function open(redisClient: AnyRedisClient, options: EmitterOptions): Outbox {
  const client = wrapClient(redisClient, { name: "the client of an emitter" });
  const {
    streamName = "socket.io",
    streamCount = 1,
    channelPrefix = "socket.io",
    useShardedPubSub = false,
    maxLen = 10_000,
    onlyPlaintext = false,
  } = options;
  for (const [name, value] of Object.entries({ streamName, channelPrefix })) {
    if (typeof value !== "string") throw new TypeError(`Cannot use ${name}: it is not a string`);
  }
  for (const [name, value] of Object.entries({ streamCount, maxLen })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new RangeError(`Cannot use ${name}: it is no whole number from 1`);
  }
  const route = { streamName, streamCount, channelPrefix, useShardedPubSub, maxLen, onlyPlaintext };
  const outbox = new Outbox(new RedisStreamsOutlet(client, route), options);
  guard(redisClient, client, outbox);
  return outbox;
}
