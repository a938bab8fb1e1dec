import { type ErrorReporter, reportListenerError, safeReporter } from "../../events/mod.ts";
import {
  callable,
  checkOptions,
  duration,
  flag,
  limit,
  oneOf,
  type OptionRules,
  setOptions,
  text,
} from "./check_options.ts";
import { COOKIE_OPTION_NAMES, cookieMaker, type CookieOptions } from "./cookie.ts";
import { CORS_OPTION_NAMES, type CorsDelegate, type CorsOptions } from "./cors.ts";
import type { MessageData } from "./message_data.ts";
import { compression, delay, relay, transports } from "./option_rules.ts";
import type { RelayBus } from "./relay/bus.ts";
import type { TransportName } from "./transport.ts";

/** Tells whether a request is allowed, with a text for the client if it is not. */
export type AllowCallback = (message: string | null | undefined, allowed: boolean) => void;

/**
 * The options of an engine. Each may be left out.
 *
 * @example
 * ```ts
 * import { Engine, type EngineOptions } from "@sockeye/io/engine";
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const options: EngineOptions = {
 *   path: "/live",
 *   addTrailingSlash: false,
 *   pingInterval: 10_000, // milliseconds
 *   pingTimeout: 5_000,
 *   maxHttpBufferSize: 5_000_000, // bytes
 *   maxBackpressure: 1024 * 1024,
 *   allowRequest: (request) => request.headers.has("x-token") || "A token is needed",
 *   generateId: () => crypto.randomUUID(),
 *   httpCompression: { threshold: 10_000 },
 *   cookie: { name: "node", sameSite: "strict" },
 *   cors: { origin: ["https://example.com", /\.example\.com$/], credentials: true },
 * };
 * const engine = new Engine(options);
 * equal(engine.opts.upgradeTimeout, 10_000); // the default
 *
 * const url = "http://localhost/live?EIO=4&transport=polling";
 * const response = await engine.fetch(new Request(url));
 * equal(response.status, 403);
 * deepEqual(await response.json(), { code: 4, message: "A token is needed" });
 * await engine.close();
 * ```
 */
export interface EngineOptions {
  /** The path that the engine answers; it begins with a slash. Default `/engine.io`. */
  path?: string;
  /**
   * Whether the path ends in a slash, so that it is not answered without one; with `false` both are.
   * Default `true`.
   */
  addTrailingSlash?: boolean;
  /** Milliseconds from one pong to the next ping. Default 25,000. */
  pingInterval?: number;
  /**
   * Milliseconds that a ping may stay without an answer; then the connection ends with
   * `ping timeout`. Default 20,000.
   */
  pingTimeout?: number;
  /**
   * Milliseconds that an upgrade may take; polling goes on after that. A WebTransport session has as
   * long to send its first packet. Default 10,000.
   */
  upgradeTimeout?: number;
  /** The most bytes in one POST, WebSocket message or WebTransport frame. Default 1,000,000. */
  maxHttpBufferSize?: number;
  /** The most packets in one POST; more ends the connection. Default 100,000. */
  maxPayloadPackets?: number;
  /**
   * Milliseconds that the body of a POST may take to arrive, and up to a second more; then it is
   * answered by 408, and the session ends with `transport error`. `Infinity` for no limit. Default
   * 30,000.
   */
  httpRequestBodyTimeout?: number;
  /**
   * The most bytes that may wait for one client that does not read; past that its connection ends
   * with `transport error`. Each message that waits counts 128 bytes more than it has, except in
   * the buffers of Bun. Default 16 MiB.
   */
  maxBackpressure?: number;
  /**
   * The most connections from one address, or, with IPv6, from one network of 64 bits; the next is
   * refused by error 4, `Too many connections`. Counted is the address that the runtime tells: behind
   * a proxy it is that of the proxy. Default: no limit.
   */
  maxConnectionsPerAddress?: number;
  /**
   * Asked for each handshake and each upgrade, with the address of the client where the runtime
   * tells it. Answers by its callback, or, if it returns or
   * resolves to one, by `true`, `false` or the text of a refusal. One that takes no callback and
   * answers nothing refuses, and so does one that throws. Default: everyone is allowed.
   */
  allowRequest?: (
    request: Request,
    callback: AllowCallback,
    peer: { readonly remoteAddress: string },
  ) => void | boolean | string | Promise<void | boolean | string>;
  /**
   * The transports that are answered. Default `["polling", "websocket"]`. `"webtransport"` needs a
   * program that hands its sessions to `onWebTransportSession`.
   */
  transports?: readonly TransportName[];
  /** Whether clients are told that they may upgrade. Default `true`. */
  allowUpgrades?: boolean;
  /**
   * Whether WebSocket messages are compressed: from 1,024 bytes on, or from the threshold, in bytes.
   * On Bun only: Deno has no compression, which is said once on the console. Default `false`.
   */
  perMessageDeflate?: boolean | { readonly threshold?: number };
  /**
   * Whether the answers to polls are compressed, by gzip or deflate, for clients that take that: from
   * 1,024 bytes on, or from the threshold, in bytes. Default `true`.
   */
  httpCompression?: boolean | { readonly threshold?: number };
  /** A message that each client gets right behind the open packet. Default: none. */
  initialPacket?: MessageData | null;
  /** Whether the handshake sets a cookie to the id of the session. Default `false`. */
  cookie?: boolean | CookieOptions;
  /**
   * Which pages of other origins may use the engine, by WebSocket as well. By default none may read
   * an answer, nor open a WebSocket with cookies: `false`. With `true`, all may, without credentials.
   */
  cors?: CorsOptions | CorsDelegate | boolean;
  /** Whether clients of protocol 3 (version 2 of npm `socket.io-client`) are accepted. Default `false`. */
  allowEIO3?: boolean;
  /**
   * Makes the id of a session. It MUST be unique and impossible to guess. If it fails, the handshake
   * is refused with error 3. Default: 120 random bits.
   */
  generateId?: (request: Request) => string | Promise<string>;
  /**
   * How requests reach the server that has their session, where several share a port or stand behind
   * a proxy that is not sticky. Ids of sessions are eight characters longer then. Default: none.
   */
  relay?: RelayBus;
  /**
   * Told of each function of the program that throws or rejects: a listener, a middleware, a hook in
   * these options. The connection that it was called for goes on, or is refused; no other one
   * notices. Default: written to the console.
   */
  reportError?: ErrorReporter;
}

/** The options that have a default. */
export type DefaultedOption =
  | "path"
  | "addTrailingSlash"
  | "pingInterval"
  | "pingTimeout"
  | "upgradeTimeout"
  | "maxHttpBufferSize"
  | "maxPayloadPackets"
  | "httpRequestBodyTimeout"
  | "maxBackpressure"
  | "maxConnectionsPerAddress"
  | "transports"
  | "allowUpgrades"
  | "allowEIO3"
  | "reportError";

/** The options of an engine, with those filled in that have a default. */
export type ResolvedOptions =
  & Omit<EngineOptions, DefaultedOption | "cors">
  & Required<Pick<EngineOptions, DefaultedOption>>
  & {
    /** Which pages of other origins may use the engine; none by default. */
    readonly cors?: CorsOptions | CorsDelegate;
  };

const DEFAULTS: ResolvedOptions = {
  path: "/engine.io",
  addTrailingSlash: true,
  pingInterval: 25_000,
  pingTimeout: 20_000,
  upgradeTimeout: 10_000,
  maxHttpBufferSize: 1_000_000,
  maxPayloadPackets: 100_000,
  httpRequestBodyTimeout: 30_000,
  maxBackpressure: 16 * 1024 * 1024,
  maxConnectionsPerAddress: Infinity,
  transports: ["polling", "websocket"],
  allowUpgrades: true,
  perMessageDeflate: false,
  httpCompression: true,
  cookie: false,
  allowEIO3: false,
  reportError: reportListenerError,
};

const DEFAULT_THRESHOLD = 1024;

/** The rules for the options of an engine; the layer above adds its own. */
export const engineRules: OptionRules = {
  path: (value, name) => {
    text(value, name);
    if (!(value as string).startsWith("/")) {
      throw new RangeError(`Option "${name}" must begin with a slash: ${JSON.stringify(value)}`);
    }
  },
  addTrailingSlash: flag,
  pingInterval: delay,
  pingTimeout: delay,
  upgradeTimeout: duration,
  maxHttpBufferSize: limit,
  maxPayloadPackets: limit,
  httpRequestBodyTimeout: duration,
  maxBackpressure: limit,
  maxConnectionsPerAddress: limit,
  allowRequest: callable,
  transports,
  allowUpgrades: flag,
  perMessageDeflate: compression,
  httpCompression: compression,
  initialPacket: oneOf("string", "object"),
  cookie: (value, name) => {
    oneOf("boolean", "object")(value, name);
    if (typeof value !== "object") return;
    checkOptions(value, {}, COOKIE_OPTION_NAMES);
    cookieMaker(value as CookieOptions);
  },
  cors: (value, name) => {
    oneOf("object", "function", "boolean")(value, name);
    if (typeof value === "object") checkOptions(value, {}, CORS_OPTION_NAMES);
  },
  allowEIO3: flag,
  generateId: callable,
  relay,
  reportError: callable,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @param alsoKnown the names that belong to the layer above.
 * @throws {TypeError | RangeError} see {@linkcode checkOptions}.
 */
export function resolveOptions(
  options: EngineOptions = {},
  alsoKnown: readonly string[] = [],
): ResolvedOptions {
  checkOptions(options, engineRules, alsoKnown);
  const { cors, ...rest } = setOptions(options);
  const resolved = {
    ...DEFAULTS,
    ...rest,
    ...rest.reportError && { reportError: safeReporter(rest.reportError) },
  };
  return cors === undefined || cors === false
    ? resolved
    : { ...resolved, cors: cors === true ? {} : cors };
}

/** The size from which a compression option asks for compression. */
export function thresholdOf(option: boolean | { readonly threshold?: number } | undefined): number {
  if (option === undefined || option === false) return Infinity;
  return option === true ? DEFAULT_THRESHOLD : option.threshold ?? DEFAULT_THRESHOLD;
}
