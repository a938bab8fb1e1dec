import type {
  Host,
  Listening,
  ListenOptions,
  RawSocket,
  RawSocketHandler,
  Runtime,
  SendResult,
} from "./engine/runtime.ts";

interface DenoLike {
  readonly env: { get(name: string): string | undefined };
  readonly permissions: {
    querySync(query: { name: "env"; variable: string }): { state: string };
    query(
      query: { name: "read"; path: URL } | { name: "net"; host: string },
    ): Promise<{ state: string }>;
  };
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number; protocol?: string },
  ): { socket: WebSocket; response: Response };
  serve(
    options: Record<string, unknown>,
    handler: (request: Request, info: unknown) => Response | Promise<Response>,
  ): DenoServer;
}

interface DenoServer {
  readonly addr: { readonly port?: number; readonly hostname?: string };
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const deno: DenoLike | undefined = (globalThis as unknown as { Deno?: DenoLike }).Deno;

// Deno counts each frame as buffered until it is written; this much is no backlog yet.
const BACKLOG = 65_536;
const MANY_FRAMES = 1024;
// A frame that waits takes far more than its bytes, nearly a kilobyte. Counted with less, so that
// a program may send a hundred thousand in one turn, a client that reads none cannot fill memory.
const FRAME_COST = 128;

/** What Deno offers, or `undefined` on another runtime. */
export function denoHost(): Host | undefined {
  return typeof deno?.serve === "function" ? host : undefined;
}

const host: Host = {
  name: "Deno",
  compresses: false,
  debugScopes() {
    // Asking for the variable itself would prompt a user who did not allow it.
    const { state } = deno?.permissions.querySync({ name: "env", variable: "DEBUG" }) ?? {};
    const scopes = state === "granted" ? deno?.env.get("DEBUG") : undefined;
    return scopes?.includes("sockeye") ? scopes : undefined;
  },
  async mayRead(file) {
    const { state } = await (deno as DenoLike).permissions.query(
      file.protocol === "file:" ? { name: "read", path: file } : { name: "net", host: file.host },
    );
    return state === "granted";
  },
  runtime: (connection) => new DenoRuntime(connection),
  handlers: (_settings, foreign) => foreign ?? { message() {} },
  listen,
};

class DenoRuntime implements Runtime {
  // Reading a signal doubles the cost of a request, so only a poll that waits long is watched.
  readonly abortDelay = 1000;
  readonly #info: unknown;

  constructor(info: unknown) {
    this.#info = info;
  }

  upgrade(
    request: Request,
    handler: RawSocketHandler,
    headers?: Headers,
  ): Response | undefined {
    if (deno === undefined) return undefined;
    // Browsers refuse a server that takes none of the subprotocols they offer. Bun takes the first.
    const protocol = request.headers.get("sec-websocket-protocol")?.split(",")[0]?.trim();
    try {
      const { socket, response } = deno.upgradeWebSocket(request, {
        idleTimeout: 0,
        ...protocol && { protocol },
      });
      new DenoSocket(socket, handler);
      headers?.forEach((value, name) => response.headers.append(name, value));
      return response;
    } catch {
      // A request that lacks a header of the WebSocket handshake makes Deno throw.
      return undefined;
    }
  }

  remoteAddress(): string {
    const info = this.#info as { remoteAddr?: { hostname?: string } } | undefined;
    return info?.remoteAddr?.hostname ?? "";
  }
}

/** Hears the events of its WebSocket as one object: a function for each takes a kilobyte more. */
class DenoSocket implements RawSocket, EventListenerObject {
  handler: RawSocketHandler;
  readonly #socket: WebSocket;
  // What may still be buffered: all that was sent since it was last asked for, in bytes and frames.
  #sent = 0;
  #frames = 0;

  constructor(socket: WebSocket, handler: RawSocketHandler) {
    this.handler = handler;
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", this);
    socket.addEventListener("message", this);
    socket.addEventListener("close", this);
  }

  handleEvent(event: Event): void {
    try {
      this.#heard(event);
    } catch (error) {
      // Thrown on, it would end the process.
      console.error("Error in a WebSocket handler:", error);
    }
  }

  get bufferedAmount(): number {
    const buffered = this.#socket.bufferedAmount;
    this.#frames = buffered === 0
      ? 0
      : Math.ceil(this.#frames * Math.min(1, buffered / this.#sent));
    this.#sent = buffered;
    return buffered + this.#frames * FRAME_COST;
  }

  send(frame: string | Uint8Array, _compress: boolean): SendResult {
    if (this.#socket.readyState !== WebSocket.OPEN) return "dropped";
    this.#socket.send(frame as string | Uint8Array<ArrayBuffer>);
    // To ask what is buffered is a call into the runtime: not before it can be a backlog.
    this.#sent += frame.length;
    this.#frames++;
    if (this.#sent <= BACKLOG && this.#frames < MANY_FRAMES) return "sent";
    return this.bufferedAmount > BACKLOG ? "queued" : "sent";
  }

  close(code = 1000, reason = ""): void {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(code, reason);
  }

  // Deno cannot cut one connection. What a silent peer leaves behind is Deno's socket alone.
  terminate(): void {
    this.close(1011);
  }

  #heard(event: Event): void {
    if (event.type === "message") {
      const { data } = event as Event & { data: string | ArrayBuffer };
      this.handler.message(typeof data === "string" ? data : new Uint8Array(data));
    } else if (event.type === "open") {
      this.handler.open(this);
    } else {
      const { code, reason } = event as CloseEvent;
      // Without a close frame the code is 0, whether the peer is gone or sent what is no frame.
      this.handler.close(code, reason, false);
    }
  }
}

// Deno would pass over them, and listen elsewhere, or without TLS.
const OF_BUN: Readonly<Record<string, string>> = {
  tls: 'Cannot listen: "tls" is for Bun; on both runtimes give "cert" and "key" themselves',
  unix: 'Cannot listen: "unix" is for Bun; on Deno the path of a Unix socket is called "path"',
};

const PATH_AND_PORT = 'Cannot listen: "path" is that of a Unix socket, which has no "port"; ' +
  "that of a URL is an option of the constructor";

function listen(
  options: ListenOptions,
  handler: (request: Request, info?: unknown) => Response | Promise<Response>,
): Promise<Listening> {
  if (deno === undefined) return Promise.reject(new TypeError("Cannot listen: this is not Deno"));
  for (const [name, refusal] of Object.entries(OF_BUN)) {
    if (options[name] !== undefined) return Promise.reject(new TypeError(refusal));
  }
  if (options["path"] !== undefined && options.port !== undefined) {
    return Promise.reject(new TypeError(PATH_AND_PORT));
  }
  const stop = new AbortController();
  const { signal } = options as { readonly signal?: AbortSignal };
  const server = deno.serve(
    {
      onListen() {},
      ...options,
      signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
    },
    options["cert"] === undefined
      ? (request, info) => handler(withoutTls(request), info)
      : (request, info) => handler(request, info),
  );
  const isShutDown = watchShutdown(server);
  return Promise.resolve({
    port: server.addr.port ?? 0,
    hostname: server.addr.hostname ?? "",
    server,
    // Not `shutdown`, which waits for bodies that a client may never send.
    stop: () => {
      if (!isShutDown()) stop.abort();
      return server.finished;
    },
  });
}

/**
 * Takes TLS out of the URL of a request that came without. Deno has the scheme from the client if
 * that sends a whole URL; a copy of the request could not become a WebSocket.
 */
function withoutTls(request: Request): Request {
  const { url } = request;
  if (url.startsWith("http:") || !/^(https|wss):/i.test(url)) return request;
  return Object.defineProperty(request, "url", { value: `http${url.slice(url.indexOf(":"))}` });
}

/** Tells whether the program has shut a server down: to abort it then would end the process. */
function watchShutdown(server: DenoServer): () => boolean {
  let begun = false;
  for (const method of ["shutdown", Symbol.asyncDispose] as const) {
    const original = server[method];
    server[method] = () => {
      begun = true;
      return original.call(server);
    };
  }
  return () => begun;
}
