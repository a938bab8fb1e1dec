import type { Listener, RedisClient } from "../redis/client/mod.ts";
import type { Settings } from "./options.ts";

/** The channels of a namespace: one for all servers, and one for the answers to each. */
export class Channels {
  readonly #client: RedisClient;
  readonly #areShards: boolean;
  readonly #name: string;

  /** Takes the client that publishes, the options, and the name of the namespace. */
  constructor(client: RedisClient, settings: Settings, nsp: string) {
    this.#client = client;
    this.#areShards = settings.useShardedPubSub;
    this.#name = `${settings.channelPrefix}#${nsp}#`;
  }

  /** Has a connection hear the channel of all, or that of one server. */
  hear(client: RedisClient, listener: Listener, uid?: string): Promise<void> {
    const name = this.#nameOf(uid);
    return this.#areShards ? client.ssubscribe(name, listener) : client.subscribe(name, listener);
  }

  /** Ends that. */
  leave(client: RedisClient, listener: Listener, uid?: string): Promise<void> {
    const name = this.#nameOf(uid);
    return this.#areShards
      ? client.sunsubscribe(name, listener)
      : client.unsubscribe(name, listener);
  }

  /** Publishes to all, or to one server. */
  say(payload: Uint8Array, uid?: string): Promise<unknown> {
    const name = this.#nameOf(uid);
    return this.#areShards
      ? this.#client.spublish(name, payload)
      : this.#client.publish(name, payload);
  }

  /** How many servers there are, or of one. */
  count(uid?: string): Promise<number> {
    const name = this.#nameOf(uid);
    return this.#areShards ? this.#client.shardnumsub(name) : this.#client.numsub(name);
  }

  #nameOf(uid: string | undefined): string {
    return uid === undefined ? this.#name : `${this.#name}${uid}#`;
  }
}
