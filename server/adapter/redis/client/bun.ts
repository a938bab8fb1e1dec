import { reasonOf } from "../../cluster/reason.ts";
import { BaseClient } from "./base.ts";
import { type Listener, type Payload, type RedisClient, sumOf } from "./client.ts";
import { ErrorGuard } from "./errors.ts";
import { toNode, toText } from "./payload.ts";
import { type Deliver, type Driver, Subscriptions } from "./subscriptions.ts";

type BunListener = (message: string, channel: string) => void;

/** The members of the client that Bun has built in that are used. */
export interface BunRedis {
  subscribe(channel: string | readonly string[], listener: BunListener): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
  send(command: string, args: readonly Payload[]): Promise<unknown>;
  duplicate(): Promise<BunRedis>;
  close(): void;
  onconnect: ((this: BunRedis) => void) | null;
}

// How many names are renewed by one command.
const BATCH = 500;

/**
 * The client that Bun has built in. It receives texts only, hears neither patterns nor the channels
 * of shards, and forgets its subscriptions when it loses its connection.
 */
export class BunRedisClient extends BaseClient {
  override readonly hasPatterns: boolean = false;
  override readonly hasShards: boolean = false;
  readonly #client: BunRedis;

  constructor(client: BunRedis) {
    const errors = ErrorGuard.of(client);
    const driver = (deliver: Deliver) => driverOf(client, deliver);
    super(Subscriptions.of(client, driver, (error) => errors.tell(error)), true, errors);
    this.#client = client;
  }

  get isOpen(): boolean {
    return true;
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
  const uncertain = new Set<string>();
  const listener: BunListener = (message, channel) =>
    deliver("subscribe", channel, message, channel);
  let theirs: BunRedis["onconnect"] = null;
  let isAgain = false;
  let isRenewing = false;
  let isDue = false;

  async function forget(name: string): Promise<void> {
    try {
      await client.unsubscribe(name);
    } catch (error) {
      // It has nothing subscribed. That is no state to wait for the end of.
      if (!/subscriber mode/.test(reasonOf(error))) throw error;
    }
  }

  // One after the other: what was sent before the connection broke may succeed on the next one.
  async function renew(): Promise<void> {
    isDue = true;
    if (isRenewing) return;
    isRenewing = true;
    while (isDue) {
      isDue = false;
      // Where it fails, the connection is lost again, and comes back by itself.
      await renewAll().catch(() => {});
    }
    isRenewing = false;
  }

  async function renewAll(): Promise<void> {
    // Those of namespaces come first: they were subscribed before any room.
    const all = [...names];
    for (let i = 0; i < all.length && !isDue; i += BATCH) {
      const batch = all.slice(i, i + BATCH);
      // It still takes the names for subscribed, though Redis does not. Of several in one command it
      // would wait for the first alone, and forget the others after they are subscribed again.
      await Promise.all(batch.map(forget));
      const wanted = batch.filter((name) => names.has(name));
      if (wanted.length > 0) await client.subscribe(wanted, listener);
    }
  }

  return {
    isOpen: () => true,
    attach(changed) {
      theirs = client.onconnect;
      client.onconnect = () => {
        theirs?.call(client);
        if (isAgain) renew();
        isAgain = true;
        changed();
      };
    },
    detach() {
      client.onconnect = theirs;
    },
    async subscribe(_kind, name) {
      // Of one that failed it may keep the listener, and would call it twice.
      if (uncertain.has(name)) await forget(name);
      uncertain.add(name);
      await client.subscribe(name, listener);
      uncertain.delete(name);
      names.add(name);
      isAgain = true;
    },
    async unsubscribe(_kind, name) {
      names.delete(name);
      await forget(name);
      uncertain.delete(name);
    },
  };
}
