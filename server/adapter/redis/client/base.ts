import type { Listener, Payload, RedisClient } from "./client.ts";
import type { ErrorGuard } from "./errors.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** What the wrappers of all packages have in common. */
export abstract class BaseClient implements RedisClient {
  readonly plainText: boolean;
  readonly hasPatterns: boolean = true;
  readonly hasShards: boolean = true;
  readonly #subscriptions: Subscriptions;
  readonly #errors: ErrorGuard;

  constructor(subscriptions: Subscriptions, plainText: boolean, errors: ErrorGuard) {
    this.#subscriptions = subscriptions;
    this.plainText = plainText;
    this.#errors = errors;
  }

  subscribe(channel: string, listener: Listener): Promise<void> {
    return this.#subscriptions.add("subscribe", channel, listener);
  }

  unsubscribe(channel: string, listener: Listener): Promise<void> {
    return this.#subscriptions.remove("subscribe", channel, listener);
  }

  psubscribe(pattern: string, listener: Listener): Promise<void> {
    return this.#subscriptions.add("psubscribe", pattern, listener);
  }

  punsubscribe(pattern: string, listener: Listener): Promise<void> {
    return this.#subscriptions.remove("psubscribe", pattern, listener);
  }

  ssubscribe(channel: string, listener: Listener): Promise<void> {
    return this.#subscriptions.add("ssubscribe", channel, listener);
  }

  sunsubscribe(channel: string, listener: Listener): Promise<void> {
    return this.#subscriptions.remove("ssubscribe", channel, listener);
  }

  onError(listener: (error: Error) => void): () => void {
    return this.#errors.add(listener);
  }

  abstract get isOpen(): boolean;
  abstract publish(channel: string, payload: Payload): Promise<void>;
  abstract spublish(channel: string, payload: Payload): Promise<void>;
  abstract numsub(channel: string): Promise<number>;
  abstract shardnumsub(channel: string): Promise<number>;
  abstract command(key: string, args: readonly [string, ...Payload[]]): Promise<unknown>;
  abstract duplicate(failed: (error: Error) => void): Promise<RedisClient>;
  abstract close(): void;
}
