import {
  debugScope,
  type DefaultEventsMap,
  type DefaultSocketData,
  type Emitter,
  type EventsMap,
} from "../events/mod.ts";
import {
  type Adapter,
  type AdapterClass,
  type AdapterFactory,
  type AdapterScope,
  LocalAdapter,
  type Publish,
} from "./adapter/mod.ts";
import { adapterMaker } from "./adapters.ts";
import { checkEngine } from "./check_engine.ts";
import { ClientFiles } from "./client_files.ts";
import { startDebugging } from "./debugging.ts";
import { Engine } from "./engine/engine.ts";
import type { HandlerOptions } from "./engine/handler.ts";
import { randomId } from "./engine/id.ts";
import type { Next } from "./engine/next.ts";
import type { Session } from "./engine/session.ts";
import type { Handler, Host, Listening, ListenOptions } from "./engine/runtime.ts";
import {
  Connection,
  type ConnectionContext,
  Directory,
  endSockets,
  type Link,
  type Namespace,
  type NamespaceContext,
  type NamespaceMatcher,
  type Socket,
} from "./namespace/mod.ts";
import { Joining } from "./joining.ts";
import { MainNamespace } from "./main_namespace.ts";
import {
  checkServerOptions,
  parsersOf,
  resolveLimits,
  resolveRecovery,
  SERVER_OPTION_NAMES,
  type ServerOptions,
} from "./options.ts";

const debug = debugScope("sockeye:server");
const DEFAULT_PATH = "/socket.io";
const DEFAULT_CONNECT_TIMEOUT = 45_000;

/**
 * The server without the runtime that it runs on, which `mod.ts` finds. It stands for its main
 * namespace: listeners, middlewares and broadcasts are those of `io.of("/")`.
 */
export class BaseServer<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> extends MainNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
  /** The Engine.IO server below. */
  readonly engine: Engine;
  /** The options as they were given. */
  readonly opts: Readonly<ServerOptions>;
  /** The main namespace, `/`. */
  readonly sockets: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  readonly #directory: Directory<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  readonly #connections: ConnectionContext;
  readonly #files: ClientFiles;
  readonly #joining: Joining;
  #createAdapter: (scope: AdapterScope) => Adapter;
  #adapterOption: AdapterClass | AdapterFactory;
  #listening: Promise<Listening> | undefined;
  #started: Listening | undefined;

  /**
   * Takes the options, and what the running runtime offers.
   *
   * @throws {TypeError | RangeError} if an option is wrong; the message names it.
   */
  constructor(options: ServerOptions, host: Host | undefined) {
    super();
    const set = checkServerOptions(options);
    startDebugging(set.debug ?? host?.debugScopes());
    this.opts = options;
    this.#files = new ClientFiles(host?.mayRead);
    this.engine = new Engine({ path: DEFAULT_PATH, ...set }, host, SERVER_OPTION_NAMES);
    this.engine.onSession = (session) => this.#accept(session, true);
    this.serveClient(set.serveClient ?? true);
    this.#joining = new Joining(set.connectTimeout || DEFAULT_CONNECT_TIMEOUT);
    this.#adapterOption = set.adapter ?? LocalAdapter;
    this.#createAdapter = this.#adapterMaker(this.#adapterOption);
    const { maxEmpty, ...limits } = resolveLimits(set, this.engine.opts.maxHttpBufferSize);
    this.#directory = new Directory({ context: this.#namespaceContext(), maxEmpty });
    this.#connections = {
      directory: this.#directory as unknown as ConnectionContext["directory"],
      parsers: parsersOf(set),
      ...limits,
      settled: (connection) => this.#joining.delete(connection),
    };
    this.sockets = this.#directory.of("/");
    this.shareListeners(this.sockets as unknown as Emitter);
    this.#directory.created = (namespace) => this.sockets.dispatch("new_namespace", [namespace]);
  }

  /** The namespaces by name. */
  get _nsps(): ReadonlyMap<
    string,
    Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  > {
    return this.#directory.namespaces;
  }

  /** The `Deno.HttpServer` or `Bun.Server` that {@linkcode BaseServer.listen} has started. */
  get httpServer(): unknown {
    return this.#started?.server;
  }

  /**
   * Makes what `Deno.serve` takes as handler, and what is spread into the options of `Bun.serve`.
   * `Server` has an example.
   *
   * @param next answers requests for other paths; without it they get 404.
   * @param options with the handlers for the program's own WebSockets on Bun; none by default.
   * @throws {TypeError} if `next` is no function, or one for the HTTP server of Node.
   */
  handler(next?: Next, options?: HandlerOptions): Handler {
    return this.engine.handler(next, options);
  }

  /**
   * Starts the runtime's own server and resolves once it listens.
   *
   * @param port the port, 0 lets the system choose; or an object that has `hostname`, too, which is
   * `0.0.0.0` by default, and whatever else the runtime takes.
   * @param handler what it serves; by default this server alone.
   * @throws {Error} (rejects) if the address cannot be bound to, or it listens already.
   * @throws {TypeError} (rejects) if the port is a function, the object has one that answers
   * requests, or the handler comes from elsewhere.
   */
  async listen(port: number | ListenOptions, handler?: Handler): Promise<Listening> {
    if (this.#listening !== undefined) throw new Error("The server listens already");
    const listening = this.#listening = this.engine.listen(port, handler);
    listening.catch(() => this.#forget(listening));
    const started = await listening;
    if (this.#listening === listening) this.#started = started; // not closed meanwhile
    if (debug.enabled) debug.log(`listening on port ${started.port}`);
    return started;
  }

  /** The same as {@linkcode BaseServer.listen}. */
  attach(port: number | ListenOptions, handler?: Handler): Promise<Listening> {
    return this.listen(port, handler);
  }

  /**
   * Takes connections from another engine as well: it calls listeners of `connection` with links.
   *
   * @throws {TypeError} if it is none of `@sockeye/io/engine`.
   */
  bind(engine: { on(event: "connection", listener: (link: Link) => void): unknown }): this {
    checkEngine(engine);
    engine.on("connection", (link) => this.onconnection(link));
    return this;
  }

  /** Takes over a low-level connection, such as a session of another engine. */
  onconnection(link: Link): this {
    this.#accept(link, false);
    return this;
  }

  /** Sets the path that is answered, `/socket.io` by default; the option `path` does so too. */
  path(path: string): this;
  /** The path that is answered. */
  path(): string;
  path(path?: string): this | string {
    if (path === undefined) return this.engine.path;
    this.engine.path = path;
    return this;
  }

  /** Sets how long, in milliseconds, a connection may be in no namespace; 45,000 by default. */
  connectTimeout(timeout: number): this;
  /** How long, in milliseconds, a connection may be in no namespace. */
  connectTimeout(): number;
  connectTimeout(timeout?: number): this | number {
    if (timeout === undefined) return this.#joining.timeout;
    this.#joining.timeout = timeout;
    return this;
  }

  /**
   * Sets what makes adapters, anew for the namespaces that exist.
   *
   * @throws {TypeError} if it is no function.
   * @throws {Error} if there are clients already.
   */
  adapter(adapter: AdapterClass | AdapterFactory): this;
  /** What makes adapters. */
  adapter(): AdapterClass | AdapterFactory;
  adapter(adapter?: AdapterClass | AdapterFactory): this | AdapterClass | AdapterFactory {
    if (adapter === undefined) return this.#adapterOption;
    this.#directory.renewAdapters(() => this.#createAdapter = this.#adapterMaker(adapter));
    this.#adapterOption = adapter;
    return this;
  }

  /** Sets whether the bundles of the browser client are served; they are by default. */
  serveClient(serve: boolean): this;
  /** Whether the bundles of the browser client are served. */
  serveClient(): boolean;
  serveClient(serve?: boolean): this | boolean {
    if (serve === undefined) return this.engine.files !== undefined;
    this.engine.files = serve ? (request, name) => this.#files.serve(request, name) : undefined;
    return this;
  }

  /**
   * The namespace of this name, made if need be. With a RegExp or a function it is the parent of
   * those that clients may ask for by that rule.
   *
   * @param connected a listener of `connection`.
   * @throws {TypeError} if the wire cannot carry the name: it has a comma, a question mark, a control
   * character, half a surrogate pair, or more than 1,024 characters.
   */
  of(
    name: string | RegExp | NamespaceMatcher,
    connected?: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const namespace = this.#directory.of(name);
    if (connected !== undefined) namespace.on("connection", connected as never);
    return namespace;
  }

  /**
   * Disconnects everyone with `server shutting down`, closes adapters and engine, and stops what
   * {@linkcode BaseServer.listen} has started. What was sent before still leaves; who does not fetch
   * it holds this up by a second at most. Settles when all of that is done.
   *
   * @param callback called then, with the error if there is one.
   * @throws {Error} (rejects) if an adapter, or the runtime's server, cannot be closed.
   */
  async close(callback?: (error?: Error) => void): Promise<void> {
    try {
      const ended = endSockets(this.#directory.namespaces);
      if (ended !== undefined) await ended;
      this.#joining.clear();
      const listening = this.#listening;
      await Promise.all([this.#directory.close(), this.engine.close()]);
      this.#forget(listening);
    } catch (error) {
      callback?.(error as Error);
      throw error;
    }
    callback?.();
  }

  /** Closes the server at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // Unless it has begun to listen again.
  #forget(listening: Promise<Listening> | undefined): void {
    if (this.#listening === listening) this.#listening = this.#started = undefined;
  }

  // What is published reaches the sessions of the own engine only.
  #accept(link: Link, publishes: boolean): void {
    const connection = new Connection(link, this.#connections, publishes);
    link.handler = connection;
    this.#joining.add(connection);
    if (link.protocol === 3) connection.connect("/");
  }

  #namespaceContext(): NamespaceContext {
    const { engine } = this;
    const publish: Publish = (topic, message, compress, except) =>
      engine.publish(topic, message, compress, except as Session | undefined);
    return {
      server: this,
      createAdapter: (scope) => this.#createAdapter(scope),
      newId: randomId,
      reportError: engine.opts.reportError,
      get publish() {
        return engine.canPublish ? publish : undefined;
      },
      recovery: resolveRecovery(this.opts.connectionStateRecovery),
    };
  }

  #adapterMaker(option: AdapterClass | AdapterFactory): (scope: AdapterScope) => Adapter {
    const { pingInterval, pingTimeout } = this.engine.opts;
    const recovery = resolveRecovery(this.opts.connectionStateRecovery);
    const detectionTime = pingInterval + pingTimeout;
    return adapterMaker(option, recovery && { ...recovery, detectionTime });
  }
}
