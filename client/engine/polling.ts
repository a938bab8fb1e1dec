import { fromText, type Outgoing } from "./data.ts";
import { SEPARATOR, takePayload } from "./queue.ts";
import {
  timestamp,
  TOO_BIG,
  type Transport,
  TransportError,
  type TransportHandler,
  type TransportOptions,
  transportUrl,
} from "./transport.ts";

const FAREWELL = "1";

/** How long a farewell may take that the server does not answer, milliseconds. */
const FAREWELL_TIME = 5_000;

/** HTTP long polling over `fetch`: one request waits for packets, another one carries them. */
export class PollingTransport implements Transport {
  /** Whom it works for. */
  declare handler: TransportHandler | undefined;
  readonly #options: TransportOptions;
  readonly #abort = new AbortController();
  #open = false;
  #polling = false;
  #posting = false;
  #paused: (() => void) | undefined;

  /** Takes the options; {@linkcode PollingTransport.open} starts to poll. */
  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** `polling` */
  get name(): string {
    return "polling";
  }

  /** Whether it can send right now. */
  get writable(): boolean {
    return this.#open && !this.#posting;
  }

  /** Connects. */
  open(): void {
    this.#poll();
  }

  /** Sends what it can take from the queue. */
  flush(queue: Outgoing[], maxPayload?: number): void {
    this.#posting = true;
    this.#request("post", takePayload(queue, maxPayload)).then((text) => {
      this.#posting = false;
      if (text !== undefined) this.handler?.drained?.();
      this.#settlePause();
    });
  }

  /** Stops, and says when nothing is under way any more. */
  pause(paused: () => void): void {
    this.#paused = paused;
    this.#settlePause();
  }

  /** Goes on after a pause. */
  resume(): void {
    this.#paused = undefined;
    if (!this.#polling) this.#poll();
  }

  /** Ends the connection. */
  close(): void {
    const abort = () => this.#abort.abort();
    this.#paused = undefined;
    if (!this.#open) return abort();
    this.#open = false;
    const timer = setTimeout(abort, FAREWELL_TIME);
    this.#request("post", FAREWELL).then(() => {
      clearTimeout(timer);
      abort();
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    const payload = await this.#request("poll");
    this.#polling = false;
    if (payload === undefined) return;
    for (const frame of payload.split(SEPARATOR)) {
      // The open packet, or the close packet.
      if (frame[0]! < "2") this.#open = frame[0] === "0";
      this.handler?.frame(fromText(frame));
    }
    if (this.#paused) this.#settlePause();
    else if (this.handler) this.#poll();
  }

  #settlePause(): void {
    if (this.#polling || this.#posting) return;
    this.#paused?.();
  }

  /** Returns the text of the answer, or `undefined` once the transport is broken or closed. */
  async #request(kind: "poll" | "post", body?: string): Promise<string | undefined> {
    const options = this.#options;
    const { withCredentials, requestTimeout, cookies, extraHeaders } = options;
    const timer = requestTimeout && setTimeout(() => this.#abort.abort(), requestTimeout);
    // A page that is being left runs no further than this call.
    const last = body === FAREWELL;
    let description: unknown;
    let context: unknown;
    try {
      // What is thrown at once, as where there is no fetch, is told no sooner than what fails later.
      if (!last) await 0;
      const stamp = options.timestampRequests === false ? "" : timestamp(options);
      const response = await fetch(transportUrl(options, "http", this.name) + stamp, {
        ...options.platform,
        // Deno sends a text once more by itself if a connection breaks, but no Blob.
        ...body && {
          method: "POST",
          body: last ? body : await new Response(body).blob(),
        },
        // Not off else: to Bun that means a connection for each request.
        ...last && { keepalive: true },
        headers: {
          // The Blobs that React Native makes have no type, and would go as binary data. Two names
          // that differ in case would be one header with both values.
          ...body && !/"content-type":/i.test(JSON.stringify(extraHeaders)) &&
            { "content-type": "text/plain;charset=UTF-8" },
          ...cookies?.addTo(extraHeaders) ?? extraHeaders,
        },
        credentials: withCredentials ? "include" : "same-origin",
        signal: this.#abort.signal,
      });
      if (withCredentials) cookies?.keep(response.headers);
      const text = await response.text();
      if (response.ok) return text;
      description = response.status;
      context = Object.assign(response, { responseText: text });
    } catch (error) {
      description = error;
    } finally {
      clearTimeout(timer);
    }
    // The server lives on without a message that is too big: it has to be told.
    this.#open &&= description === 413;
    this.handler?.failed(
      new TransportError(description === 413 ? TOO_BIG : `xhr ${kind} error`, description, context),
    );
    return undefined;
  }
}
