import type { Message } from "../../parser/engine/mod.ts";
import { Addresses } from "./addresses.ts";
import { socketCompression } from "./compression.ts";
import { nextTurn } from "./deadlines.ts";
import { EngineEmitter } from "./engine_emitter.ts";
import type { EngineEvents } from "./engine_events.ts";
import { Gate } from "./gate.ts";
import { checkHandler, createHandler, type HandlerOptions } from "./handler.ts";
import { randomId } from "./id.ts";
import { listenOptions } from "./listen_options.ts";
import { showEngine } from "./looks.ts";
import { type Middleware, Middlewares } from "./middlewares.ts";
import { answering, elsewhere, type Next } from "./next.ts";
import {
  type EngineOptions,
  type ResolvedOptions,
  resolveOptions,
  thresholdOf,
} from "./options.ts";
import { type FileServer, Reception, type ReceptionHost } from "./reception.ts";
import { guard } from "./report.ts";
import type { Handler, Host, Listening, ListenOptions, Runtime } from "./runtime.ts";
import type { Session } from "./session.ts";
import { SessionFactory } from "./session_factory.ts";
import type { TransportName } from "./transport.ts";
import { UrlReader } from "./url_reader.ts";
import { WebSocketTransport } from "./websocket.ts";
import { endSession, type WebTransportSessionLike } from "./webtransport.ts";
import { type WebTransportDetails, WebTransportReception } from "./webtransport_reception.ts";

/** Serves Engine.IO: answers its requests and makes sessions of them. */
export class Engine extends EngineEmitter<EngineEvents> {
  /** The layer above: called for each new session, before any packet of it is handled. */
  onSession: ((session: Session) => void) | undefined;
  /** Serves a file below the path, if there is one by that name. */
  files: FileServer | undefined;
  readonly #options: ResolvedOptions;
  readonly #alsoKnown: readonly string[];
  #urls: UrlReader;
  readonly #host: Host | undefined;
  readonly #sessions = new Map<string, Session>();
  readonly #addresses: Addresses;
  readonly #factory: SessionFactory;
  readonly #middlewares: Middlewares;
  readonly #reception: Reception;
  readonly #webtransport: WebTransportReception;
  readonly #listening = new Set<Promise<Listening>>();
  readonly #publishers = new Set<Runtime>();
  #closed = false;

  /**
   * Takes the options, and what the running runtime offers.
   *
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
    this.#alsoKnown = alsoKnown;
    this.#urls = new UrlReader(this.#options.path, !this.#options.addTrailingSlash);
    this.#host = host;
    this.#middlewares = new Middlewares(this.#options.reportError);
    this.#addresses = new Addresses(this.#options.maxConnectionsPerAddress);
    this.#factory = new SessionFactory(
      this.#options,
      thresholdOf(socketCompression(this.#options, host)),
      {
        opened: (session) => this.#opened(session),
        ended: (session) => this.#ended(session),
        parted: (id) => this.#sessions.delete(id),
        observed: () => this.hasListeners("flush") || this.hasListeners("drain"),
        flushed: (session, messages) => this.#flushed(session, messages),
      },
    );
    const gate = new Gate(this.#options);
    const staff = [this.#options, this.#receptionHost(), gate, this.#middlewares] as const;
    this.#reception = new Reception(...staff);
    this.#webtransport = new WebTransportReception(...staff);
  }

  /** The options, with the defaults filled in. */
  get opts(): ResolvedOptions {
    return this.#options;
  }

  /** The path that is answered; see the option. */
  get path(): string {
    return this.#options.path;
  }

  set path(path: string) {
    Object.assign(this.#options, { path });
    this.#urls = new UrlReader(path, !this.#options.addTrailingSlash);
  }

  /** Makes the ids of sessions; see the option. */
  get generateId(): NonNullable<EngineOptions["generateId"]> {
    return this.#options.generateId ?? randomId;
  }

  set generateId(generateId: NonNullable<EngineOptions["generateId"]>) {
    Object.assign(this.#options, { generateId });
  }

  /** How many clients are connected. */
  get clientsCount(): number {
    return this.#sessions.size - this.#factory.services.farewells.size;
  }

  /** Whether {@linkcode Engine.publish} keeps the order with what was sent, unseen by listeners. */
  get canPublish(): boolean {
    const { blocked, observed } = this.#factory.services;
    return this.#publishers.size > 0 && blocked.size === 0 && !observed();
  }

  /** The transports that a client on this one may move to: from `polling` to those enabled. */
  upgrades(transport: TransportName): readonly TransportName[] {
    return this.#factory.upgrades(transport);
  }

  /**
   * Adds a middleware behind those that are there. It sees every request to the engine, WebSocket
   * handshakes and WebTransport sessions included. `next(error)`, a throw, and an async function
   * that neither calls `next` nor returns a `Response` refuse it with error 3.
   *
   * @throws {TypeError} if it is not a function, or takes `(req, res, next)` as for Node.
   */
  use(middleware: Middleware): this {
    this.#middlewares.use(middleware);
    return this;
  }

  /**
   * A request handler for `Deno.serve`, and an object to spread into the options of `Bun.serve`.
   *
   * @param next answers what is not for the engine; without it that is a 404.
   * @throws {TypeError} if `next` is no function, or one for the HTTP server of Node.
   */
  handler(next?: Next, options: HandlerOptions = {}): Handler {
    const { maxHttpBufferSize: maxPayload, maxBackpressure } = this.#options;
    const compression = socketCompression(this.#options, this.#host) !== false;
    const settings = { maxPayload, maxBackpressure, compression };
    const others = next === undefined ? undefined : answering(next, this.#options.reportError);
    return createHandler(
      (request, connection) => this.fetch(request, connection, others),
      this.#host?.handlers(settings, options.websocket),
      this.#options,
    );
  }

  /**
   * Answers one request.
   *
   * @param connection what the runtime gave beside the request.
   * @param next answers what is not for the engine; without it that is a 404.
   */
  fetch(request: Request, connection?: unknown, next?: Next): Response | Promise<Response> {
    const asked = this.#urls.read(request.url);
    if (asked === undefined) return elsewhere(request, connection, next);
    const refused = this.#closed && !this.#factory.services.farewells.has(asked.query.sid);
    if (refused || this.#host === undefined) return new Response(null, { status: 503 });
    return this.#reception.receive(request, this.#host.runtime(connection), asked);
  }

  /**
   * Takes a WebTransport session, as `Deno.upgradeWebTransport` gives it: for a new client, or for
   * one that moves here from long polling. `"webtransport"` MUST be among the `transports`. Who is
   * refused, or has sent no first packet within `upgradeTimeout`, is disconnected. Settles once that
   * is decided; never rejects.
   *
   * Such a session brings a URL and no headers. Where it comes from a request with headers, hand it
   * over as well, so that `cors`, `allowRequest` and middlewares can see them.
   */
  async onWebTransportSession(
    session: WebTransportSessionLike,
    details: WebTransportDetails = {},
  ): Promise<void> {
    const url = details.request?.url ?? session.url;
    const owned = url === undefined || this.#urls.read(url) !== undefined;
    if (this.#closed || !owned) return endSession(session);
    await this.#webtransport.receive(session, details);
  }

  /**
   * Starts a server of the runtime.
   *
   * @param options the port, or the options of `Deno.serve` or `Bun.serve`.
   * @param handler what it serves; by default the engine alone.
   * @throws {TypeError} if the handler comes from elsewhere, or neither Deno nor Bun runs the program.
   */
  async listen(
    options: number | ListenOptions,
    handler: Handler = this.handler(),
  ): Promise<Listening> {
    if (this.#host === undefined) {
      throw new TypeError("Cannot listen: neither Deno nor Bun runs this program");
    }
    checkHandler(handler);
    const where = listenOptions(options, this.#alsoKnown);
    this.#closed = false;
    const listening = this.#host.listen(where, handler);
    this.#listening.add(listening);
    listening.catch(() => this.#listening.delete(listening));
    return await listening;
  }

  /**
   * Ends all sessions, as `server shutting down`, and the servers that `listen` has started; settles
   * when all is done. What was sent before still leaves: a client on long polling has a second to
   * fetch it. All other requests that still come are answered by 503.
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (const session of [...this.#sessions.values()]) session.ended("server shutting down");
    this.#publishers.clear();
    const listening = [...this.#listening];
    this.#listening.clear();
    await this.#reception.settled();
    if (this.#closed) this.#factory.close();
    await nextTurn(); // for the last answers to leave, before connections are cut or the process ends
    const stopped = listening.map((server) => server.then(({ stop }) => stop(), () => {}));
    await Promise.all([this.#webtransport.close(), this.#reception.close(), ...stopped]);
  }

  /**
   * Sends a message to all sessions that are subscribed to a topic, but for one if it is given.
   * Returns `false`, having sent nothing, if that one cannot be left out.
   */
  publish(topic: string, message: Message, compress = false, except?: Session): boolean {
    const { outbox, compressFrom } = this.#factory.websocket;
    if (except !== undefined) {
      const { transport } = except;
      if (this.#publishers.size !== 1 || !(transport instanceof WebSocketTransport)) return false;
      outbox.flush();
      return transport.publish(topic, message, compress);
    }
    outbox.flush();
    for (const runtime of this.#publishers) {
      for (const frame of message.frames) {
        runtime.publish?.(topic, frame, compress && frame.length >= compressFrom);
      }
    }
    return true;
  }

  /** Says where a listener failed. */
  override listenerFailed(error: unknown, event: string | symbol): void {
    this.#options.reportError(error, { event: String(event) });
  }

  #receptionHost(): ReceptionHost {
    const isClosed = () => this.#closed;
    const files = () => this.files;
    return {
      sessions: this.#sessions,
      addresses: this.#addresses,
      factory: this.#factory,
      get closed() {
        return isClosed();
      },
      get files() {
        return files();
      },
      asked: (url) => this.#urls.read(url),
      hasListeners: (event) => this.hasListeners(event),
      dispatch: (event, args) => this.dispatch(event, args),
      uses: (runtime) => runtime.publish !== undefined && this.#publishers.add(runtime),
    };
  }

  #opened(session: Session): void {
    if (this.#closed) return session.ended("server shutting down");
    // Those that came at once may all have passed before the first of them was open.
    const taken = this.#sessions.has(session.id);
    if (taken || this.#addresses.isFull(session)) return session.ended("forced close");
    this.#sessions.set(session.id, session);
    this.#addresses.add(session.remoteAddress);
    this.#factory.welcome(session);
    guard(() => this.onSession?.(session), "connection", this.#options.reportError);
    this.dispatch("connection", [session]);
  }

  #ended(session: Session): void {
    if (this.#sessions.get(session.id) !== session) return;
    this.#addresses.delete(session.remoteAddress);
    if (!this.#factory.services.farewells.has(session.id)) this.#sessions.delete(session.id);
  }

  #flushed(session: Session, messages: readonly Message[]): void {
    if (messages.length > 0) this.dispatch("flush", [session, messages]);
    if (session.writeBuffer.length === 0) this.dispatch("drain", [session]);
  }
}

showEngine(Engine);
