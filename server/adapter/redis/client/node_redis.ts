import { BaseClient } from "./base.ts";
import { type Payload, type RedisClient, sumOf } from "./client.ts";
import type { ErrorEvents } from "./errors.ts";
import { toNode, toText } from "./payload.ts";
import { type Deliver, type Driver, type Kind, Subscriptions } from "./subscriptions.ts";

type NodeListener = (message: Payload, channel: unknown) => void;
type Subscribe = (name: string, listener: NodeListener, buffers: true) => Promise<unknown>;

/** The members of a client or a cluster of the package `redis` that are used. */
export interface NodeRedis extends ErrorEvents {
  readonly subscribe: Subscribe;
  readonly unsubscribe: Subscribe;
  readonly pSubscribe: Subscribe;
  readonly pUnsubscribe: Subscribe;
  readonly sSubscribe: Subscribe;
  readonly sUnsubscribe: Subscribe;
  publish(channel: string, message: Payload): Promise<unknown>;
  sPublish(channel: string, message: Payload): Promise<unknown>;
  sendCommand(args: readonly Payload[]): Promise<unknown>;
  sendCommand(key: string, isReadonly: boolean, args: readonly Payload[]): Promise<unknown>;
  duplicate(): NodeRedis;
  connect(): Promise<unknown>;
  /** Since version 5. */
  destroy?(): void;
  /** Until version 5. */
  disconnect?(): Promise<unknown>;
  /** In a cluster. */
  readonly masters?: readonly ClusterNode[];
  /** In a cluster. */
  readonly replicas?: readonly ClusterNode[];
  /** In a cluster. */
  nodeClient?(node: ClusterNode): NodeRedis | Promise<NodeRedis>;
}

interface ClusterNode {
  /** Until version 5, and later as soon as it is connected. */
  readonly client?: NodeRedis | Promise<NodeRedis>;
}

const heard = new WeakMap<NodeRedis, Subscriptions>();

/** A client or a cluster of the package `redis`, versions 4 to 6. */
export class NodeRedisClient extends BaseClient {
  readonly #client: NodeRedis;

  constructor(client: NodeRedis, plainText: boolean) {
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
    await this.#client.sPublish(channel, this.#toWire(payload));
  }

  numsub(channel: string): Promise<number> {
    const { masters = [], replicas = [] } = this.#client;
    return this.#count("NUMSUB", channel, [...masters, ...replicas]);
  }

  shardnumsub(channel: string): Promise<number> {
    return this.#count("SHARDNUMSUB", channel, this.#client.masters ?? []);
  }

  async command(key: string, args: readonly [string, ...Payload[]]): Promise<unknown> {
    const sent = args.map(toNode);
    return this.#client.masters === undefined
      ? await this.#client.sendCommand(sent)
      : await this.#client.sendCommand(key, false, sent);
  }

  async duplicate(failed: (error: Error) => void): Promise<RedisClient> {
    const copy = this.#client.duplicate();
    const client = new NodeRedisClient(copy, this.plainText);
    client.onError(failed);
    await copy.connect();
    return client;
  }

  close(): void {
    const { destroy, disconnect } = this.#client;
    // What is still awaited rejects by itself; a client that is closed needs no closing.
    try {
      if (destroy !== undefined) destroy.call(this.#client);
      else disconnect?.call(this.#client).catch(() => {});
    } catch { /* closed */ }
  }

  async #count(command: string, channel: string, nodes: readonly ClusterNode[]): Promise<number> {
    const ask = async (client: NodeRedis) => await client.sendCommand(["PUBSUB", command, channel]);
    if (this.#client.masters === undefined) return sumOf([await ask(this.#client)]);
    const replies = nodes.map(async (node) => {
      const client = await (this.#client.nodeClient?.(node) ?? node.client);
      return client === undefined ? undefined : await ask(client);
    });
    return sumOf(await Promise.all(replies));
  }

  #toWire(payload: Payload): Payload {
    return this.plainText ? toText(payload) : toNode(payload);
  }
}

function driverOf(client: NodeRedis, deliver: Deliver): Driver {
  const listeners: Readonly<Record<Kind, Map<string, NodeListener>>> = {
    subscribe: new Map(),
    psubscribe: new Map(),
    ssubscribe: new Map(),
  };
  const METHODS = {
    subscribe: ["subscribe", "unsubscribe"],
    psubscribe: ["pSubscribe", "pUnsubscribe"],
    ssubscribe: ["sSubscribe", "sUnsubscribe"],
  } as const;
  return {
    async subscribe(kind, name) {
      const listener: NodeListener = (message, channel) =>
        deliver(kind, name, message, String(channel));
      listeners[kind].set(name, listener);
      await client[METHODS[kind][0]](name, listener, true);
    },
    async unsubscribe(kind, name) {
      const listener = listeners[kind].get(name);
      listeners[kind].delete(name);
      if (listener !== undefined) await client[METHODS[kind][1]](name, listener, true);
    },
  };
}
