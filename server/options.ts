import type { DebugSink } from "../events/mod.ts";
import { createJsonParser, type CustomParser, type Parser, toParser } from "../parser/mod.ts";
import type { AdapterClass, AdapterFactory } from "./adapter/mod.ts";
import {
  callable,
  checkOptions,
  duration,
  flag,
  limit,
  oneOf,
  type OptionRule,
  type OptionRules,
  setOptions,
  text,
} from "./engine/check_options.ts";
import { type EngineOptions, engineRules } from "./engine/options.ts";

/**
 * How sessions are kept for clients that lost their connection.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { ok } from "node:assert/strict";
 *
 * const io = new Server({
 *   connectionStateRecovery: {
 *     maxDisconnectionDuration: 60_000, // milliseconds
 *     skipMiddlewares: true,
 *     maxBufferedBytes: 4 * 1024 * 1024,
 *   },
 * });
 * io.on("connection", (socket) => {
 *   if (socket.recovered) return; // its id, rooms and data are those of before
 *   socket.join("news");
 * });
 * io.on("session_expired", ({ sid, rooms }) => console.log(sid, "will not come back to", rooms));
 * ok(io.sockets.adapter.restoreSession !== undefined);
 * await io.close();
 * ```
 */
export interface RecoveryOptions {
  /** Milliseconds that a session is kept. Default 120,000. */
  maxDisconnectionDuration?: number;
  /**
   * Whether the middlewares are skipped for a client that takes up its session, as long as it
   * shows the same credentials as before. Default `true`.
   */
  skipMiddlewares?: boolean;
  /**
   * The most bytes of memory for all that is kept, in all namespaces: events, and sessions with their
   * credentials and rooms; `data` is not counted. The oldest is dropped first: a session ends then,
   * and one that would miss an event is not taken up, so that its client connects anew. An event
   * takes 768 bytes besides its own, a session 1 KiB. Default 64 MiB.
   */
  maxBufferedBytes?: number;
}

/**
 * The options of a `Server`: those below, and those of its engine. Each may be left out.
 *
 * @example
 * ```ts
 * import { Server, type ServerOptions } from "@sockeye/io";
 * import { jsonParser } from "@sockeye/io/parser";
 * import { equal, throws } from "node:assert/strict";
 *
 * const options: ServerOptions = {
 *   path: "/live",
 *   serveClient: false,
 *   parsers: [jsonParser],
 *   connectTimeout: 10_000, // milliseconds
 *   maxNamespaces: 10,
 *   connectionStateRecovery: true,
 *   cleanupEmptyChildNamespaces: true,
 *   reportError: (error, { event }) => console.error("in a listener of", event, error),
 *   // of the engine:
 *   pingInterval: 10_000, // milliseconds
 *   maxHttpBufferSize: 5_000_000, // bytes
 *   cors: { origin: "https://example.com" },
 * };
 * const io = new Server(options);
 * equal(io.path(), "/live");
 * equal(io.connectTimeout(), 10_000);
 * await io.close();
 *
 * throws(() => new Server({ connectTimeout: -1 }), RangeError);
 * throws(() => new Server({ conectTimeout: 1 } as ServerOptions), TypeError);
 * ```
 */
export interface ServerOptions extends EngineOptions {
  /** The path that the server answers; it begins with a slash. Default `/socket.io`. */
  path?: string;
  /**
   * Whether the bundles of the browser client, such as `socket.io.min.js`, are served under the path.
   * Default `true`.
   */
  serveClient?: boolean;
  /**
   * Makes the adapter of each namespace: a class or a function, called once for each with the
   * namespace. Default: in memory, for one server.
   */
  adapter?: AdapterClass | AdapterFactory;
  /**
   * The format of packets; both ends must agree. Excludes `parsers`. Default: JSON with binary
   * attachments.
   */
  parser?: Parser | CustomParser;
  /**
   * Several formats side by side; that of each connection is chosen by its first frame. The first
   * is used where the server has to speak before that. Default: that of `parser` alone.
   */
  parsers?: readonly (Parser | CustomParser)[];
  /**
   * The most binary attachments of one packet that comes, for the default format; more ends the
   * connection with `parse error`. Default 10.
   */
  maxAttachments?: number;
  /**
   * Milliseconds after which a connection that joined no namespace is closed. Default, and if it is
   * 0: 45,000.
   */
  connectTimeout?: number;
  /**
   * How many namespaces one connection may be in besides the main one; the next is refused by
   * `Too many namespaces`. Default 1,000.
   */
  maxNamespaces?: number;
  /**
   * The most bytes that are kept of what one client sent: the credentials that it joined its
   * namespaces with, or waits to join them with, and the events that wait while a middleware of its
   * socket (`socket.use`) is at work. Past that its connection ends with `forced server close`.
   * Counted is what they take in memory, which is more than they take on the wire. Default 16 MiB,
   * or four times `maxHttpBufferSize` where that is more.
   */
  maxHeldBytes?: number;
  /** Whether clients that lost their connection can take up where they were. Default: off. */
  connectionStateRecovery?: boolean | RecoveryOptions;
  /**
   * Whether a dynamic namespace is removed, and its adapter closed, once its last socket has left.
   * Default `false`: up to `maxEmptyNamespaces` of them stay.
   */
  cleanupEmptyChildNamespaces?: boolean;
  /**
   * How many dynamic namespaces stay that nobody is in. Past that the one is removed that has been
   * empty for longest, unless the program had it made by its name. Default 10,000.
   */
  maxEmptyNamespaces?: number;
  /**
   * Which parts write a debug log: patterns as for the environment variable `DEBUG`, such as
   * `sockeye:*`, alone or with a function that takes the lines. Default: what `DEBUG` says of names
   * that begin with `sockeye`, if it may be read.
   */
  debug?: string | { readonly scopes: string; readonly to: DebugSink };
}

const adapter: OptionRule = callable;

const recovery: OptionRule = (value, name) => {
  oneOf("boolean", "object")(value, name);
  if (typeof value === "object") {
    checkOptions(value, {
      maxDisconnectionDuration: duration,
      skipMiddlewares: flag,
      maxBufferedBytes: limit,
    });
  }
};

const serverRules: OptionRules = {
  serveClient: flag,
  adapter,
  parser: oneOf("object", "function"),
  parsers: (value, name) => {
    if (!Array.isArray(value) || value.length === 0) {
      throw new TypeError(`Option "${name}" must be a list of parsers`);
    }
  },
  maxAttachments: limit,
  connectTimeout: duration,
  maxNamespaces: limit,
  maxHeldBytes: limit,
  connectionStateRecovery: recovery,
  cleanupEmptyChildNamespaces: flag,
  maxEmptyNamespaces: limit,
  debug: (value, name) => {
    oneOf("string", "object")(value, name);
    if (typeof value === "object") {
      const { scopes, to } = value as { scopes?: unknown; to?: unknown };
      text(scopes, `${name}.scopes`);
      callable(to, `${name}.to`);
    }
  },
};

/** The names that belong to the server and not to its engine. */
export const SERVER_OPTION_NAMES: readonly string[] = Object.keys(serverRules);

/**
 * Checks the options of a server, and returns those that are set.
 *
 * @throws {TypeError} if one has the wrong type, or looks like a known one misspelt.
 * @throws {RangeError} if one is out of range.
 */
export function checkServerOptions(options: ServerOptions): ServerOptions {
  checkOptions(options, { ...engineRules, ...serverRules });
  if (options.parser && options.parsers) {
    throw new TypeError('Options "parser" and "parsers" exclude each other');
  }
  return setOptions(options);
}

/** What clients can make the server keep. */
export interface Limits {
  /** How many namespaces one client may be in. */
  readonly maxNamespaces: number;
  /** How many bytes may be kept of what one client sent. */
  readonly maxHeldBytes: number;
  /** How many namespaces made for clients are kept that are empty. */
  readonly maxEmpty: number;
}

/** The options about what clients can make the server keep, with their defaults. */
export function resolveLimits(options: ServerOptions, maxHttpBufferSize: number): Limits {
  const { cleanupEmptyChildNamespaces = false, maxEmptyNamespaces = 10_000 } = options;
  const { maxNamespaces = 1000, maxHeldBytes } = options;
  return {
    maxNamespaces,
    maxHeldBytes: maxHeldBytes ?? Math.max(16 * 1024 * 1024, 4 * maxHttpBufferSize),
    maxEmpty: cleanupEmptyChildNamespaces ? 0 : maxEmptyNamespaces,
  };
}

/** The recovery options with their defaults, or `undefined` if it is off. */
export function resolveRecovery(
  option: boolean | RecoveryOptions | undefined,
): Required<RecoveryOptions> | undefined {
  if (!option) return undefined;
  return {
    maxDisconnectionDuration: 120_000,
    skipMiddlewares: true,
    maxBufferedBytes: 64 * 1024 * 1024,
    ...(option === true ? {} : option),
  };
}

/** The formats that clients may speak, the preferred one first. */
export function parsersOf(
  { parser, parsers, maxAttachments }: ServerOptions,
): [Parser, ...Parser[]] {
  const [first, ...rest] = (parsers ?? (parser ? [parser] : [])).map(toParser);
  if (first !== undefined) return [first, ...rest];
  return [createJsonParser(maxAttachments === undefined ? {} : { maxAttachments })];
}
