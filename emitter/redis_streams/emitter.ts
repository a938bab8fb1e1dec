import type { DefaultEventsMap, EventsMap } from "../../events/mod.ts";
import { checkOptionNames } from "../../server/adapter/cluster/option_names.ts";
import type { AnyRedisClient } from "../../server/adapter/redis/client/mod.ts";
import {
  type RedisStreamsOptions,
  resolveOptions,
} from "../../server/adapter/redis_streams/options.ts";
import { BrokerEmitter } from "../emitter.ts";
import { type FailureOptions, Outbox } from "../outbox.ts";
import { openOutbox } from "../redis/open.ts";
import { RedisStreamsOutlet } from "./outlet.ts";

/**
 * Where the servers read, and what is told of failures. All but `onError` and `plainText` are as in
 * the servers.
 */
export interface EmitterOptions extends
  FailureOptions,
  Pick<
    RedisStreamsOptions,
    | "streamName"
    | "streamCount"
    | "channelPrefix"
    | "useShardedPubSub"
    | "maxLen"
    | "onlyPlaintext"
  > {
  /**
   * Whether what is for servers travels as text, in base64. Servers that listen by a
   * `Bun.RedisClient` receive nothing else; servers of npm do not read it. By default `true` with a
   * `Bun.RedisClient`, and `false` with the other clients.
   */
  readonly plainText?: boolean;
}

/**
 * Sends to the clients of Socket.IO servers that share a cluster by streams of Redis, without being
 * one of them. What one emitter sends to clients arrives in the order in which it was sent, and is
 * among what a client may recover. What it sends to servers arrives behind that, but may be overtaken.
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
   * @throws {TypeError | RangeError} if an argument or an option cannot be used, or an option is
   * misspelt.
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

const OPTIONS: readonly (keyof EmitterOptions)[] = [
  "streamName",
  "streamCount",
  "channelPrefix",
  "useShardedPubSub",
  "maxLen",
  "onlyPlaintext",
  "plainText",
  "onError",
];

function open(redisClient: AnyRedisClient, options: EmitterOptions): Outbox {
  checkOptionNames(options, OPTIONS);
  return openOutbox(
    redisClient,
    options,
    (client, plainText) => new RedisStreamsOutlet(client, resolveOptions(options), plainText),
  );
}
