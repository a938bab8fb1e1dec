import { BaseClient } from "./base.ts";
import { type Listener, type Payload, type RedisClient, sumOf } from "./client.ts";
import { toNode, toText } from "./payload.ts";
import { type Deliver, type Driver, Subscriptions } from "./subscriptions.ts";

type BunListener = (message: string, channel: string) => void;

/** The members of the client that Bun has built in that are used. */
export interface BunRedis {
  subscribe(channel: string, listener: BunListener): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
  send(command: string, args: readonly Payload[]): Promise<unknown>;
  duplicate(): Promise<BunRedis>;
  close(): void;
  onconnect: ((this: BunRedis) => void) | null;
}

const heard = new WeakMap<BunRedis, Subscriptions>();

/**
 * The client that Bun has built in. It receives texts only, hears neither patterns nor the channels
 * of shards, and forgets its subscriptions when it loses its connection.
 */
export class BunRedisClient extends BaseClient {
  override readonly hasPatterns: boolean = false;
  override readonly hasShards: boolean = false;
  readonly #client: BunRedis;

  constructor(client: BunRedis) {
    let subscriptions = heard.get(client);
    if (subscriptions === undefined) {
      subscriptions = new Subscriptions((deliver) => driverOf(client, deliver));
      heard.set(client, subscriptions);
    }
    super(subscriptions, true);
    this.#client = client;
  }

  override psubscribe(_pattern: string, _listener: Listener): Promise<void> {
    return Promise.reject(new TypeError("Cannot subscribe: Bun.RedisClient hears no patterns"));
  }

  override ssubscribe(_channel: string, _listener: Listener): Promise<void> {
    return Promise.reject(new TypeError("Cannot subscribe: Bun.RedisClient hears no shards"));
  }

  async publish(channel: string, payload: Payload): Promise<void> {
    await this.#client.publish(channel, toText(payload));
  }

  async spublish(channel: string, payload: Payload): Promise<void> {
    await this.#client.send("SPUBLISH", [channel, toText(payload)]);
  }

  async numsub(channel: string): Promise<number> {
    return sumOf([await this.#client.send("PUBSUB", ["NUMSUB", channel])]);
  }

  async shardnumsub(channel: string): Promise<number> {
    return sumOf([await this.#client.send("PUBSUB", ["SHARDNUMSUB", channel])]);
  }

  async command(_key: string, [name, ...args]: readonly [string, ...Payload[]]): Promise<unknown> {
    return await this.#client.send(name, args.map(toNode));
  }

  async duplicate(): Promise<RedisClient> {
    return new BunRedisClient(await this.#client.duplicate());
  }

  close(): void {
    this.#client.close();
  }
}

function driverOf(client: BunRedis, deliver: Deliver): Driver {
  const names = new Set<string>();
  const listener: BunListener = (message, channel) =>
    deliver("subscribe", channel, message, channel);
  let theirs: BunRedis["onconnect"] = null;
  let isAgain = false;

  async function connected(): Promise<void> {
    theirs?.call(client);
    for (const name of isAgain ? names : []) {
      // It still takes the name for subscribed, though Redis does not.
      await client.unsubscribe(name);
      await client.subscribe(name, listener);
    }
    isAgain = true;
  }

  return {
    attach() {
      theirs = client.onconnect;
      // Where it fails, the connection is lost again, and comes back by itself.
      client.onconnect = () => void connected().catch(() => {});
    },
    detach() {
      client.onconnect = theirs;
    },
    async subscribe(_kind, name) {
      await client.subscribe(name, listener);
      names.add(name);
      isAgain = true;
    },
    async unsubscribe(_kind, name) {
      names.delete(name);
      await client.unsubscribe(name);
    },
  };
}
