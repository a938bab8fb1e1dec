import type { CloseDetails, Frame } from "../../parser/engine/mod.ts";
import type { Cookies } from "./cookies.ts";
import type { Outgoing } from "./data.ts";

/** What a transport tells the connection, or the probe, that it works for. */
export interface TransportHandler {
  /** It can send, though no open packet came yet. Long polling never says so. */
  opened?(): void;
  /** A packet came, as it travels. */
  frame(frame: Frame): void;
  /** What was given to {@linkcode Transport.flush} is on its way, and more can be sent. */
  drained?(): void;
  /** It is broken and MUST NOT be used any more. */
  failed(error: Error): void;
  /** The other side closed it. */
  closed(details: CloseDetails): void;
  /** What those hear who listen to the connection. */
  tell?(event: UpgradeEvent, about: Transport | Error): void;
}

/** What is told of an upgrade. */
export type UpgradeEvent = "upgrading" | "upgrade" | "upgradeError";

/**
 * A way to carry frames. It does nothing before {@linkcode Transport.open}, calls its handler
 * never from inside a call of the connection's, and not at all once it has none.
 */
export interface Transport {
  /** The name on the wire. */
  readonly name: string;
  /** Whether it can send right now. */
  readonly writable: boolean;
  /** Whom it works for. */
  handler: TransportHandler | undefined;
  /** Connects. */
  open(): void;
  /**
   * Takes messages from the head of the queue and sends their frames. MUST be called only while it
   * is writable and the first message is ready. `maxPayload` is what one request may carry, bytes.
   */
  flush(queue: Outgoing[], maxPayload?: number): void;
  /** The one in use, of a transport that stands for several. */
  readonly current?: Transport | undefined;
  /** The connection will send nothing more: stays with the transport in use. */
  settle?(): void;
  /** Stops, and says when nothing is under way any more. Only a transport that can be left has it. */
  pause?(paused: () => void): void;
  /** Goes on after a pause. */
  resume?(): void;
  /** Ends the connection, if it is not broken, and frees what belongs to it. */
  close(): void;
}

/** A kind of transport. */
export interface TransportClass {
  /** Makes one that is not open yet. */
  new (options: TransportOptions): Transport;
  /** Where the name stands, so that it is known without an instance. */
  readonly prototype: Pick<Transport, "name">;
}

/** What all transports can be told, for all of them or in `transportOptions` for one. */
export interface TransportSettings {
  /** Headers of each request. Browsers take them for long polling only. */
  extraHeaders?: Record<string, string> | undefined;
  /**
   * Whether cookies go to other origins and come from there. Off browsers, whether the cookies
   * that the server sets are kept and sent back. Default: `false`.
   */
  withCredentials?: boolean;
  /** Milliseconds that one request of long polling may take. Default: no limit. */
  requestTimeout?: number;
  /** The name of the parameter that keeps caches away. Default: `t`. */
  timestampParam?: string;
  /** Whether to send that parameter. Default: only with long polling. */
  timestampRequests?: boolean;
  /** Whether binary data travels as text. Default: `false`. */
  forceBase64?: boolean;
  /** The subprotocols of the WebSocket. */
  protocols?: string | string[];
  /** The certificates that a server of WebTransport may have, in the form of the platform. */
  serverCertificateHashes?: unknown;
  /**
   * Further options for what the platform connects with: those of `fetch` for long polling, of the
   * `WebSocket` or `WebTransport` constructor for these. This is where Deno takes `client`, and Bun
   * `tls` and `proxy`.
   */
  platform?: Readonly<Record<string, unknown>>;
}

/** All that a transport needs to know. */
export interface TransportOptions extends TransportSettings {
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
  /** Host and port. */
  host: string;
  /** The path on the server, as it is requested. */
  readonly path: string;
  /** Further parameters of each request, as text, each with a `&` before it. */
  readonly query: string;
  /** The id of the session, once there is one, in an object that all transports share. */
  readonly session: { sid?: string };
  /** The cookies of the connection, for a transport that sees answers. */
  readonly cookies?: Cookies;
}

/** A transport that failed, in the words of the reference implementation. */
export class TransportError extends Error {
  /** Always `TransportError`. */
  readonly type = "TransportError";
  /** A status of HTTP, or what the platform threw. */
  declare readonly description: unknown;
  /**
   * The response or the event of the platform, where there is one. The body of a response is read
   * already; it is in `responseText`, as with XMLHttpRequest.
   */
  declare readonly context: unknown;

  /** Takes the message, and what lies behind it. */
  constructor(message: string, description?: unknown, context?: unknown) {
    super(message);
    this.description = description;
    this.context = context;
  }
}

/** What a message is refused with that is larger than the server's `maxPayload`. */
export const TOO_BIG = "message too big for the server";

/** The address to request, for a transport of this name. */
export function transportUrl(
  options: TransportOptions,
  scheme: "http" | "ws",
  name: string,
): string {
  const { secure, host, path, session, query } = options;
  const parameters = new URLSearchParams({ EIO: "4", transport: name, ...session });
  return `${scheme}${secure ? "s" : ""}://${host}${path}?${parameters}${query}`;
}

/**
 * A parameter that keeps caches away. By the tilde our server knows that no two requests have the
 * same value, so that one that comes twice was repeated by whoever carries it.
 */
export function timestamp({ timestampParam = "t" }: TransportSettings): string {
  return `&${timestampParam}=~${Math.random().toString(36).slice(2)}`;
}
