import { Emitter } from "../../events/mod.ts";
import type { Message } from "../../parser/engine/mod.ts";
import { cookieMaker } from "./cookie.ts";
import { answerCors, type CorsAnswer } from "./cors.ts";
import { Exchange, type ReplySettings } from "./exchange.ts";
import { Gate } from "./gate.ts";
import { randomId } from "./id.ts";
import {
  type EngineOptions,
  type ResolvedOptions,
  resolveOptions,
  thresholdOf,
} from "./options.ts";
import { PollingTransport } from "./polling.ts";
import { parseQuery, pathOf } from "./query.ts";
import { Rejection, RejectionCode } from "./rejection.ts";
import { reportFailure } from "./report.ts";
import type {
  Handler,
  Host,
  Listening,
  ListenOptions,
  Runtime,
  SocketHandlers,
} from "./runtime.ts";
import type { Session } from "./session.ts";
import { SessionFactory } from "./session_factory.ts";
import type { TransportName } from "./transport.ts";
import { verify } from "./verify.ts";

/** Why a request was refused, as the event `connection_error` tells. */
export interface ConnectionError {
  /** The request. */
  readonly req: Request;
  /** The code that was sent. */
  readonly code: number;
  /** The text that was sent. */
  readonly message: string;
  /** What else is known; it was not sent. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** The events of an {@linkcode Engine}. */
export interface EngineEvents {
  /** A client connected. */
  connection: (session: Session) => void;
  /** The headers of a reply that opens a session; they may be changed. */
  initial_headers: (headers: Headers, request: Request) => void;
  /** The headers of any reply; they may be changed. */
  headers: (headers: Headers, request: Request) => void;
  /** A request was refused. */
  connection_error: (error: ConnectionError) => void;
  /** A session handed messages to its transport. */
  flush: (session: Session, messages: readonly Message[]) => void;
  /** A session has nothing left to send. */
  drain: (session: Session) => void;
}

/** Answers a request that is not for the engine. */
export type Next = (request: Request, connection?: unknown) => Response | Promise<Response>;

/** Sees each request to the engine first. It answers by itself or by what `next()` returns. */
export type Middleware = (
  request: Request,
  next: () => Promise<Response>,
) => Response | Promise<Response>;

/** How a {@linkcode Handler} is made. */
export interface HandlerOptions {
  /** On Bun, the handlers for the WebSockets of the program itself, on the same server. */
  readonly websocket?: SocketHandlers;
}

/** Serves Engine.IO: answers its requests and makes sessions of them. */
export class Engine extends Emitter<EngineEvents> {
  /** The layer above: called for each new session, before any packet of it is handled. */
  onSession: ((session: Session) => void) | undefined;
  /** Serves a file below the path, if there is one by that name. */
  files:
    | ((request: Request, name: string) => Promise<Response | undefined>)
    | undefined;
  readonly #options: ResolvedOptions;
  readonly #path: string;
  readonly #host: Host | undefined;
  readonly #sessions = new Map<string, Session>();
  readonly #factory: SessionFactory;
  readonly #gate: Gate;
  readonly #replies: ReplySettings;
  readonly #cookie: ((value: string) => string) | undefined;
  readonly #middlewares: Middleware[] = [];
  readonly #listening = new Set<Listening>();
  readonly #publishers = new Set<Runtime>();
  #closed = false;

  /**
   * @param host what the running runtime offers. Without it there is long polling only.
   * @param alsoKnown the names of options that belong to the layer above.
   * @throws {TypeError | RangeError} if an option is wrong.
   */
  constructor(
    options: EngineOptions | undefined,
    host: Host | undefined,
    alsoKnown: readonly string[] = [],
  ) {
    super();
    this.#options = resolveOptions(options, alsoKnown);
    this.#path = new URL(this.#options.path, "http://host").pathname.replace(/\/$/, "");
    this.#host = host;
    this.#gate = new Gate(this.#options);
    const { cookie = false } = this.#options;
    if (cookie !== false) this.#cookie = cookieMaker(cookie === true ? {} : cookie);
    this.#replies = {
      compressFrom: thresholdOf(this.#options.httpCompression),
      decorated: () => this.hasListeners("headers"),
      decorate: (headers, request) => this.dispatch("headers", [headers, request]),
    };
    this.#factory = new SessionFactory(this.#options, thresholdOf(this.#compression()), {
      opened: (session) => this.#opened(session),
      ended: (session) => this.#sessions.delete(session.id),
      observed: () => this.hasListeners("flush") || this.hasListeners("drain"),
      flushed: (session, messages) => this.#flushed(session, messages),
    });
  }

  /** The options, with the defaults filled in. */
  get opts(): ResolvedOptions {
    return this.#options;
  }

  /** How many clients are connected. */
  get clientsCount(): number {
    return this.#sessions.size;
  }

  /** Whether {@linkcode Engine.publish} keeps the order with what is sent. */
  get canPublish(): boolean {
    return this.#publishers.size > 0 && this.#factory.services.blocked.size === 0;
  }

  /** The transports that a client of this one may move to. */
  upgrades(transport: TransportName): readonly TransportName[] {
    return this.#factory.upgrades(transport);
  }

  /** Adds a middleware behind those that are there. */
  use(middleware: Middleware): this {
    this.#middlewares.push(middleware);
    return this;
  }

  /**
   * A request handler for `Deno.serve`, and an object to spread into the options of `Bun.serve`.
   *
   * @param next answers what is not for the engine; without it that is a 404.
   */
  handler(next?: Next, options: HandlerOptions = {}): Handler {
    const { maxHttpBufferSize, maxBackpressure, pingInterval, pingTimeout } = this.#options;
    const fetch = (request: Request, connection?: unknown) => this.fetch(request, connection, next);
    return Object.assign(
      (request: Request, connection?: unknown) => fetch(request, connection),
      {
        fetch,
        websocket: this.#host?.handlers({
          maxPayload: maxHttpBufferSize,
          maxBackpressure,
          compression: this.#compression() !== false,
        }, options.websocket) ?? { message() {} },
        idleTimeout: Math.min(255, Math.max(10, Math.ceil((pingInterval + pingTimeout) / 1000))),
        // The engine counts for itself; Bun's own limit must not be lower than ours.
        maxRequestBodySize: Math.max(maxHttpBufferSize, BUN_BODY_LIMIT),
      },
    );
  }

  /**
   * Answers one request.
   *
   * @param connection what the runtime gave beside the request.
   */
  fetch(request: Request, connection?: unknown, next?: Next): Response | Promise<Response> {
    const { url } = request;
    const { start, end } = pathOf(url);
    if (!this.#owns(url, start, end)) {
      return next === undefined
        ? new Response("Not found", { status: 404 })
        : next(request, connection);
    }
    if (this.#closed || this.#host === undefined) return new Response(null, { status: 503 });
    const runtime = this.#host.runtime(connection);
    const { cors } = this.#options;
    const file = url.slice(start + this.#path.length + 1, end);
    const query = parseQuery(url.slice(end + 1));
    if (cors === undefined) {
      return this.#enter(new Exchange(request, query, runtime, undefined, this.#replies), file);
    }
    return this.#withCors(
      cors,
      request,
      (answer) => this.#enter(new Exchange(request, query, runtime, answer, this.#replies), file),
    );
  }

  /**
   * Starts a server of the runtime.
   *
   * @param options the port, or the options of `Deno.serve` or `Bun.serve`.
   * @param handler what it serves; by default the engine alone.
   */
  async listen(
    options: number | ListenOptions,
    handler: Handler = this.handler(),
  ): Promise<Listening> {
    if (this.#host === undefined) {
      throw new TypeError("Cannot listen: neither Deno nor Bun runs this program");
    }
    this.#closed = false;
    const listening = await this.#host.listen(
      typeof options === "number" ? { port: options } : options,
      handler,
    );
    this.#listening.add(listening);
    return listening;
  }

  /**
   * Ends all sessions and the servers that `listen` has started. Requests that still come are
   * answered by 503. Settles when all is done.
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (const session of [...this.#sessions.values()]) session.ended("server shutting down");
    this.#factory.close();
    this.#publishers.clear();
    const listening = [...this.#listening];
    this.#listening.clear();
    // The last answers need a turn to leave before the connections are cut.
    if (listening.length > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    await Promise.all(listening.map((server) => server.stop()));
  }

  /** Sends a message to all sessions that are subscribed to a topic. */
  publish(topic: string, message: Message, compress = false): void {
    const { outbox, compressFrom } = this.#factory.websocket;
    outbox.flush();
    for (const runtime of this.#publishers) {
      for (const frame of message.frames) {
        runtime.publish?.(topic, frame, compress && frame.length >= compressFrom);
      }
    }
  }

  #compression(): boolean | { readonly threshold?: number } {
    const { perMessageDeflate = false } = this.#options;
    if (perMessageDeflate === false || this.#host?.compresses !== false) return perMessageDeflate;
    warnOnce(`Option "perMessageDeflate" has no effect: ${this.#host.name} cannot compress`);
    return false;
  }

  #owns(url: string, start: number, end: number): boolean {
    if (!url.startsWith(this.#path, start)) return false;
    const after = start + this.#path.length;
    if (after < end) return url.charCodeAt(after) === SLASH;
    return after === end && !this.#options.addTrailingSlash;
  }

  async #withCors(
    cors: NonNullable<EngineOptions["cors"]>,
    request: Request,
    enter: (answer: CorsAnswer) => Response | Promise<Response>,
  ): Promise<Response> {
    let answer: CorsAnswer;
    try {
      answer = await answerCors(cors, request);
    } catch (error) {
      reportFailure(error, "cors");
      answer = { allowed: false, headers: [] };
    }
    if (answer.status === undefined) return enter(answer);
    const headers = new Headers(answer.headers as [string, string][]);
    this.dispatch("headers", [headers, request]);
    return new Response(null, { status: answer.status, headers });
  }

  #enter(exchange: Exchange, file: string): Response | Promise<Response> {
    if (this.#middlewares.length === 0) return this.#serve(exchange, file);
    return this.#through(0, exchange, file).catch((error) => {
      reportFailure(error, "middleware");
      return this.#refuse(
        exchange,
        new Rejection(RejectionCode.BadRequest, {
          name: "MIDDLEWARE_FAILURE",
          error,
        }),
      );
    });
  }

  async #through(index: number, exchange: Exchange, file: string): Promise<Response> {
    const middleware = this.#middlewares[index];
    if (middleware === undefined) return this.#serve(exchange, file);
    return await middleware(exchange.request, () => this.#through(index + 1, exchange, file));
  }

  #serve(exchange: Exchange, file: string): Response | Promise<Response> {
    const { request, query } = exchange;
    if (file !== "" && query.transport === undefined) {
      const served = this.#file(exchange, file);
      if (served !== undefined) return served;
    }
    const { method, headers } = request;
    const upgrade = query.transport === "websocket" && isUpgrade(headers);
    const origin = headers.get("origin");
    const found = verify({ query, method, origin, upgrade }, {
      transports: this.#options.transports,
      sessions: this.#sessions,
    });
    if (found instanceof Rejection) return this.#refuse(exchange, found);
    if (found === undefined || upgrade) return this.#admit(exchange, found, upgrade, origin);
    const { transport } = found;
    if (!(transport instanceof PollingTransport)) return exchange.fail(500);
    if (method === "GET") return transport.poll(exchange);
    return method === "POST" ? transport.post(exchange) : exchange.fail(500);
  }

  #file(exchange: Exchange, name: string): Promise<Response> | undefined {
    const { method } = exchange.request;
    if (this.files === undefined || (method !== "GET" && method !== "HEAD")) return undefined;
    return this.files(exchange.request, name).then((response) =>
      response === undefined
        ? this.#refuse(exchange, new Rejection(RejectionCode.TransportUnknown))
        : exchange.wrap(response)
    );
  }

  #admit(
    exchange: Exchange,
    session: Session | undefined,
    upgrade: boolean,
    origin: string | null,
  ): Response | Promise<Response> {
    const verdict = this.#gate.pass(exchange, origin, upgrade, session === undefined);
    return verdict instanceof Promise
      ? verdict.then((late) => this.#proceed(exchange, session, upgrade, late))
      : this.#proceed(exchange, session, upgrade, verdict);
  }

  #proceed(
    exchange: Exchange,
    session: Session | undefined,
    upgrade: boolean,
    verdict: Rejection | undefined,
  ): Response | Promise<Response> {
    if (verdict !== undefined) return this.#refuse(exchange, verdict);
    if (this.#closed) return exchange.fail(503);
    if (session !== undefined) return this.#upgrade(exchange, session);
    const { generateId } = this.#options;
    if (generateId === undefined) return this.#handshake(exchange, randomId(), upgrade);
    return this.#handshakeById(exchange, generateId, upgrade);
  }

  async #handshakeById(
    exchange: Exchange,
    generateId: (request: Request) => string | Promise<string>,
    upgrade: boolean,
  ): Promise<Response> {
    try {
      const id = await generateId(exchange.request);
      if (typeof id === "string" && id !== "" && !this.#sessions.has(id)) {
        return this.#handshake(exchange, id, upgrade);
      }
    } catch (error) {
      reportFailure(error, "generateId");
    }
    return this.#refuse(
      exchange,
      new Rejection(RejectionCode.BadRequest, {
        name: "ID_GENERATION_ERROR",
      }),
    );
  }

  #handshake(exchange: Exchange, id: string, upgrade: boolean): Response {
    if (this.#closed) return exchange.fail(503);
    const headers = this.#initialHeaders(exchange, id);
    if (!upgrade) return this.#factory.polling(exchange, id, headers ?? exchange.bare());
    this.#uses(exchange.runtime);
    return this.#factory.overWebSocket(exchange, id, headers) ??
      this.#refuse(
        exchange,
        new Rejection(RejectionCode.BadRequest, {
          name: "TRANSPORT_HANDSHAKE_ERROR",
        }),
      );
  }

  #upgrade(exchange: Exchange, session: Session): Response {
    this.#uses(exchange.runtime);
    const headers = this.hasListeners("headers") ? new Headers() : undefined;
    if (headers !== undefined) this.dispatch("headers", [headers, exchange.request]);
    return this.#factory.upgrade(exchange, session, headers) ??
      this.#refuse(
        exchange,
        new Rejection(RejectionCode.BadRequest, {
          name: "TRANSPORT_HANDSHAKE_ERROR",
        }),
      );
  }

  #uses(runtime: Runtime): void {
    if (runtime.publish !== undefined) this.#publishers.add(runtime);
  }

  #initialHeaders(exchange: Exchange, id: string): Headers | undefined {
    const cookie = this.#cookie;
    if (
      cookie === undefined && !this.hasListeners("initial_headers") && !this.hasListeners("headers")
    ) return undefined;
    const headers = exchange.bare();
    if (cookie !== undefined) headers.append("set-cookie", cookie(id));
    this.dispatch("initial_headers", [headers, exchange.request]);
    this.dispatch("headers", [headers, exchange.request]);
    return headers;
  }

  #refuse(exchange: Exchange, rejection: Rejection): Response {
    const { code, message, context } = rejection;
    this.dispatch("connection_error", [{ req: exchange.request, code, message, context }]);
    return exchange.refuse(rejection);
  }

  #opened(session: Session): void {
    if (this.#closed) return session.ended("server shutting down");
    this.#sessions.set(session.id, session);
    this.#factory.welcome(session);
    try {
      this.onSession?.(session);
    } catch (error) {
      reportFailure(error, "connection");
    }
    this.dispatch("connection", [session]);
  }

  #flushed(session: Session, messages: readonly Message[]): void {
    if (this.hasListeners("flush")) this.dispatch("flush", [session, messages]);
    if (session.writeBuffer.length === 0) this.dispatch("drain", [session]);
  }
}

const SLASH = 47;
const BUN_BODY_LIMIT = 128 * 1024 * 1024;

function isUpgrade(headers: Headers): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

let warned = false;

function warnOnce(text: string): void {
  if (!warned) console.warn(text);
  warned = true;
}
