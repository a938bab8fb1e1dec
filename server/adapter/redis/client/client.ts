/** What is published: a text, or bytes. */
export type Payload = string | Uint8Array;

/** Takes what was published; where a pattern was subscribed, the channel tells which. */
export type Listener = (payload: Uint8Array, channel: string) => void;

/**
 * One client of Redis, whichever package it comes from. It belongs to the program: closing is for
 * what {@linkcode RedisClient.duplicate} made.
 *
 * What fails rejects; nothing is thrown.
 */
export interface RedisClient {
  /** Whether bytes are published as text, in base64. Each reads both. */
  readonly plainText: boolean;
  /** Whether it is connected, or connects by itself; `false` where the program has to have it do so. */
  readonly isOpen: boolean;
  /** Whether {@linkcode RedisClient.psubscribe} is possible. */
  readonly hasPatterns: boolean;
  /** Whether {@linkcode RedisClient.ssubscribe} is possible. */
  readonly hasShards: boolean;
  /** Publishes to a channel. */
  publish(channel: string, payload: Payload): Promise<void>;
  /** Publishes to a channel of a shard. */
  spublish(channel: string, payload: Payload): Promise<void>;
  /**
   * Hears a channel, also after the connection was lost and made anew. Resolves as soon as nothing is
   * missed: what fails is told to {@linkcode RedisClient.onError} and repeated. Rejects only if the
   * client is closed; it hears once that is opened.
   */
  subscribe(channel: string, listener: Listener): Promise<void>;
  /**
   * Ends {@linkcode RedisClient.subscribe} for a listener, which is called no more from now on. Never
   * rejects: if Redis cannot be told now, it is as soon as that is possible.
   */
  unsubscribe(channel: string, listener: Listener): Promise<void>;
  /** Hears all channels that fit a pattern. */
  psubscribe(pattern: string, listener: Listener): Promise<void>;
  /** Ends {@linkcode RedisClient.psubscribe}. */
  punsubscribe(pattern: string, listener: Listener): Promise<void>;
  /** Hears a channel of a shard. */
  ssubscribe(channel: string, listener: Listener): Promise<void>;
  /** Ends {@linkcode RedisClient.ssubscribe}. */
  sunsubscribe(channel: string, listener: Listener): Promise<void>;
  /** How many clients hear a channel, in all of a cluster. */
  numsub(channel: string): Promise<number>;
  /** How many clients hear a channel of a shard. */
  shardnumsub(channel: string): Promise<number>;
  /**
   * Sends any command. Replies are as the package has them, with text for bytes; maps are objects
   * or lists, which {@linkcode pairsOf} reads.
   *
   * @param key the key that tells the node of a cluster.
   */
  command(key: string, args: readonly [string, ...Payload[]]): Promise<unknown>;
  /**
   * Has a listener called with the errors of the connection, unless the program listens to them
   * itself, and with those of subscriptions, which are repeated. Of several listeners, the oldest is
   * told. A client that nobody listens to would end the process; so it is listened to from now on.
   * Returns what removes the listener.
   */
  onError(listener: (error: Error) => void): () => void;
  /**
   * Makes a client with a connection of its own, for commands that block.
   *
   * @param failed told of the errors of its connection.
   */
  duplicate(failed: (error: Error) => void): Promise<RedisClient>;
  /** Ends the connection at once. */
  close(): void;
}

/**
 * Reads a reply that is a map, or none: a list of pairs in version 2 of the protocol, and an object
 * or a list of keys and values in turn in version 3.
 */
export function pairsOf(reply: unknown): [key: string, value: unknown][] {
  if (Array.isArray(reply)) {
    const pairs = Array.isArray(reply[0]) ? reply : pairUp(reply);
    return pairs.map(([key, value]) => [String(key), value]);
  }
  if (reply instanceof Map) return [...reply].map(([key, value]) => [String(key), value]);
  return typeof reply === "object" && reply !== null ? Object.entries(reply) : [];
}

/** The counts that `PUBSUB NUMSUB` of one channel has replied on each node, as their sum. */
export function sumOf(replies: readonly unknown[]): number {
  return replies.reduce<number>((sum, reply) => sum + countIn(reply), 0);
}

function pairUp(list: readonly unknown[]): unknown[][] {
  return list.flatMap((key, i) => i % 2 === 0 ? [[key, list[i + 1]]] : []);
}

function countIn(reply: unknown): number {
  return Number(pairsOf(reply)[0]?.[1] ?? 0);
}
