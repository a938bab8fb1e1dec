import type { DefaultEventsMap, EventsMap } from "../../events/mod.ts";
import { checkOptionNames } from "../../server/adapter/cluster/option_names.ts";
import type { AnyRedisClient } from "../../server/adapter/redis/client/mod.ts";
import { BrokerEmitter } from "../emitter.ts";
import { type FailureOptions, Outbox } from "../outbox.ts";
import { openOutbox } from "./open.ts";
import { type EmitterParser, msgpack, RedisOutlet } from "./outlet.ts";

/** Where the servers listen, what they read, and what is told of failures. */
export interface EmitterOptions extends FailureOptions {
  /** What the names of the channels begin with, as in the servers; `socket.io` by default. */
  readonly key?: string;
  /** Encodes what is sent, as the servers decode it; MessagePack by default. */
  readonly parser?: EmitterParser;
  /**
   * Whether bytes travel as text, in base64. Servers that listen by a `Bun.RedisClient` receive
   * nothing else; servers of npm do not read it. By default `true` with a `Bun.RedisClient`, and
   * `false` with the other clients.
   */
  readonly plainText?: boolean;
}

/**
 * Sends to the clients of Socket.IO servers that share a cluster by Redis, without being one of
 * them. What one emitter sends arrives in the order in which it was sent; but an `ioredis` client
 * sends again what was on its way when its connection broke, which may then arrive twice, and late.
 * The servers have the adapter with patterns of channels, not the one for shards.
 *
 * @example
 * ```ts ignore
 * import { Emitter } from "@sockeye/io/emitter/redis";
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
 * emitter.of("/admin").in("guests").disconnectSockets();
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
   * @throws {TypeError} if an argument or an option cannot be used, or an option is misspelt.
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

const OPTIONS = ["key", "parser", "plainText", "onError"];

function open(redisClient: AnyRedisClient, options: EmitterOptions): Outbox {
  checkOptionNames(options, OPTIONS);
  const { key = "socket.io", parser = msgpack } = options;
  return openOutbox(redisClient, options, (client, plainText) => {
    if (typeof key !== "string") throw new TypeError("Cannot use key: it is not a string");
    if (typeof parser?.encode !== "function") {
      throw new TypeError("Cannot use parser: it has no method encode");
    }
    return new RedisOutlet(client, key, parser, plainText);
  });
}
