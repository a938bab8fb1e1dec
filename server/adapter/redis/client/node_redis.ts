import { BaseClient } from "./base.ts";
import { type Payload, type RedisClient, sumOf } from "./client.ts";
import { type ErrorEvents, ErrorGuard } from "./errors.ts";
import { toNode, toText } from "./payload.ts";
import { type Deliver, type Driver, type Kind, Subscriptions } from "./subscriptions.ts";

type NodeListener = (message: Payload, channel: unknown) => void;
type Subscribe = (name: string, listener: NodeListener, buffers: true) => Promise<unknown>;

/** The members of a client or a cluster of the package `redis` that are used. */
export interface NodeRedis extends ErrorEvents {
  /** Whether it is connected, or tries to be. Clusters have it since version 5. */
  readonly isOpen?: boolean;
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
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "ready" | "end", listener: () => void): unknown;
  off(event: "ready" | "end", listener: () => void): unknown;
}

interface ClusterNode {
  /** Until version 5, and later as soon as it is connected. */
  readonly client?: NodeRedis | Promise<NodeRedis>;
}

/** A client or a cluster of the package `redis`, versions 4 to 6. */
export class NodeRedisClient extends BaseClient {
  readonly #client: NodeRedis;

  constructor(client: NodeRedis, plainText: boolean) {
    const errors = ErrorGuard.of(client, client);
    const driver = (deliver: Deliver) => driverOf(client, deliver);
    super(Subscriptions.of(client, driver, (error) => errors.tell(error)), plainText, errors);
    this.#client = client;
  }

  get isOpen(): boolean {
    return this.#client.isOpen !== false;
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
  // The package keeps each function that it was given until it is told of the very same, also when
  // that fails: for a name there is only one.
  const listeners: Readonly<Record<Exclude<Kind, "psubscribe">, NodeListener>> = {
    subscribe: (message, channel) =>
      deliver("subscribe", String(channel), message, String(channel)),
    ssubscribe: (message, channel) =>
      deliver("ssubscribe", String(channel), message, String(channel)),
  };
  // It does not say which pattern was meant.
  const byPattern = new Map<string, NodeListener>();
  const listenerOf = (kind: Kind, name: string): NodeListener => {
    if (kind !== "psubscribe") return listeners[kind];
    const known = byPattern.get(name);
    if (known !== undefined) return known;
    const listener: NodeListener = (message, channel) =>
      deliver(kind, name, message, String(channel));
    byPattern.set(name, listener);
    return listener;
  };
  let changed = () => {};
  return {
    isOpen: () => client.isOpen !== false,
    attach(told) {
      changed = told;
      client.on("ready", changed);
      client.on("end", changed);
    },
    detach() {
      client.off("ready", changed);
      client.off("end", changed);
    },
    subscribe: async (kind, name) =>
      await client[METHODS[kind][0]](name, listenerOf(kind, name), true),
    async unsubscribe(kind, name) {
      await client[METHODS[kind][1]](name, listenerOf(kind, name), true);
      if (kind === "psubscribe") byPattern.delete(name);
    },
  };
}

const METHODS = {
  subscribe: ["subscribe", "unsubscribe"],
  psubscribe: ["pSubscribe", "pUnsubscribe"],
  ssubscribe: ["sSubscribe", "sUnsubscribe"],
} as const;
