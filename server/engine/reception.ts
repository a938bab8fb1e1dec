import { cookieMaker } from "./cookie.ts";
import { answerCors, type CorsAnswer } from "./cors.ts";
import { Exchange, type ReplySettings } from "./exchange.ts";
import type { Gate } from "./gate.ts";
import { checkId, randomId } from "./id.ts";
import { logRefusal } from "./log.ts";
import type { Middlewares } from "./middlewares.ts";
import { type ResolvedOptions, thresholdOf } from "./options.ts";
import { PollingTransport } from "./polling.ts";
import { badRequest, Rejection, RejectionCode, tooMany } from "./rejection.ts";
import { Relay } from "./relay/relay.ts";
import type { Runtime } from "./runtime.ts";
import type { ReceptionHost } from "./reception_host.ts";
import type { Session } from "./session.ts";
import type { Asked } from "./url_reader.ts";
import { type Rules, verify } from "./verify.ts";

export type { FileServer, ReceptionHost } from "./reception_host.ts";

/** Answers the requests to an engine, from the first look to the session that they are for. */
export class Reception {
  readonly #options: ResolvedOptions;
  readonly #host: ReceptionHost;
  readonly #gate: Gate;
  readonly #replies: ReplySettings;
  readonly #cookie: ((value: string) => string) | undefined;
  readonly #middlewares: Middlewares;
  readonly #rules: Rules<Session>;
  readonly #relay: Relay | undefined;
  // What a middleware sees of a WebSocket that is to be opened, and how to do that once it agrees.
  readonly #offers = new WeakMap<Response, (headers: Headers) => Response | Promise<Response>>();

  /** Takes the options of the engine, and who decides with it. */
  constructor(options: ResolvedOptions, host: ReceptionHost, gate: Gate, middlewares: Middlewares) {
    const { cookie = false } = options;
    this.#options = options;
    this.#host = host;
    this.#gate = gate;
    this.#middlewares = middlewares;
    this.#rules = { transports: options.transports, sessions: host.sessions };
    this.#relay = options.relay && new Relay(options.relay, options, this);
    this.#relay?.start();
    this.#cookie = cookie === false ? undefined : cookieMaker(cookie === true ? {} : cookie);
    this.#replies = {
      compressFrom: thresholdOf(options.httpCompression),
      decorated: () => host.hasListeners("headers"),
      decorate: (headers, request) => host.dispatch("headers", [headers, request]),
    };
  }

  /** Answers one request, which asks for this by its URL. */
  receive(request: Request, runtime: Runtime, asked: Asked): Response | Promise<Response> {
    const relay = this.#relay;
    // What a preflight asks is answered in the same way everywhere.
    if (relay?.isElsewhere(asked.query.sid) === true && request.method !== "OPTIONS") {
      return relay.forward(request, runtime, asked.query.sid);
    }
    return this.#receive(request, runtime, asked);
  }

  /** Answers a request that came to another server. */
  answer(request: Request, runtime: Runtime): Response | Promise<Response> {
    const { closed, factory } = this.#host;
    const asked = this.#host.asked(request.url);
    const refused = closed && !factory.services.farewells.has(asked?.query.sid);
    if (asked === undefined || refused) return new Response(null, { status: refused ? 503 : 404 });
    return this.#receive(request, runtime, asked);
  }

  /** Refuses a request that nobody has looked at. */
  refuse(
    request: Request,
    runtime: Runtime,
    rejection: Rejection,
  ): Response | Promise<Response> {
    const { cors } = this.#options;
    const refuse = (answer?: CorsAnswer) =>
      this.#refuse(new Exchange(request, {}, runtime, answer, this.#replies), rejection);
    return cors === undefined ? refuse() : this.#cors(request, cors, refuse);
  }

  /** Ends the poll of the session that a URL names, which goes on at another server. */
  release(url: string): void {
    const session = this.#host.sessions.get(this.#host.asked(url)?.query.sid ?? "");
    if (session?.transport instanceof PollingTransport) session.transport.release();
  }

  /** Resolves once what was sent has left, and polls for others are answered. */
  async settled(): Promise<void> {
    await Promise.all([this.#host.factory.services.farewells.settled(), this.#relay?.release()]);
  }

  /** Lets go of what belongs to other servers. */
  async close(): Promise<void> {
    await this.#relay?.close();
  }

  #receive(
    request: Request,
    runtime: Runtime,
    { file, query }: Asked,
  ): Response | Promise<Response> {
    if (this.#options.cors === undefined) {
      return this.#enter(new Exchange(request, query, runtime, undefined, this.#replies), file);
    }
    return this.#cors(
      request,
      this.#options.cors,
      (answer) => this.#enter(new Exchange(request, query, runtime, answer, this.#replies), file),
    );
  }

  async #cors(
    request: Request,
    cors: NonNullable<ResolvedOptions["cors"]>,
    enter: (answer: CorsAnswer) => Response | Promise<Response>,
  ): Promise<Response> {
    const answer = await answerCors(cors, request, this.#options.reportError);
    if (answer.status === undefined) return enter(answer);
    const headers = new Headers(answer.headers as [string, string][]);
    this.#host.dispatch("headers", [headers, request]);
    return new Response(null, { status: answer.status, headers });
  }

  #enter(exchange: Exchange, file: string): Response | Promise<Response> {
    const { cors, query } = exchange;
    // A script element, which may load a file, does not say where it comes from.
    if (cors?.refusal !== undefined && (file === "" || query.transport !== undefined)) {
      return this.#refuse(exchange, cors.refusal);
    }
    if (this.#middlewares.size === 0) return this.#serve(exchange, file);
    return this.#throughMiddlewares(exchange, file);
  }

  async #throughMiddlewares(exchange: Exchange, file: string): Promise<Response> {
    let own: Response | undefined;
    const response = await this.#middlewares.run(
      exchange.request,
      async () => own = await this.#serve(exchange, file),
      (error) => own = this.#refuse(exchange, badRequest("MIDDLEWARE_FAILURE", error)),
    );
    const open = own && this.#offers.get(own);
    // Who wants to add headers may put an empty answer of its own in the place of ours.
    if (open !== undefined && response.ok && response.body === null) return open(response.headers);
    return response === own ? response : exchange.permit(response);
  }

  #serve(exchange: Exchange, file: string): Response | Promise<Response> {
    const { request, query } = exchange;
    if (file !== "" && query.transport === undefined) {
      const served = this.#file(exchange, file);
      if (served !== undefined) return served;
    }
    const { method } = request;
    const upgrade = query.transport === "websocket" && exchange.isUpgrade;
    // Who has a session was asked when it began.
    const origin = query.sid === undefined || upgrade ? exchange.origin : null;
    const found = verify({ query, method, origin, upgrade }, this.#rules);
    if (found instanceof Rejection) return this.#refuse(exchange, found);
    if (found === undefined || upgrade) return this.#admit(exchange, found, upgrade, origin);
    const { transport } = found;
    if (!(transport instanceof PollingTransport)) return exchange.fail(500);
    if (method === "GET") return transport.poll(exchange);
    return method === "POST" ? transport.post(exchange) : exchange.fail(500);
  }

  #file(exchange: Exchange, name: string): Promise<Response> | undefined {
    const { files } = this.#host;
    const { method } = exchange.request;
    if (files === undefined || (method !== "GET" && method !== "HEAD")) return undefined;
    return files(exchange.request, name).then((response) =>
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
    if (!upgrade || this.#middlewares.size === 0) return this.#open(exchange, session, upgrade);
    // Bun answers as soon as it is told to, and Deno wants the answer that it made to be the last.
    const offer = new Response(null);
    this.#offers.set(offer, (headers) => this.#open(exchange, session, upgrade, headers));
    return offer;
  }

  #open(
    exchange: Exchange,
    session: Session | undefined,
    upgrade: boolean,
    added?: Headers,
  ): Response | Promise<Response> {
    if (session !== undefined) return this.#upgrade(exchange, session, added);
    const { generateId } = this.#options;
    if (generateId === undefined) {
      return this.#handshake(exchange, this.#marked(randomId()), upgrade, added);
    }
    return this.#handshakeById(exchange, generateId, upgrade, added);
  }

  async #handshakeById(
    exchange: Exchange,
    generateId: (request: Request) => string | Promise<string>,
    upgrade: boolean,
    added: Headers | undefined,
  ): Promise<Response> {
    try {
      const made = await generateId(exchange.request);
      // Nothing may come between this and the handshake.
      const id = checkId(made, (id) => this.#host.sessions.has(this.#marked(id)));
      return this.#handshake(exchange, this.#marked(id), upgrade, added);
    } catch (error) {
      this.#options.reportError(error, { event: "generateId" });
      return this.#refuse(exchange, badRequest("ID_GENERATION_ERROR", error));
    }
  }

  #marked(id: string): string {
    return this.#relay === undefined ? id : this.#relay.mark(id);
  }

  #handshake(
    exchange: Exchange,
    id: string,
    upgrade: boolean,
    added: Headers | undefined,
  ): Response {
    const { closed, addresses, factory } = this.#host;
    if (closed) return exchange.fail(503);
    // After `close` the engine may go on.
    this.#relay?.start();
    if (addresses.isFull(exchange)) return this.#refuse(exchange, tooMany());
    const headers = this.#initialHeaders(exchange, id, added);
    if (!upgrade) return factory.polling(exchange, id, headers);
    this.#host.uses(exchange.runtime);
    return factory.websocketSession(exchange, id, headers) ??
      this.#refuse(exchange, badRequest("TRANSPORT_HANDSHAKE_ERROR"));
  }

  #upgrade(exchange: Exchange, session: Session, added: Headers | undefined): Response {
    if (this.#host.closed) return exchange.fail(503);
    this.#host.uses(exchange.runtime);
    const decorated = this.#host.hasListeners("headers");
    const headers = decorated || added !== undefined ? new Headers(added) : undefined;
    if (decorated) this.#host.dispatch("headers", [headers, exchange.request]);
    return this.#host.factory.upgrade(exchange, session, headers) ??
      this.#refuse(exchange, badRequest("TRANSPORT_HANDSHAKE_ERROR"));
  }

  #initialHeaders(
    exchange: Exchange,
    id: string,
    added: Headers | undefined,
  ): Headers | undefined {
    const host = this.#host;
    const plain = this.#cookie === undefined && exchange.cors === undefined &&
      added === undefined &&
      !host.hasListeners("initial_headers") && !host.hasListeners("headers");
    if (plain) return undefined;
    const headers = exchange.bare();
    if (this.#cookie !== undefined) headers.append("set-cookie", this.#cookie(id));
    added?.forEach((value, name) => {
      if (name === "set-cookie" || name === "vary") headers.append(name, value);
      else headers.set(name, value);
    });
    host.dispatch("initial_headers", [headers, exchange.request]);
    host.dispatch("headers", [headers, exchange.request]);
    return headers;
  }

  #refuse(exchange: Exchange, rejection: Rejection): Response {
    logRefusal(exchange.request, rejection);
    if (this.#host.hasListeners("connection_error")) {
      const { code, message, context } = rejection;
      const req = exchange.request;
      this.#host.dispatch("connection_error", [{ req, code, message, context }]);
    }
    return exchange.refuse(rejection);
  }
}
