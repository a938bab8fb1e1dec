import type { Frame } from "../../../parser/engine/mod.ts";
import { backgroundClock, Deadlines, MAX_DELAY } from "../deadlines.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RawSocketHandler, Runtime } from "../runtime.ts";
import type { Mail } from "./mail.ts";
import type { FrontMessage, OwnerMessage } from "./message.ts";
import { type Asked, RelayedRequest } from "./relayed_request.ts";
import { Tunnel } from "./tunnel.ts";
import { withinASecond } from "./within.ts";

/** Who answers. */
export interface Answering {
  /** Answers a request as if it had come to this server. */
  answer(request: Request, runtime: Runtime): Response | Promise<Response>;
  /** Ends the poll of the session that a URL names, if one waits. */
  release(url: string): void;
}

/** Answers the requests that came to other servers for sessions of this one. */
export class Owner {
  readonly #mail: Mail;
  readonly #answering: Answering;
  readonly #options: ResolvedOptions;
  // By the front and its number.
  readonly #requests = new Map<string, RelayedRequest>();
  readonly #answers = new Set<Promise<void>>();
  readonly #tunnels = new Map<string, Tunnel>();
  // Those whose WebSocket is not open yet. Deno says nothing of one whose client went away before.
  readonly #opening: Deadlines<Tunnel>;

  constructor(mail: Mail, answering: Answering, options: ResolvedOptions) {
    this.#mail = mail;
    this.#answering = answering;
    this.#options = options;
    this.#opening = new Deadlines<Tunnel>(
      Math.min(options.upgradeTimeout, MAX_DELAY),
      (tunnel) => tunnel.fail("the WebSocket was not opened"),
      backgroundClock,
    );
  }

  /** How many requests and WebSockets of other servers are open. */
  get size(): number {
    return this.#requests.size + this.#tunnels.size;
  }

  /** Takes what a front has said. */
  receive(front: string, message: FrontMessage): void {
    const key = `${front} ${message.id}`;
    switch (message.is) {
      case "request":
        return this.#take(front, key, message);
      case "part":
        return this.#requests.get(key)?.part(message);
      case "released":
        return this.#release(key);
      case "aborted":
        return this.#requests.get(key)?.abort();
      case "opened":
        return this.#tunnels.get(key)?.opened();
      case "frame":
        return this.#frame(front, key, message);
      case "buffered":
        return this.#tunnels.get(key)?.buffered(message.bytes);
      case "closed":
        return this.#tunnels.get(key)?.closed(message.code, message.reason, message.failed);
    }
  }

  /** Resolves once all requests are answered, or a second later. */
  settled(): Promise<void> {
    return withinASecond(Promise.all(this.#answers));
  }

  /** Lets go of the WebSockets that are not open yet. */
  close(): void {
    for (const tunnel of [...this.#tunnels.values()]) tunnel.fail("server shutting down");
    this.#opening.clear();
  }

  #take(front: string, key: string, asked: Asked): void {
    const answered = this.#request(front, key, asked).finally(() => this.#answers.delete(answered));
    this.#answers.add(answered);
  }

  #release(key: string): void {
    const relayed = this.#requests.get(key);
    if (relayed !== undefined) this.#answering.release(relayed.url);
  }

  async #request(front: string, key: string, asked: Asked): Promise<void> {
    const { id } = asked;
    this.#mail.answer(front, { is: "taken", id });
    const relayed = new RelayedRequest(asked);
    this.#requests.set(key, relayed);
    let upgraded: { readonly headers: Headers | undefined } | undefined;
    const upgrade = (handler: RawSocketHandler, headers: Headers | undefined) => {
      upgraded = { headers };
      const tunnel = this.#tunnel(front, key, id, handler);
      this.#tunnels.set(key, tunnel);
      this.#opening.add(tunnel);
      return new Response(null);
    };
    const response = await this.#respond(relayed, new FrontRuntime(asked.address, upgrade));
    this.#requests.delete(key);
    if (upgraded !== undefined) {
      const headers = upgraded.headers && [...upgraded.headers];
      return this.#mail.answer(front, { is: "upgrade", id, ...headers && { headers } });
    }
    this.#mail.answer(front, { is: "reply", id, ...await this.#content(response) });
  }

  /** What there is to say of a response. That of a middleware may be one that nobody can read. */
  async #content(response: Response): Promise<Content> {
    try {
      return await contentOf(response);
    } catch (error) {
      this.#options.reportError(error, { event: "relay" });
      return { status: 500, headers: [] };
    }
  }

  async #respond(relayed: RelayedRequest, runtime: Runtime): Promise<Response> {
    try {
      return await this.#answering.answer(relayed.request(), runtime);
    } catch (error) {
      this.#options.reportError(error, { event: "relay" });
      return new Response(null, { status: 500 });
    }
  }

  #tunnel(front: string, key: string, id: number, handler: RawSocketHandler): Tunnel {
    const tunnel = new Tunnel(handler, {
      send: (number, data, compress) =>
        this.#mail.answer(front, { is: "frame", id, number, data, compress }),
      close: (code, reason, now) =>
        this.#mail.answer(front, {
          is: "close",
          id,
          now,
          ...code !== undefined && { code },
          ...reason !== undefined && { reason },
        }),
      opened: () => this.#opening.delete(tunnel),
      ended: () => {
        this.#tunnels.delete(key);
        this.#opening.delete(tunnel);
      },
    });
    return tunnel;
  }

  #frame(
    front: string,
    key: string,
    { id, number, data }: { readonly id: number; readonly number: number; readonly data: Frame },
  ): void {
    const tunnel = this.#tunnels.get(key);
    if (tunnel !== undefined) return tunnel.received(number, data);
    // It has ended here, and the front has not heard of that.
    this.#mail.answer(front, { is: "close", id, now: true });
  }
}

type Upgrader = (handler: RawSocketHandler, headers: Headers | undefined) => Response;

/** The server that a request came to in truth, as the engine sees it. */
class FrontRuntime implements Runtime {
  readonly abortDelay = 0;
  readonly #address: string;
  readonly #upgrade: Upgrader;

  constructor(address: string, upgrade: Upgrader) {
    this.#address = address;
    this.#upgrade = upgrade;
  }

  upgrade(_request: Request, handler: RawSocketHandler, headers?: Headers): Response {
    return this.#upgrade(handler, headers);
  }

  remoteAddress(): string {
    return this.#address;
  }
}

type Content = Pick<Extract<OwnerMessage, { is: "reply" }>, "status" | "headers" | "body">;

async function contentOf(response: Response): Promise<Content> {
  const { status } = response;
  const headers = [...response.headers];
  if (response.body === null) return { status, headers };
  const body = new Uint8Array(await response.arrayBuffer());
  // Bun tells of the type of a text no sooner than when it sends it.
  if (!response.headers.has("content-type")) {
    headers.push(["content-type", "text/plain;charset=utf-8"]);
  }
  return { status, headers, body };
}
