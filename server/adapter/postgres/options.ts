import { MAX_DELAY } from "../background.ts";
import type { ClusterOptions } from "../cluster/mod.ts";

/** What {@linkcode createAdapter} is told, besides the client. */
export interface PostgresAdapterOptions extends ClusterOptions {
  /**
   * What the names of the channels begin with; `socket.io` by default, at most 62 bytes. Servers hear
   * each other if it is the same.
   */
  readonly channelPrefix?: string;
  /**
   * The table for messages that are large or hold binary data, as it stands in a statement, so that a
   * schema may come first; `socket_io_attachments` by default.
   */
  readonly tableName?: string;
  /**
   * How many bytes a message of text has at least that travels by the table; 8,000 by default, which
   * is what PostgreSQL does not take as a notification any more, and so the most.
   */
  readonly payloadThreshold?: number;
  /** Milliseconds after which what is in the table is removed, and between two looks; 30,000. */
  readonly cleanupInterval?: number;
  /** Told of what goes wrong and has no caller, like a listener for `error` of each adapter. */
  readonly errorHandler?: (error: Error) => void;
}

/** The options that this folder reads, all given. */
export interface Settings {
  readonly channelPrefix: string;
  readonly tableName: string;
  readonly payloadThreshold: number;
  readonly cleanupInterval: number;
}

/** How many bytes of the name of a channel PostgreSQL looks at. */
export const MAX_CHANNEL_BYTES = 63;

const MAX_NOTIFICATION = 8000;

// Names with dots between, each plain or quoted.
const TABLE =
  /^(?:[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*|"(?:[^"]|"")+")(?:\.(?:[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*|"(?:[^"]|"")+")){0,2}$/;

/**
 * Reads the options.
 *
 * @throws {TypeError} if one is of the wrong kind.
 * @throws {RangeError} if one is out of its range.
 */
export function readOptions(options: PostgresAdapterOptions): Settings {
  const {
    channelPrefix = "socket.io",
    tableName = "socket_io_attachments",
    payloadThreshold = MAX_NOTIFICATION,
    cleanupInterval = 30_000,
    errorHandler,
  } = options;
  checkPrefix(channelPrefix);
  if (typeof tableName !== "string" || !TABLE.test(tableName) || tableName.includes("\0")) {
    throw new TypeError(
      `Cannot use tableName: ${JSON.stringify(tableName)} does not name a table in a statement`,
    );
  }
  checkNumber("payloadThreshold", payloadThreshold, 0, MAX_NOTIFICATION);
  checkNumber("cleanupInterval", cleanupInterval, 1, MAX_DELAY);
  if (errorHandler !== undefined && typeof errorHandler !== "function") {
    throw new TypeError("Cannot use errorHandler: it is not a function");
  }
  return { channelPrefix, tableName, payloadThreshold, cleanupInterval };
}

function checkPrefix(prefix: unknown): void {
  if (typeof prefix !== "string") {
    throw new TypeError("Cannot use channelPrefix: it is not a string");
  }
  if (prefix.includes("\0")) {
    throw new TypeError("Cannot use channelPrefix: PostgreSQL has no names with a null character");
  }
  const { length } = new TextEncoder().encode(prefix + "#");
  if (length > MAX_CHANNEL_BYTES) {
    throw new RangeError(
      `Cannot use channelPrefix: with the "#" behind it, it has ${length} bytes, and PostgreSQL tells names of channels apart by the first ${MAX_CHANNEL_BYTES} only`,
    );
  }
}

function checkNumber(name: string, value: unknown, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw new RangeError(`Cannot use ${name}: it is not an integer from ${min} to ${max}`);
  }
}
