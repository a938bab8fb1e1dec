import { BaseClient } from "./base.ts";
import { type Payload, type RedisClient, sumOf } from "./client.ts";
import type { ErrorEvents } from "./errors.ts";
import { toNode, toText } from "./payload.ts";
import { type Deliver, type Driver, Subscriptions } from "./subscriptions.ts";

type Subscribe = (name: string) => Promise<unknown>;
type MessageListener = (channel: unknown, message: Uint8Array) => void;
type PatternListener = (pattern: unknown, channel: unknown, message: Uint8Array) => void;

/** The members of a client or a cluster of the package `ioredis` that are used. */
export interface Ioredis extends ErrorEvents {
  readonly subscribe: Subscribe;
  readonly unsubscribe: Subscribe;
  readonly psubscribe: Subscribe;
  readonly punsubscribe: Subscribe;
  readonly ssubscribe: Subscribe;
  readonly sunsubscribe: Subscribe;
  publish(channel: string, message: Payload): Promise<unknown>;
  spublish(channel: string, message: Payload): Promise<unknown>;
  call(command: string, ...args: readonly Payload[]): Promise<unknown>;
  duplicate(): Ioredis;
  disconnect(): void;
  /** In a cluster. */
  nodes?(role?: "master"): readonly Ioredis[];
  readonly options?: { readonly keyPrefix?: unknown };
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "messageBuffer" | "smessageBuffer", listener: MessageListener): unknown;
  on(event: "pmessageBuffer", listener: PatternListener): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  off(event: "messageBuffer" | "smessageBuffer", listener: MessageListener): unknown;
  off(event: "pmessageBuffer", listener: PatternListener): unknown;
}

const heard = new WeakMap<Ioredis, Subscriptions>();

/** A client or a cluster of the package `ioredis`, versions 5 and 6. */
export class IoredisClient extends BaseClient {
  readonly #client: Ioredis;

  constructor(client: Ioredis, plainText: boolean) {
    let subscriptions = heard.get(client);
    if (subscriptions === undefined) {
      subscriptions = new Subscriptions((deliver) => driverOf(client, deliver));
      heard.set(client, subscriptions);
    }
    super(subscriptions, plainText, client);
    this.#client = client;
  }

  async publish(channel: string, payload: Payload): Promise<void> {
    await this.#client.publish(channel, this.#toWire(payload));
  }

  async spublish(channel: string, payload: Payload): Promise<void> {
    await this.#client.spublish(channel, this.#toWire(payload));
  }

  numsub(channel: string): Promise<number> {
    return count("NUMSUB", channel, this.#client.nodes?.() ?? [this.#client]);
  }

  shardnumsub(channel: string): Promise<number> {
    return count("SHARDNUMSUB", channel, this.#client.nodes?.("master") ?? [this.#client]);
  }

  async command(_key: string, [name, ...args]: readonly [string, ...Payload[]]): Promise<unknown> {
    return await this.#client.call(name, ...args.map(toNode));
  }

  duplicate(failed: (error: Error) => void): Promise<RedisClient> {
    const client = new IoredisClient(this.#client.duplicate(), this.plainText);
    client.onError(failed);
    return Promise.resolve(client);
  }

  close(): void {
    this.#client.disconnect();
  }

  #toWire(payload: Payload): Payload {
    return this.plainText ? toText(payload) : toNode(payload);
  }
}

async function count(
  command: string,
  channel: string,
  nodes: readonly Ioredis[],
): Promise<number> {
  const replies = nodes.map(async (node) => await node.call("PUBSUB", command, channel));
  return sumOf(await Promise.all(replies));
}

function driverOf(client: Ioredis, deliver: Deliver): Driver {
  const message: MessageListener = (channel, payload) =>
    deliver("subscribe", String(channel), payload, String(channel));
  const smessage: MessageListener = (channel, payload) =>
    deliver("ssubscribe", String(channel), payload, String(channel));
  const pmessage: PatternListener = (pattern, channel, payload) =>
    deliver("psubscribe", String(pattern), payload, String(channel));
  return {
    attach() {
      client.on("messageBuffer", message);
      client.on("pmessageBuffer", pmessage);
      client.on("smessageBuffer", smessage);
    },
    detach() {
      client.off("messageBuffer", message);
      client.off("pmessageBuffer", pmessage);
      client.off("smessageBuffer", smessage);
    },
    subscribe: async (kind, name) => await client[kind](name),
    unsubscribe: async (kind, name) => await client[UNSUBSCRIBE[kind]](name),
  };
}

const UNSUBSCRIBE = {
  subscribe: "unsubscribe",
  psubscribe: "punsubscribe",
  ssubscribe: "sunsubscribe",
} as const;
