import type { AdapterFactory } from "../../server/adapter/mod.ts";
import {
  createAdapter,
  createShardedAdapter,
  type RedisAdapterOptions,
  type ShardedRedisAdapterOptions,
} from "../../server/adapter/redis/mod.ts";
import type { Broker } from "../suite/cluster.ts";
import { openClient, type Package } from "./redis_clients.ts";

/** Which adapter, with which clients. */
export interface RedisSetting {
  readonly pub: Package;
  readonly sub: Package;
  readonly classic?: RedisAdapterOptions;
  readonly sharded?: ShardedRedisAdapterOptions;
}

/** Channels of Redis of a random name. */
export class RedisBroker implements Broker {
  /** What the names of its channels begin with. */
  readonly key: string;
  readonly #url: string;
  readonly #settings: readonly RedisSetting[];
  readonly #ends: (() => void)[] = [];
  #joined = 0;

  /**
   * Servers take the settings in turn. `name` has characters that stand for others in patterns, if it
   * is left out.
   */
  constructor(url: string, settings: RedisSetting | readonly RedisSetting[], name = "sockeye[1]*") {
    this.key = `${name}-${crypto.randomUUID()}`;
    this.#url = url;
    this.#settings = [settings].flat();
  }

  async join(options: { readonly requestsTimeout?: number } = {}): Promise<AdapterFactory> {
    const { pub, sub, classic, sharded } = this.#settings[this.#joined++ % this.#settings.length]!;
    const [pubClient, subClient] = await Promise.all([
      openClient(pub, this.#url),
      openClient(sub, this.#url),
    ]);
    this.#ends.push(() => pubClient.close(), () => subClient.close());
    return sharded === undefined
      ? createAdapter(pubClient.client, subClient.client, {
        ...{ ...classic, ...options, key: this.key },
      })
      : createShardedAdapter(pubClient.client, subClient.client, {
        ...{ ...sharded, ...options, channelPrefix: this.key },
      });
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    return Promise.resolve();
  }
}
