import { compressStream, type Encoding, encodingFor } from "./compression.ts";
import type { CorsAnswer } from "./cors.ts";
import type { Query } from "./query.ts";
import type { Rejection } from "./rejection.ts";
import type { Runtime } from "./runtime.ts";
import { type RequestSnapshot, snapshot } from "./snapshot.ts";

/** The kinds of bodies that the engine sends. */
export type BodyType = "text" | "binary" | "script" | "html" | "json";

/** What belongs into the replies of an engine. */
export interface ReplySettings {
  /** The size in bytes from which a poll is compressed; `Infinity` if none is. */
  readonly compressFrom: number;
  /** Whether the headers of a reply have to be shown to somebody before it is sent. */
  decorated(): boolean;
  /** Shows them. */
  decorate(headers: Headers, request: Request): void;
}

const TYPES: Readonly<Record<BodyType, string>> = {
  text: "text/plain; charset=UTF-8",
  binary: "application/octet-stream",
  script: "text/javascript; charset=UTF-8",
  html: "text/html",
  json: "application/json",
};

/** One HTTP request to the engine and the way to answer it. */
export class Exchange {
  /** The request. */
  readonly request: Request;
  /** Its query. */
  readonly query: Query;
  /** The server that it came to. */
  readonly runtime: Runtime;
  /** What CORS has to say about it, if the option is set. */
  readonly cors: CorsAnswer | undefined;
  readonly #settings: ReplySettings;
  #snapshot: RequestSnapshot | undefined;

  /** Takes all that an answer may depend on. */
  constructor(
    request: Request,
    query: Query,
    runtime: Runtime,
    cors: CorsAnswer | undefined,
    settings: ReplySettings,
  ) {
    this.request = request;
    this.query = query;
    this.runtime = runtime;
    this.cors = cors;
    this.#settings = settings;
  }

  /** The address of the client, empty where the runtime does not tell. */
  get remoteAddress(): string {
    return this.runtime.remoteAddress?.(this.request) ?? "";
  }

  /** What a session keeps of the request. MUST be read first before the request is upgraded. */
  get snapshot(): RequestSnapshot {
    return this.#snapshot ??= snapshot(this.request);
  }

  /** Whether the request asks to become a WebSocket. */
  get isUpgrade(): boolean {
    return this.snapshot.headers["upgrade"]?.toLowerCase() === "websocket";
  }

  /** Its `Origin` header. */
  get origin(): string | null {
    return this.snapshot.headers["origin"] ?? null;
  }

  /** A reply that succeeded. */
  reply(body: string | Uint8Array, type: BodyType, compress = false): Response {
    if (compress && body.length >= this.#settings.compressFrom) {
      const encoding = encodingFor(this.request.headers.get("accept-encoding"));
      if (encoding !== undefined) return this.#compressed(body, type, encoding);
    }
    if (!this.#isBare) return new Response(body as string, { headers: this.headers(type) });
    // On Deno faster than to give the headers, on Bun as fast.
    const response = new Response(body as string);
    response.headers.set("content-type", TYPES[type]);
    response.headers.set("cache-control", "no-store");
    return response;
  }

  /** The reply to a POST, a text that nobody keeps. */
  ok(): Response {
    const { j } = this.query;
    // The form of a JSONP client would offer to save a text.
    if (j !== undefined) return new Response("ok", { headers: this.headers("html") });
    // Deno is fastest with the headers that it makes by itself.
    return this.#isBare
      ? new Response("ok")
      : new Response("ok", { headers: this.headers("text") });
  }

  /** A reply to a handshake, with the headers that belong there. */
  welcome(body: string | Uint8Array, type: BodyType, headers: Headers): Response {
    headers.set("content-type", TYPES[type]);
    headers.set("cache-control", "no-store");
    return new Response(body as string, { headers });
  }

  /** A reply that refuses the request. */
  refuse(rejection: Rejection): Response {
    return new Response(rejection.body, {
      status: rejection.status,
      headers: this.headers("json"),
    });
  }

  /** A reply without a body. */
  fail(status: number): Response {
    const headers = this.headers();
    // The rest of the body, if there is one, is not going to be read.
    if (status === 413) headers.set("connection", "close");
    return new Response(null, { status, headers });
  }

  /** New headers with what every reply has. */
  headers(type?: BodyType): Headers {
    const headers = this.bare();
    if (type !== undefined) headers.set("content-type", TYPES[type]);
    headers.set("cache-control", "no-store");
    this.#settings.decorate(headers, this.request);
    return headers;
  }

  /** New headers with what CORS asks for. */
  bare(): Headers {
    return new Headers(this.cors?.headers as [string, string][] | undefined);
  }

  /** The reply of somebody else, with what every reply has. */
  wrap(response: Response): Response {
    if (this.#isBare) return response;
    const headers = this.#permitted(response);
    this.#settings.decorate(headers, this.request);
    return new Response(response.body, { status: response.status, headers });
  }

  /** The reply of a middleware, with what CORS asks for as far as it does not say that itself. */
  permit(response: Response): Response {
    // What is not in the range of a reply, such as the one of an upgrade, cannot be made anew.
    if (this.cors === undefined || response.status < 200) return response;
    const headers = this.#permitted(response);
    const { status, statusText } = response;
    return new Response(response.body, { status, statusText, headers });
  }

  /** Whether nobody else has a say in the headers of a reply. */
  get #isBare(): boolean {
    return this.cors === undefined && !this.#settings.decorated();
  }

  #permitted(response: Response): Headers {
    const headers = new Headers(response.headers);
    this.bare().forEach((value, name) => {
      const names = headers.get(name)?.toLowerCase().split(",").map((item) => item.trim()) ?? [];
      if (name === "vary" ? !names.includes(value.toLowerCase()) : names.length === 0) {
        headers.append(name, value);
      }
    });
    return headers;
  }

  #compressed(body: string | Uint8Array, type: BodyType, encoding: Encoding): Response {
    const headers = this.headers(type);
    headers.set("content-encoding", encoding);
    headers.append("vary", "Accept-Encoding");
    return new Response(compressStream(body, encoding), { headers });
  }
}
