import type {
  AnyRedisClient,
  RedisStreamsOptions,
} from "../../server/adapter/redis_streams/mod.ts";
import { createAdapter } from "../../server/adapter/redis_streams/mod.ts";
import { type RedisClient, wrapClient } from "../../server/adapter/redis/client/mod.ts";
import type { AdapterFactory } from "../../server/adapter/mod.ts";
import type { Broker } from "../suite/cluster.ts";
import { type OpenClient, openClient, type Package } from "./redis_clients.ts";

/** A part of Redis of its own, that is deleted at the end. */
export class StreamsBroker implements Broker {
  /** By which its keys and channels begin. */
  readonly prefix: string = `sockeye-${crypto.randomUUID()}`;
  readonly recovers: boolean;
  readonly #package: Package;
  readonly #url: string;
  readonly #own: OpenClient;
  readonly #clients: OpenClient[] = [];

  private constructor(name: Package, url: string, own: OpenClient, recovers: boolean) {
    this.recovers = recovers;
    this.#package = name;
    this.#url = url;
    this.#own = own;
  }

  /** Uses Redis at an address by clients of a package. */
  static async open(name: Package, url: string, recovers = false): Promise<StreamsBroker> {
    return new StreamsBroker(name, url, await openClient("ioredis", url), recovers);
  }

  /** The options of all servers. */
  get options(): RedisStreamsOptions {
    const { prefix } = this;
    return { streamName: prefix, channelPrefix: prefix, sessionKeyPrefix: `${prefix}:` };
  }

  /** The key of a session. */
  sessionKey(pid: string): string {
    return `${this.prefix}:${pid}`;
  }

  /** To look into Redis. */
  get redis(): RedisClient {
    return wrapClient(this.#own.client, { name: "own client" });
  }

  /** A client as programs have it. */
  async client(url: string = this.#url): Promise<AnyRedisClient> {
    const open = await openClient(this.#package, url);
    this.#clients.push(open);
    return open.client;
  }

  async join(options: RedisStreamsOptions = {}): Promise<AdapterFactory> {
    return createAdapter(await this.client(), { ...this.options, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const keys = await this.redis.command("", ["KEYS", `${this.prefix}*`]) as string[];
    for (const key of keys) await this.redis.command(key, ["DEL", key]);
    for (const { close } of [this.#own, ...this.#clients]) close();
  }
}
