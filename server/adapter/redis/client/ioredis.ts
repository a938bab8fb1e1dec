import { BaseClient } from "./base.ts";
import { type Payload, type RedisClient, sumOf } from "./client.ts";
import { type ErrorEvents, ErrorGuard } from "./errors.ts";
import { InFlightCommands } from "./in_flight.ts";
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
  readonly options?: {
    readonly keyPrefix?: unknown;
    /** `true`, unless it is set. */
    readonly autoResendUnfulfilledCommands?: unknown;
  };
  /** Such as `ready`, or `end` if it will not connect any more. */
  readonly status?: string;
  on(event: "ready" | "close" | "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "messageBuffer" | "smessageBuffer", listener: MessageListener): unknown;
  on(event: "pmessageBuffer", listener: PatternListener): unknown;
  off(event: "ready" | "close" | "end", listener: () => void): unknown;
  off(event: "messageBuffer" | "smessageBuffer", listener: MessageListener): unknown;
  off(event: "pmessageBuffer", listener: PatternListener): unknown;
}

const inFlight = new WeakMap<Ioredis, InFlightCommands>();

/** A client or a cluster of the package `ioredis`, versions 5 and 6. */
export class IoredisClient extends BaseClient {
  readonly #client: Ioredis;

  constructor(client: Ioredis, plainText: boolean) {
    const errors = ErrorGuard.of(client, client);
    const driver = (deliver: Deliver) => driverOf(client, deliver);
    super(Subscriptions.of(client, driver, (error) => errors.tell(error)), plainText, errors);
    this.#client = client;
  }

  get isOpen(): boolean {
    return this.#client.status !== "end";
  }

  async publish(channel: string, payload: Payload): Promise<void> {
    await settled(this.#client, this.#client.publish(channel, this.#toWire(payload)));
  }

  async spublish(channel: string, payload: Payload): Promise<void> {
    await settled(this.#client, this.#client.spublish(channel, this.#toWire(payload)));
  }

  numsub(channel: string): Promise<number> {
    return count("NUMSUB", channel, this.#client.nodes?.() ?? [this.#client]);
  }

  shardnumsub(channel: string): Promise<number> {
    const nodes = this.#client.nodes?.("master") ?? [this.#client];
    return count("SHARDNUMSUB", prefixOf(this.#client) + channel, nodes);
  }

  async command(_key: string, [name, ...args]: readonly [string, ...Payload[]]): Promise<unknown> {
    return await settled(this.#client, this.#client.call(name, ...args.map(toNode)));
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
  const replies = nodes.map(async (node) =>
    await settled(node, node.call("PUBSUB", command, channel))
  );
  return sumOf(await Promise.all(replies));
}

/** The same promise, but rejected where the client would never settle it. */
function settled<Result>(client: Ioredis, result: Promise<Result>): Promise<Result> {
  if (client.options?.autoResendUnfulfilledCommands !== false) return result;
  let commands = inFlight.get(client);
  if (commands === undefined) inFlight.set(client, commands = new InFlightCommands(client));
  return commands.settled(result);
}

/**
 * Resolves as soon as a new connection is ready, or is gone. Version 5 asks first whether it is
 * ready, and ends it with an error if it can only listen by then.
 */
function connected(client: Ioredis): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      client.off("ready", done);
      client.off("close", done);
      resolve();
    };
    client.on("ready", done);
    client.on("close", done);
  });
}

/** Channels of shards have it before their names, as they are keys; others have not. */
function prefixOf({ options }: Ioredis): string {
  return String(options?.keyPrefix ?? "");
}

function driverOf(client: Ioredis, deliver: Deliver): Driver {
  const message: MessageListener = (channel, payload) =>
    deliver("subscribe", String(channel), payload, String(channel));
  const smessage: MessageListener = (channel, payload) => {
    const name = String(channel).slice(prefixOf(client).length);
    deliver("ssubscribe", name, payload, name);
  };
  const pmessage: PatternListener = (pattern, channel, payload) =>
    deliver("psubscribe", String(pattern), payload, String(channel));
  let changed = () => {};
  return {
    isOpen: () => client.status !== "end",
    attach(told) {
      changed = told;
      client.on("ready", changed);
      client.on("end", changed);
      client.on("messageBuffer", message);
      client.on("pmessageBuffer", pmessage);
      client.on("smessageBuffer", smessage);
    },
    detach() {
      client.off("ready", changed);
      client.off("end", changed);
      client.off("messageBuffer", message);
      client.off("pmessageBuffer", pmessage);
      client.off("smessageBuffer", smessage);
    },
    async subscribe(kind, name) {
      if (client.status === "connect") await connected(client);
      await settled(client, client[kind](name));
    },
    unsubscribe: async (kind, name) => await settled(client, client[UNSUBSCRIBE[kind]](name)),
  };
}

const UNSUBSCRIBE = {
  subscribe: "unsubscribe",
  psubscribe: "punsubscribe",
  ssubscribe: "sunsubscribe",
} as const;
