import type { Payload } from "../../server/adapter/redis/client/mod.ts";

type Kind = "subscribe" | "psubscribe" | "ssubscribe";

/** Redis in memory, for clients that look like those of `ioredis`. */
export class FakeRedis {
  /** What was published: the channel, and a text or bytes. */
  readonly published: [channel: string, payload: Payload][] = [];
  /** What the next commands fail with. */
  failure: Error | undefined;
  /** Whether commands are not answered. */
  isAway = false;
  readonly #clients = new Set<FakeClient>();

  /** A client of its own. */
  client(): FakeClient {
    const client = new FakeClient(this);
    this.#clients.add(client);
    return client;
  }

  /** Answers a command, if it does. */
  run<Reply>(work: () => Reply): Promise<Reply> {
    if (this.isAway) return new Promise(() => {});
    const { failure } = this;
    return failure === undefined ? Promise.resolve(work()) : Promise.reject(failure);
  }

  /** Hands over what others publish. */
  publish(channel: string, payload: Payload): void {
    for (const client of this.#clients) client.deliver("subscribe", channel, payload);
  }

  /** The same to a channel of a shard. */
  spublish(channel: string, payload: Payload): void {
    for (const client of this.#clients) client.deliver("ssubscribe", channel, payload);
  }

  /** How many clients hear a channel. */
  count(kind: Kind, channel: string): number {
    return [...this.#clients].filter(({ names }) => names[kind].has(channel)).length;
  }
}

/** A client of a {@linkcode FakeRedis}. */
export class FakeClient {
  /** As `ioredis` has it. */
  status = "ready";
  /** What it hears. */
  readonly names: Readonly<Record<Kind, Set<string>>> = {
    subscribe: new Set(),
    psubscribe: new Set(),
    ssubscribe: new Set(),
  };
  readonly #redis: FakeRedis;
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();

  constructor(redis: FakeRedis) {
    this.#redis = redis;
  }

  subscribe(name: string): Promise<unknown> {
    return this.#redis.run(() => this.names.subscribe.add(name));
  }

  unsubscribe(name: string): Promise<unknown> {
    return this.#redis.run(() => this.names.subscribe.delete(name));
  }

  psubscribe(name: string): Promise<unknown> {
    return this.#redis.run(() => this.names.psubscribe.add(name));
  }

  punsubscribe(name: string): Promise<unknown> {
    return this.#redis.run(() => this.names.psubscribe.delete(name));
  }

  ssubscribe(name: string): Promise<unknown> {
    return this.#redis.run(() => this.names.ssubscribe.add(name));
  }

  sunsubscribe(name: string): Promise<unknown> {
    return this.#redis.run(() => this.names.ssubscribe.delete(name));
  }

  publish(channel: string, payload: Payload): Promise<unknown> {
    return this.#redis.run(() => {
      this.#redis.published.push([channel, payload]);
      queueMicrotask(() => this.#redis.publish(channel, payload));
    });
  }

  spublish(channel: string, payload: Payload): Promise<unknown> {
    return this.#redis.run(() => {
      this.#redis.published.push([channel, payload]);
      queueMicrotask(() => this.#redis.spublish(channel, payload));
    });
  }

  call(_command: string, kind: string, channel: string): Promise<unknown> {
    const by = kind === "NUMSUB" ? "subscribe" : "ssubscribe";
    return this.#redis.run(() => [channel, this.#redis.count(by, channel)]);
  }

  duplicate(): FakeClient {
    return this.#redis.client();
  }

  disconnect(): void {}

  on(event: string, listener: (...args: never[]) => void): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: (...args: never[]) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  listenerCount(event: string): number {
    return this.#listeners.get(event)?.size ?? 0;
  }

  /** Calls the listeners of an event. */
  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...args as never[]);
  }

  /** How many listeners it has, of all events. */
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  deliver(kind: Kind, channel: string, payload: Payload): void {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    if (kind === "ssubscribe") {
      if (this.names.ssubscribe.has(channel)) this.emit("smessageBuffer", channel, bytes);
      return;
    }
    if (this.names.subscribe.has(channel)) this.emit("messageBuffer", channel, bytes);
    for (const pattern of this.names.psubscribe) {
      const prefix = pattern.slice(0, -1).replace(/\\(.)/g, "$1");
      if (channel.startsWith(prefix)) this.emit("pmessageBuffer", pattern, channel, bytes);
    }
  }
}
