import type {
  Handler,
  Host,
  Listening,
  ListenOptions,
  RawSocket,
  RawSocketHandler,
  Runtime,
  SendResult,
  SocketHandlers,
  SocketSettings,
} from "./engine/runtime.ts";

interface BunLike {
  readonly env: Readonly<Record<string, string | undefined>>;
  serve(options: Record<string, unknown>): BunServer;
}

interface BunServer {
  readonly port?: number;
  readonly hostname?: string;
  upgrade(request: Request, options: { data: unknown; headers?: Headers }): boolean;
  requestIP(request: Request): { address: string } | null;
  timeout(request: Request, seconds: number): void;
  publish(topic: string, data: string | Uint8Array, compress?: boolean): number;
  stop(closeActiveConnections?: boolean): Promise<void>;
}

interface BunWebSocket {
  readonly data: unknown;
  binaryType: string;
  send(data: string | Uint8Array, compress?: boolean): number;
  cork(send: () => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  getBufferedAmount(): number;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  publish(topic: string, data: string | Uint8Array, compress?: boolean): number;
}

const bun: BunLike | undefined = (globalThis as unknown as { Bun?: BunLike }).Bun;

const runtimes = new WeakMap<BunServer, BunRuntime>();

/** What Bun offers, or `undefined` on another runtime. */
export function bunHost(): Host | undefined {
  return typeof bun?.serve === "function" ? host : undefined;
}

const host: Host = {
  name: "Bun",
  compresses: true,
  debugScopes() {
    const scopes = bun?.env["DEBUG"];
    return scopes?.includes("sockeye") ? scopes : undefined;
  },
  runtime: (connection) => isServer(connection) ? runtimeOf(connection) : NO_SERVER,
  handlers,
  listen,
};

// Without the server there is long polling, but no WebSocket.
const NO_SERVER: Runtime = {
  abortDelay: 0,
  upgrade: () => complain("give handler.fetch the server of Bun as its second argument"),
};

const complaints = new Set<string>();

/** Says, once, why there are no WebSockets. */
function complain(advice: string, error: unknown = ""): undefined {
  if (complaints.has(advice)) return;
  complaints.add(advice);
  console.error(`WebSockets are refused: ${advice}`, error);
}

function isServer(value: unknown): value is BunServer {
  return typeof value === "object" && value !== null &&
    typeof (value as { upgrade?: unknown }).upgrade === "function";
}

function runtimeOf(server: BunServer): BunRuntime {
  let runtime = runtimes.get(server);
  if (runtime === undefined) runtimes.set(server, runtime = new BunRuntime(server));
  return runtime;
}

class BunRuntime implements Runtime {
  readonly abortDelay = 0;
  readonly #server: BunServer;
  #watched = false;

  constructor(server: BunServer) {
    this.#server = server;
  }

  upgrade(request: Request, handler: RawSocketHandler, headers?: Headers): Response | undefined {
    const data = new BunSocket(handler);
    const options = headers === undefined ? { data } : { data, headers };
    try {
      if (!this.#server.upgrade(request, options)) return undefined;
      if (!this.#watched) this.#watch(data);
      // Bun has answered already, and ignores what the handler returns.
      return new Response(null);
    } catch (error) {
      const advice = "give Bun.serve all of io.handler(), or at least fetch and websocket of it";
      return complain(advice, error);
    }
  }

  /** Other handlers than ours would hear our sockets, and say nothing. */
  #watch(socket: BunSocket): void {
    this.#watched = true;
    const check = () => socket.wasOpened ? undefined : complain(OTHER_HANDLERS);
    (setTimeout(check, PATIENCE) as { unref?(): void }).unref?.();
  }

  limitIdleTime(request: Request, seconds: number): void {
    this.#server.timeout(request, seconds);
  }

  remoteAddress(request: Request): string {
    return this.#server.requestIP(request)?.address ?? "";
  }

  publish(topic: string, frame: string | Uint8Array, compress: boolean): void {
    this.#server.publish(topic, frame, compress);
  }
}

const OTHER_HANDLERS = "the websocket handlers given to Bun.serve are not those of io.handler(); " +
  "your own belong to io.handler(next, { websocket })";
// Milliseconds in which Bun opens a WebSocket; far more than it takes.
const PATIENCE = 1000;
const OURS = Symbol.for("sockeye.BunSocket");

/** Travels as `ws.data`, so that the handlers find it without a lookup. */
class BunSocket implements RawSocket {
  handler: RawSocketHandler;
  #socket: BunWebSocket | undefined;

  constructor(handler: RawSocketHandler) {
    this.handler = handler;
  }

  get [OURS](): true {
    return true;
  }

  opened(socket: BunWebSocket): void {
    socket.binaryType = "uint8array";
    this.#socket = socket;
    this.handler.open(this);
  }

  get wasOpened(): boolean {
    return this.#socket !== undefined;
  }

  get bufferedAmount(): number {
    return this.#socket?.getBufferedAmount() ?? 0;
  }

  send(frame: string | Uint8Array, compress: boolean): SendResult {
    const result = this.#socket?.send(frame, compress) ?? 0;
    return result > 0 ? "sent" : result === 0 ? "dropped" : "queued";
  }

  cork(send: () => void): void {
    this.#socket?.cork(send);
  }

  close(code = 1000, reason = ""): void {
    this.#socket?.close(code, reason);
  }

  terminate(): void {
    this.#socket?.terminate();
  }

  subscribe(topic: string): void {
    this.#socket?.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    this.#socket?.unsubscribe(topic);
  }

  publish(topic: string, frame: string | Uint8Array, compress: boolean): void {
    this.#socket?.publish(topic, frame, compress);
  }
}

/**
 * Bun takes one set of handlers for all sockets of a server, ours and foreign ones.
 *
 * @throws {TypeError} if the foreign ones have a setting that those of the engine cannot have.
 */
function handlers(settings: SocketSettings, foreign: SocketHandlers | undefined): SocketHandlers {
  const shared = sharedSettings(settings);
  checkShared({ ...foreign }, shared);
  const ourMost = Math.min(settings.maxPayload, MOST_BYTES);
  const foreignMost = Math.min(foreign?.maxPayloadLength ?? ourMost, MOST_BYTES);
  return {
    ...foreign,
    ...shared,
    // The larger one: the engine measures what it receives, and below it is done for foreign sockets.
    maxPayloadLength: Math.max(ourMost, foreignMost),
    open(socket) {
      const ours = socketOf(socket);
      if (ours !== undefined) ours.opened(socket as BunWebSocket);
      else foreign?.open?.(socket);
    },
    message(socket, frame) {
      const ours = socketOf(socket);
      if (ours !== undefined) ours.handler.message(frame);
      else if (foreignMost < ourMost && sizeOf(frame) > foreignMost) {
        (socket as BunWebSocket).close(1009, TOO_BIG);
      } else foreign?.message(socket, frame);
    },
    close(socket, code, reason) {
      const ours = socketOf(socket);
      if (ours !== undefined) ours.handler.close(code, reason, reason === TOO_BIG);
      else foreign?.close?.(socket, code, reason);
    },
    drain: (socket) => isOurs(socket) ? undefined : foreign?.drain?.(socket),
    ping: (socket, data) => isOurs(socket) ? undefined : foreign?.ping?.(socket, data),
    pong: (socket, data) => isOurs(socket) ? undefined : foreign?.pong?.(socket, data),
  };
}

/** What holds for all sockets of a server, since the engine cannot do without. */
function sharedSettings({ maxBackpressure, compression }: SocketSettings): Record<string, unknown> {
  return {
    backpressureLimit: Math.min(maxBackpressure, MOST_BYTES),
    // A frame lost in the middle would leave a hole in the stream: end the connection instead.
    closeOnBackpressureLimit: true,
    perMessageDeflate: compression,
    // Engine.IO has a heartbeat of its own.
    idleTimeout: 0,
    sendPings: false,
    publishToSelf: false,
  };
}

function checkShared(given: Record<string, unknown>, shared: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(shared)) {
    if (given[name] === undefined || given[name] === value) continue;
    throw new TypeError(
      `websocket.${name} must be left out or be ${value}, which Socket.IO needs: ` +
        "Bun has one setting for all sockets of a server",
    );
  }
}

function sizeOf(frame: string | Uint8Array): number {
  return typeof frame === "string" ? encoder.encode(frame).length : frame.byteLength;
}

const encoder = new TextEncoder();

// Bun takes no `Infinity`, and no message is larger than this.
const MOST_BYTES = 2 ** 31 - 1;

function socketOf(socket: unknown): BunSocket | undefined {
  const { data } = socket as BunWebSocket;
  if (data instanceof BunSocket) return data;
  // After a reload by `bun --hot` there are sockets of the class of the former module.
  return (data as { [OURS]?: true } | undefined | null)?.[OURS] ? data as BunSocket : undefined;
}

function isOurs(socket: unknown): boolean {
  return socketOf(socket) !== undefined;
}

// How Bun reports a frame over `maxPayloadLength`.
const TOO_BIG = "Received too big message";

function listen(options: ListenOptions, handler: Handler): Promise<Listening> {
  if (bun === undefined) return Promise.reject(new TypeError("Cannot listen: this is not Bun"));
  if (options["path"] !== undefined) {
    return Promise.reject(
      new TypeError(
        'Cannot listen: "path" is a Unix socket on Deno, which Bun calls "unix", ' +
          "or an option of the constructor",
      ),
    );
  }
  // Bun takes no address beside the path of a Unix socket.
  const address = options["unix"] === undefined ? { hostname: "0.0.0.0" } : {};
  const server = bun.serve({ ...address, ...handler, ...options });
  return Promise.resolve({
    port: server.port ?? 0,
    hostname: server.hostname ?? "",
    server,
    stop: () => server.stop(true),
  });
}
