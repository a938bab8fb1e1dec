import type { Frame } from "../../parser/engine/mod.ts";
import { answerCors } from "./cors.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange, type ReplySettings } from "./exchange.ts";
import type { Gate } from "./gate.ts";
import { checkId, randomId } from "./id.ts";
import { logRefusal } from "./log.ts";
import type { Middlewares } from "./middlewares.ts";
import type { ResolvedOptions } from "./options.ts";
import { parseQuery, pathOf } from "./query.ts";
import type { ReceptionHost } from "./reception_host.ts";
import { badRequest, Rejection, RejectionCode, tooMany } from "./rejection.ts";
import type { RawSocketHandler, Runtime } from "./runtime.ts";
import { endSession, type WebTransportSessionLike, WebTransportSocket } from "./webtransport.ts";

/** What is known of a WebTransport session beside the session itself. */
export interface WebTransportDetails {
  /** The request that it came from, for those who look at headers. Made of the URL by default. */
  readonly request?: Request;
  /** The address of the client. Empty by default. */
  readonly remoteAddress?: string;
}

/** For how long the last bytes of a session may be on their way, in milliseconds. */
const FAREWELL = 500;

/** Until the first packet has said what a stream is for, nobody listens to it. */
const NEWCOMER: RawSocketHandler = { open() {}, message() {}, close() {} };

/** Takes WebTransport sessions, from the first look to the Engine.IO session that they are for. */
export class WebTransportReception {
  readonly #options: ResolvedOptions;
  readonly #host: ReceptionHost;
  readonly #gate: Gate;
  readonly #middlewares: Middlewares;
  readonly #arrivals = new Set<WebTransportSessionLike>();
  readonly #timeouts: Deadlines<WebTransportSessionLike>;
  readonly #sockets = new Set<WebTransportSocket>();
  readonly #closing = new Deadlines<WebTransportSocket>(FAREWELL, (socket) => socket.terminate());
  #emptied: (() => void) | undefined;

  /** Takes the options of the engine, and who decides with it. */
  constructor(options: ResolvedOptions, host: ReceptionHost, gate: Gate, middlewares: Middlewares) {
    this.#options = options;
    this.#host = host;
    this.#gate = gate;
    this.#middlewares = middlewares;
    this.#timeouts = new Deadlines(options.upgradeTimeout, (session) => this.#drop(session));
  }

  /** Lets a session in or ends it. Settles once that is decided; never rejects. */
  async receive(session: WebTransportSessionLike, details: WebTransportDetails): Promise<void> {
    this.#arrivals.add(session);
    this.#timeouts.add(session);
    session.closed.then(() => this.#drop(session), () => this.#drop(session));
    try {
      const exchange = await this.#exchange(session, details);
      const refusal = await this.#admit(exchange) ?? await this.#welcome(session, exchange);
      if (refusal !== undefined) this.#refuse(session, exchange, refusal);
    } catch {
      // The session was lost, or what the peer sent is no frame.
      this.#drop(session);
    }
  }

  /** Ends what is there, and settles when all of it is gone. */
  async close(): Promise<void> {
    for (const session of [...this.#arrivals]) this.#drop(session);
    this.#timeouts.clear();
    if (this.#sockets.size > 0) {
      const emptied = new Promise<void>((resolve) => this.#emptied = resolve);
      for (const socket of [...this.#sockets]) socket.close();
      await emptied;
    }
    this.#closing.clear();
  }

  async #exchange(
    session: WebTransportSessionLike,
    { request, remoteAddress = "" }: WebTransportDetails,
  ): Promise<Exchange> {
    const { cors, path } = this.#options;
    const asked = request ?? new Request(session.url ?? new URL(path, "https://localhost").href);
    const { EIO = "4", ...rest } = parseQuery(asked.url, pathOf(asked.url).end + 1);
    const query = { ...rest, EIO, transport: "webtransport" };
    const answer = cors === undefined
      ? undefined
      : await answerCors(cors, asked, this.#options.reportError);
    return new Exchange(asked, query, runtimeAt(remoteAddress), answer, NO_REPLIES);
  }

  async #admit(exchange: Exchange): Promise<Rejection | undefined> {
    const { request, query } = exchange;
    if (!this.#options.transports.includes("webtransport")) {
      return new Rejection(RejectionCode.TransportUnknown, { transport: query.transport });
    }
    if (query.EIO !== "4") {
      return new Rejection(RejectionCode.UnsupportedProtocol, { protocol: query.EIO });
    }
    return exchange.cors?.refusal ?? await this.#pass(request) ??
      await this.#gate.pass(exchange, request.headers.get("origin"), true, true);
  }

  async #pass(request: Request): Promise<Rejection | undefined> {
    if (this.#middlewares.size === 0) return undefined;
    let reached = false;
    let rejection: Rejection | undefined;
    const { ok } = await this.#middlewares.run(request, () => {
      reached = true;
      return new Response();
    }, (error) => {
      rejection = badRequest("MIDDLEWARE_FAILURE", error);
      return Response.error();
    });
    if (reached && ok) return undefined;
    return rejection ?? new Rejection(RejectionCode.Forbidden, { name: "MIDDLEWARE_ANSWER" });
  }

  async #welcome(
    session: WebTransportSessionLike,
    exchange: Exchange,
  ): Promise<Rejection | undefined> {
    await session.ready;
    const streams = session.incomingBidirectionalStreams.getReader();
    streams.closed.catch(() => {});
    const { value: stream } = await streams.read();
    if (stream === undefined || !this.#arrivals.has(session)) return this.#drop(session);
    const socket = new WebTransportSocket(session, stream, NEWCOMER, {
      maxPayload: this.#options.maxHttpBufferSize,
      closing: this.#closing,
      gone: (gone) => this.#gone(gone),
      reportError: this.#options.reportError,
    });
    this.#sockets.add(socket);
    try {
      return await this.#begin(session, exchange, socket, await socket.first());
    } finally {
      if (socket.handler === NEWCOMER) socket.terminate();
    }
  }

  async #begin(
    session: WebTransportSessionLike,
    exchange: Exchange,
    socket: WebTransportSocket,
    first: Frame | undefined,
  ): Promise<Rejection | undefined> {
    const sid = first === "0" ? undefined : sidOf(first);
    if (sid === null) return badRequest("TRANSPORT_HANDSHAKE_ERROR");
    const id = sid ?? await this.#newId(exchange.request);
    if (id instanceof Rejection) return id;
    // It may have taken too long, or the engine may have been closed.
    if (!this.#arrivals.has(session) || this.#host.closed) return this.#drop(session);
    const refusal = this.#open(exchange, socket, sid, id);
    if (refusal !== undefined) return refusal;
    this.#leave(session);
    socket.run();
    return undefined;
  }

  #open(
    exchange: Exchange,
    socket: WebTransportSocket,
    sid: string | undefined,
    id: string,
  ): Rejection | undefined {
    const { factory, sessions, addresses } = this.#host;
    if (sid === undefined) {
      if (addresses.isFull(exchange)) return tooMany();
      factory.webTransportSession(exchange, id, socket);
      return undefined;
    }
    const found = sessions.get(sid);
    if (found === undefined) return new Rejection(RejectionCode.SessionUnknown, { sid });
    if (factory.webTransportUpgrade(found, socket)) return undefined;
    const previousTransport = found.transport.name;
    const name = "TRANSPORT_MISMATCH";
    return new Rejection(RejectionCode.BadRequest, {
      name,
      transport: "webtransport",
      previousTransport,
    });
  }

  async #newId(request: Request): Promise<string | Rejection> {
    const { generateId } = this.#options;
    if (generateId === undefined) return randomId();
    try {
      return checkId(await generateId(request), (id) => this.#host.sessions.has(id));
    } catch (error) {
      this.#options.reportError(error, { event: "generateId" });
      return badRequest("ID_GENERATION_ERROR", error);
    }
  }

  #refuse(session: WebTransportSessionLike, { request }: Exchange, rejection: Rejection): void {
    this.#drop(session);
    logRefusal(request, rejection);
    const { code, message, context } = rejection;
    this.#host.dispatch("connection_error", [{ req: request, code, message, context }]);
  }

  #drop(session: WebTransportSessionLike): undefined {
    if (this.#leave(session)) endSession(session);
  }

  #leave(session: WebTransportSessionLike): boolean {
    this.#timeouts.delete(session);
    return this.#arrivals.delete(session);
  }

  #gone(socket: WebTransportSocket): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size === 0) this.#emptied?.();
  }
}

const NO_REPLIES: ReplySettings = {
  compressFrom: Infinity,
  decorated: () => false,
  decorate() {},
};

function runtimeAt(address: string): Runtime {
  return { abortDelay: 0, upgrade: () => undefined, remoteAddress: () => address };
}

/** The id in the first packet; `null` if there is none. */
function sidOf(first: Frame | undefined): string | null {
  if (typeof first !== "string" || !first.startsWith("0{")) return null;
  try {
    const { sid } = JSON.parse(first.slice(1));
    return typeof sid === "string" ? sid : null;
  } catch {
    // The peer's mistake; what it is to be called depends on where it stands.
    return null;
  }
}
