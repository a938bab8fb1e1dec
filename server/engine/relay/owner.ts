import type { Frame } from "../../../parser/engine/mod.ts";
import { backgroundClock, Deadlines, MAX_DELAY } from "../deadlines.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RawSocketHandler, Runtime } from "../runtime.ts";
import type { Mail } from "./mail.ts";
import type { FrontMessage, OwnerMessage } from "./message.ts";
import { type Asked, RelayedRequest } from "./relayed_request.ts";
import { Tunnel } from "./tunnel.ts";

type Reply = Extract<OwnerMessage, { is: "reply" }>;

const TEXT: [string, string] = ["content-type", "text/plain;charset=utf-8"];

type OwnerOptions = Pick<ResolvedOptions, "reportError" | "upgradeTimeout">;

/** Who answers. */
export interface Answering {
  /** Answers a request as if it had come to this server. */
  answer(request: Request, runtime: Runtime): Response | Promise<Response>;
}

/** Answers the requests that came to other servers for sessions of this one. */
export class Owner {
  readonly #mail: Mail;
  readonly #answering: Answering;
  readonly #reportError: OwnerOptions["reportError"];
  // By the front and its number.
  readonly #requests = new Map<string, RelayedRequest>();
  readonly #tunnels = new Map<string, Tunnel>();
  // An upgrade waits no longer than that for its WebSocket; the front may have died before.
  readonly #opening: Deadlines<Tunnel>;

  constructor(mail: Mail, answering: Answering, options: OwnerOptions) {
    this.#mail = mail;
    this.#answering = answering;
    this.#reportError = options.reportError;
    this.#opening = new Deadlines<Tunnel>(
      Math.min(options.upgradeTimeout, MAX_DELAY),
      (tunnel) => tunnel.terminate(),
      backgroundClock,
    );
  }

  /** How many requests and WebSockets of other servers are open. */
  get size(): number {
    return this.#requests.size + this.#tunnels.size;
  }

  /** Waits for nothing any more. */
  close(): void {
    this.#opening.clear();
  }

  /** Takes what a front has said. */
  receive(front: string, message: FrontMessage): void {
    const key = `${front} ${message.id}`;
    switch (message.is) {
      case "request":
        return void this.#request(front, key, message);
      case "part":
        return this.#requests.get(key)?.part(message);
      case "aborted":
        return this.#requests.get(key)?.abort();
      case "opened":
        return this.#opened(key);
      case "frame":
        return this.#frame(front, key, message);
      case "buffered":
        return this.#tunnels.get(key)?.buffered(message.bytes);
      case "closed":
        return this.#tunnels.get(key)?.closed(message.code, message.reason, message.failed);
    }
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
    const reply = await this.#reply(id, relayed, new FrontRuntime(asked.address, upgrade));
    this.#requests.delete(key);
    if (upgraded === undefined) return this.#mail.answer(front, reply);
    const headers = upgraded.headers && [...upgraded.headers];
    this.#mail.answer(front, { is: "upgrade", id, ...headers && { headers } });
  }

  async #reply(id: number, relayed: RelayedRequest, runtime: Runtime): Promise<Reply> {
    const request = relayed.request();
    // No engine is asked in such a way.
    if (request === undefined) return { is: "reply", id, status: 400, headers: [] };
    try {
      const response = await this.#answering.answer(request, runtime);
      const { status } = response;
      const headers = [...response.headers];
      if (response.body === null) return { is: "reply", id, status, headers };
      // Bun tells of the type of a text no sooner than when it sends it.
      if (!response.headers.has("content-type")) headers.push(TEXT);
      const body = new Uint8Array(await response.arrayBuffer());
      return { is: "reply", id, status, headers, body };
    } catch (error) {
      this.#reportError(error, { event: "relay" });
      return { is: "reply", id, status: 500, headers: [] };
    }
  }

  #tunnel(front: string, key: string, id: number, handler: RawSocketHandler): Tunnel {
    const tunnel: Tunnel = new Tunnel(handler, {
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
      ended: () => {
        this.#tunnels.delete(key);
        this.#opening.delete(tunnel);
      },
    });
    return tunnel;
  }

  #opened(key: string): void {
    const tunnel = this.#tunnels.get(key);
    if (tunnel !== undefined && this.#opening.delete(tunnel)) tunnel.opened();
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
