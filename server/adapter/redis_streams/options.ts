import type { ClusterOptions } from "../cluster/mod.ts";

/** How servers share streams of Redis. All servers of a cluster MUST have the same. */
export interface RedisStreamsOptions extends Pick<ClusterOptions, "requestsTimeout"> {
  /** The key of the stream, or with several, how their keys begin; `socket.io` by default. */
  readonly streamName?: string;
  /**
   * How many streams there are, 1 by default. Each namespace has one of them, so that more than one
   * are of use where there are several namespaces.
   */
  readonly streamCount?: number;
  /** How the names of the channels begin for what is to be answered; `socket.io` by default. */
  readonly channelPrefix?: string;
  /** Whether those are channels of shards, for a cluster of Redis 7; `false` by default. */
  readonly useShardedPubSub?: boolean;
  /**
   * Roughly how many messages a stream holds, 10,000 by default. A client comes back as long as the
   * last message that it got is one of them.
   */
  readonly maxLen?: number;
  /** How many messages are read at once at most; 100 by default. */
  readonly readCount?: number;
  /**
   * Milliseconds that Redis holds back its answer as long as there is no message; 5,000 by default. 0
   * means for ever.
   */
  readonly blockTimeInMs?: number;
  /** How the keys of the sessions begin; `sio:session:` by default. */
  readonly sessionKeyPrefix?: string;
  /**
   * Whether no event holds binary data; `false` by default. If one does all the same, what JSON makes
   * of it is sent.
   */
  readonly onlyPlaintext?: boolean;
}

/** The options with their defaults. */
export type Settings = Required<Omit<RedisStreamsOptions, "requestsTimeout">>;

const NUMBERS = { streamCount: 1, maxLen: 1, readCount: 1, blockTimeInMs: 0 } as const;

const TEXTS = ["streamName", "channelPrefix", "sessionKeyPrefix"] as const;

/**
 * Checks the options and adds the defaults.
 *
 * @throws {TypeError | RangeError} if one is not what it has to be.
 */
export function resolveOptions(options: RedisStreamsOptions): Settings {
  const settings: Settings = {
    streamName: options.streamName ?? "socket.io",
    streamCount: options.streamCount ?? 1,
    channelPrefix: options.channelPrefix ?? "socket.io",
    useShardedPubSub: options.useShardedPubSub ?? false,
    maxLen: options.maxLen ?? 10_000,
    readCount: options.readCount ?? 100,
    blockTimeInMs: options.blockTimeInMs ?? 5000,
    sessionKeyPrefix: options.sessionKeyPrefix ?? "sio:session:",
    onlyPlaintext: options.onlyPlaintext ?? false,
  };
  for (const name of TEXTS) {
    if (typeof settings[name] !== "string") {
      throw new TypeError(`Cannot use ${name}: it is no text`);
    }
  }
  for (const [name, least] of Object.entries(NUMBERS)) {
    const value = settings[name as keyof typeof NUMBERS];
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`Cannot use ${name}: it is no whole number from ${least}`);
    }
  }
  return settings;
}
