import { checkOptionNames } from "../cluster/mod.ts";

/**
 * How values become bytes, in the form of the packages that npm's adapter takes. What it writes must
 * not begin with `{`, by which JSON is told, nor with `base64,`.
 */
export interface RedisParser {
  /** Writes a value; text or bytes. */
  encode(value: unknown): unknown;
  /** Reads one: a `Buffer`, where the runtime has that. Throws if it cannot. */
  decode(bytes: never): unknown;
}

/** Options of both. */
export interface CommonRedisOptions {
  /** Milliseconds that the answers of the other servers are awaited; 5,000 by default. */
  readonly requestsTimeout?: number;
  /**
   * Whether bytes are published as text, in base64. All servers must do so as soon as one of them
   * receives by a `Bun.RedisClient`, which damages bytes; servers of npm do not understand it. By
   * default it is done if one of the two clients is a `Bun.RedisClient`.
   */
  readonly plainText?: boolean;
}

/** Options of {@linkcode createAdapter}. */
export interface RedisAdapterOptions extends CommonRedisOptions {
  /** What the names of all channels begin with; `socket.io` by default. */
  readonly key?: string;
  /**
   * Whether answers go to the server that asked alone, by a channel of its own, and not to all; they
   * do not by default. Every server hears both, so they may differ.
   */
  readonly publishOnSpecificResponseChannel?: boolean;
  /** How what may hold bytes is written. MessagePack by default; the same for all servers. */
  readonly parser?: RedisParser;
}

/** Which rooms have a channel of their own, so that only servers with members receive. */
export type SubscriptionMode = "static" | "dynamic" | "dynamic-private";

/** Options of {@linkcode createShardedAdapter}. */
export interface ShardedRedisAdapterOptions extends CommonRedisOptions {
  /** What the names of all channels begin with; `socket.io` by default. */
  readonly channelPrefix?: string;
  /**
   * `static`: no room has a channel of its own, every server receives everything. `dynamic`, the
   * default: all rooms but those of one socket. `dynamic-private`: these as well. The same for all
   * servers.
   */
  readonly subscriptionMode?: SubscriptionMode;
}

const MODES: readonly unknown[] = ["static", "dynamic", "dynamic-private"];

const NAMES = {
  key: ["key", "publishOnSpecificResponseChannel", "parser", "requestsTimeout", "plainText"],
  channelPrefix: ["channelPrefix", "subscriptionMode", "requestsTimeout", "plainText"],
} as const;

/**
 * Checks the options of one of the two adapters, which is told by its name for the same option.
 *
 * @throws {TypeError} if an option is of no use, or misspelt.
 */
export function checkOptions(
  options: RedisAdapterOptions & ShardedRedisAdapterOptions,
  prefix: "key" | "channelPrefix",
): void {
  checkOptionNames(options, NAMES[prefix]);
  const other = prefix === "key" ? "channelPrefix" : "key";
  if (options[other] !== undefined) {
    throw new TypeError(`Unknown option "${other}": did you mean "${prefix}"?`);
  }
  for (const name of ["key", "channelPrefix"] as const) {
    const value = options[name];
    if (value === undefined || typeof value === "string" && value !== "") continue;
    throw new TypeError(`Cannot use ${name}: it is no text, or empty`);
  }
  const { parser, subscriptionMode } = options;
  if (subscriptionMode !== undefined && !MODES.includes(subscriptionMode)) {
    throw new TypeError(
      `Cannot use subscriptionMode: it is none of ${MODES.map((mode) => `"${mode}"`).join(", ")}`,
    );
  }
  if (
    parser !== undefined &&
    (typeof parser?.encode !== "function" || typeof parser.decode !== "function")
  ) throw new TypeError("Cannot use parser: it has not the methods encode and decode");
}
