import type { Frame } from "../../parser/engine/mod.ts";

/** What became of a frame that was given to a {@linkcode RawSocket}. */
export type SendResult = "sent" | "queued" | "dropped";

/** The WebSocket of a runtime, with no protocol on top. */
export interface RawSocket {
  /** Who is told what happens. An upgrade is one assignment here. */
  handler: RawSocketHandler;
  /** The bytes that wait for the peer to read. */
  readonly bufferedAmount: number;
  /** Sends one frame, compressed if asked and negotiated. MUST NOT throw. */
  send(frame: Frame, compress: boolean): SendResult;
  /** Lets all that is sent within the call leave in one write. */
  cork?(send: () => void): void;
  /** Sends what is queued, then closes. Does nothing on a closed socket. */
  close(code?: number, reason?: string): void;
  /** Ends the connection as fast as the runtime can. */
  terminate(): void;
  /** Receives what is published to a topic from now on. */
  subscribe?(topic: string): void;
  /** Ends `subscribe`. */
  unsubscribe?(topic: string): void;
  /** Sends a frame to all sockets of the same server that are subscribed to a topic, but this. */
  publish?(topic: string, frame: Frame, compress: boolean): void;
}

/** Told what happens on a {@linkcode RawSocket}. */
export interface RawSocketHandler {
  /** The socket can send from now on. Called once, before anything else. */
  open(socket: RawSocket): void;
  /** One frame of the peer. */
  message(data: Frame): void;
  /**
   * The socket ended. Some runtimes call it twice, or with code 0.
   *
   * @param failed whether the runtime reported an error and not just an end.
   */
  close(code: number, reason: string, failed: boolean): void;
}

/** What the engine needs from one running server. */
export interface Runtime {
  /** For how long, in milliseconds, a request had better wait before its signal is read. */
  readonly abortDelay: number;
  /**
   * Turns a request into a WebSocket. Nothing of the request can be read afterwards. Returns
   * `undefined` if the request cannot be upgraded.
   */
  upgrade(request: Request, handler: RawSocketHandler, headers?: Headers): Response | undefined;
  /** Sets for how many seconds the connection of a request may be idle; 0 for as long as it likes. */
  limitIdleTime?(request: Request, seconds: number): void;
  /** The address of the peer; MUST be called before the upgrade. */
  remoteAddress?(request: Request): string;
  /** Sends a frame to all sockets that are subscribed to a topic. */
  publish?(topic: string, frame: Frame, compress: boolean): void;
}

/** The limits that a runtime enforces by itself where it can. */
export interface SocketSettings {
  /** The largest frame, in bytes. */
  readonly maxPayload: number;
  /** The most that may wait for one peer, in bytes. */
  readonly maxBackpressure: number;
  /** Whether permessage-deflate is negotiated. */
  readonly compression: boolean;
}

/**
 * The `websocket` object of `Bun.serve`: one for all sockets of a server. Other limits than
 * `maxPayloadLength` hold for all of them, and are those of the engine: no idle timeout and no pings
 * of Bun, and what the options `maxBackpressure` and `perMessageDeflate` say.
 */
export interface SocketHandlers {
  /**
   * The largest frame that the program's own sockets receive, in bytes; by default that of the
   * engine. Whoever sends a larger one is closed with code 1009.
   */
  readonly maxPayloadLength?: number;
  /** A socket opened. */
  open?(socket: unknown): void;
  /** A socket received a frame. */
  message(socket: unknown, data: string | Uint8Array): void;
  /** A socket can take more. */
  drain?(socket: unknown): void;
  /** A socket ended. */
  close?(socket: unknown, code: number, reason: string): void;
  /** A socket received a ping frame. */
  ping?(socket: unknown, data: Uint8Array): void;
  /** A socket received a pong frame. */
  pong?(socket: unknown, data: Uint8Array): void;
}

/** A request handler for `Deno.serve`, and an object to spread into the options of `Bun.serve`. */
export interface Handler {
  /** Answers a request. The second argument is what the runtime gives beside the request. */
  (request: Request, connection?: unknown): Response | Promise<Response>;
  /** The same function. */
  fetch(request: Request, connection?: unknown): Response | Promise<Response>;
  /** The WebSocket handlers for `Bun.serve`. */
  websocket: SocketHandlers;
  /** Seconds that an HTTP connection of `Bun.serve` may be idle; a waiting poll has no limit. */
  idleTimeout: number;
  /** The largest request body that `Bun.serve` lets through, in bytes. */
  maxRequestBodySize: number;
}

/**
 * Where to listen. Other members go to `Deno.serve` or `Bun.serve` as they are: `path` of the one, or
 * `unix` of the other, is the file of a Unix socket in place of port and address.
 */
export interface ListenOptions {
  /** The port; 0 lets the system choose. By default that of the runtime. */
  readonly port?: number;
  /** The address to bind to; by default `0.0.0.0`, all of IPv4. */
  readonly hostname?: string;
  /** Whatever else the runtime takes, TLS files for instance. */
  readonly [option: string]: unknown;
}

/** A server that `listen` has started. */
export interface Listening {
  /** The port that it listens on; 0 with a Unix socket. */
  readonly port: number;
  /** The address that it is bound to; empty with a Unix socket. */
  readonly hostname: string;
  /** The `Deno.HttpServer` or `Bun.Server`. */
  readonly server: unknown;
  /** Takes no more connections, ends those that are there, and settles. */
  stop(): Promise<void>;
}

/** What one JavaScript runtime offers. `server/deno.ts` and `server/bun.ts` have one each. */
export interface Host {
  /** Its name, for messages. */
  readonly name: string;
  /** Whether its WebSockets can compress. */
  readonly compresses: boolean;
  /** The environment variable `DEBUG`, as far as it may be read and names this library. */
  debugScopes(): string | undefined;
  /** Whether a file, or what is at an address, may be read, without asking the user. */
  mayRead?(file: URL): Promise<boolean>;
  /** The running server that a request came from, by the second argument of the handler. */
  runtime(connection: unknown): Runtime;
  /**
   * The WebSocket handlers of a server; foreign sockets go to `foreign`.
   *
   * @throws {TypeError} if `foreign` has a setting that the engine's own sockets cannot have.
   */
  handlers(settings: SocketSettings, foreign: SocketHandlers | undefined): SocketHandlers;
  /** Starts a server. */
  listen(options: ListenOptions, handler: Handler): Promise<Listening>;
}
