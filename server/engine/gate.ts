import type { Exchange } from "./exchange.ts";
import type { ResolvedOptions } from "./options.ts";
import { isOwnPage } from "./own_page.ts";
import { Rejection, RejectionCode } from "./rejection.ts";
import { verifyProtocol } from "./verify.ts";

/** Decides who may open a session, or move one to a WebSocket, by what the program has set. */
export class Gate {
  readonly #options: ResolvedOptions;
  #warned = false;

  /** Takes the options of the engine. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** Returns `undefined` if the request may pass. */
  pass(
    exchange: Exchange,
    origin: string | null,
    upgrade: boolean,
    handshake: boolean,
  ): Rejection | undefined | Promise<Rejection | undefined> {
    if (upgrade && origin !== null && !this.#originAllowed(exchange, origin)) {
      return new Rejection(RejectionCode.Forbidden, { name: "INVALID_ORIGIN", origin });
    }
    const { allowRequest } = this.#options;
    if (allowRequest === undefined) return this.#verify(exchange, handshake);
    return this.#ask(exchange, allowRequest).then((refusal) =>
      refusal ?? this.#verify(exchange, handshake)
    );
  }

  #verify({ query }: Exchange, handshake: boolean): Rejection | undefined {
    return handshake ? verifyProtocol(query, this.#options) : undefined;
  }

  // Browsers let every page open a WebSocket, cookies included: CORS alone does not stop that.
  #originAllowed(exchange: Exchange, origin: string): boolean {
    if (exchange.cors !== undefined) return exchange.cors.allowed;
    const { headers } = exchange.request;
    if (!headers.get("cookie") || isOwnPage(origin, headers)) return true;
    this.#warn(origin, headers.get("host"));
    return false;
  }

  #warn(origin: string, host: string | null): void {
    if (this.#warned) return;
    this.#warned = true;
    console.warn(
      `A WebSocket from a page of ${origin} was refused: it brings cookies, and the request is for ` +
        `${host}. If that is the name of this server behind a proxy, let the proxy send Host or ` +
        "X-Forwarded-Host; else allow the origin by the option cors",
    );
  }

  #ask(
    { request, remoteAddress }: Exchange,
    allowRequest: NonNullable<ResolvedOptions["allowRequest"]>,
  ): Promise<Rejection | undefined> {
    return new Promise<Rejection | undefined>((resolve) => {
      const decide = (message: string | null | undefined, allowed: boolean) =>
        resolve(allowed ? undefined : forbidden(message));
      // A function that takes no callback has to say yes by its result. What takes one may return
      // anything, such as a timer.
      const answers = allowRequest.length < 2;
      Promise.resolve(allowRequest(request, decide, { remoteAddress })).then((result) => {
        if (typeof result === "string") decide(result, false);
        else if (answers || typeof result === "boolean") decide(undefined, result === true);
      }).catch((error) => {
        this.#options.reportError(error, { event: "allowRequest" });
        resolve(forbidden(undefined));
      });
    }).catch((error) => {
      this.#options.reportError(error, { event: "allowRequest" });
      return forbidden(undefined);
    });
  }
}

function forbidden(message: string | null | undefined): Rejection {
  const text = message || undefined;
  return new Rejection(RejectionCode.Forbidden, text === undefined ? {} : { message: text }, text);
}
