import type {
  CloseDetails,
  CloseReason,
  Frame,
  Message,
  SendOptions,
} from "../../parser/engine/mod.ts";

/**
 * What is kept of the request that opened a connection. The `Request` itself cannot be read any
 * more once its connection has become a WebSocket.
 */
export interface RequestSnapshot {
  /** The full URL, as the runtime saw it. */
  readonly url: string;
  /** The HTTP method: `GET`. */
  readonly method: string;
  /** The headers, by name in lower case; repeated ones are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Told what happens on a link. Assigned once, at once when the link is handed over. */
export interface LinkHandler {
  /** The data of the next message packet. */
  message(data: Frame): void;
  /** The link moved to another transport. */
  upgraded(): void;
  /** The link ended. Called once; nothing comes after it. */
  close(reason: CloseReason, details?: CloseDetails): void;
}

/** Adds or removes a listener of a low-level connection; the engine's `SessionEvents` has them all. */
export interface LinkListening {
  /** The client is about to move, or has moved, to another transport. */
  (event: "upgrading" | "upgrade", listener: (transport: { name: string }) => void): unknown;
  /** A packet came, or is about to be sent. */
  (
    event: "packet" | "packetCreate",
    listener: (packet: { readonly type: string; readonly data?: unknown }) => void,
  ): unknown;
  /** Nothing waits to be sent any more, or the client has shown that it is there. */
  (event: "drain" | "heartbeat", listener: () => void): unknown;
  /** The connection ended. */
  (event: "close", listener: (reason: CloseReason, details?: CloseDetails) => void): unknown;
}

/** What a connection needs from below: a low-level connection, whatever carries it. */
export interface Link {
  /** The secret id of the low-level connection. */
  readonly id: string;
  /** The Engine.IO protocol of the peer: 4, or 3 for old clients. */
  readonly protocol: number;
  /** The request that opened it. */
  readonly request: RequestSnapshot;
  /** The address of the peer, empty where the runtime does not tell. */
  readonly remoteAddress: string;
  /** What carries it at the moment. */
  readonly transport: { readonly name: string };
  /** Where it stands in its life. */
  readonly readyState: "opening" | "open" | "closing" | "closed";
  /** Whether a message sent now would leave at once. */
  readonly writable: boolean;
  /** Who is told. */
  handler: LinkHandler | undefined;
  /** Sends a message behind those sent before. Does nothing once the link has ended. */
  send(message: Message, options?: SendOptions): void;
  /**
   * Closes the link; the handler hears `forced close`.
   *
   * @param discard whether to drop what is not sent yet, and to wait for nobody, instead of sending
   * it first.
   */
  close(discard?: boolean): void;
  /**
   * Lets frames published to a topic reach this link, in order with those that are sent. Returns
   * `false` where that cannot be, and also as long as it cannot be, as on long polling.
   */
  subscribe(topic: string): boolean;
  /** Calls the listener at each event. */
  readonly on: LinkListening;
  /** Calls the listener at the next event only. */
  readonly once: LinkListening;
  /** Removes a listener. */
  readonly off: LinkListening;
  /** Ends {@linkcode Link.subscribe}. Does nothing if the link is not subscribed. */
  unsubscribe(topic: string): void;
}
