/** What is used of a connection to NATS. */
export interface NatsConnection {
  /** What the NATS server has told of itself; nothing while it is away. */
  readonly info?: { readonly max_payload: number } | undefined;
  /** Sends bytes to all who listen to a subject. */
  publish(subject: string, payload: Uint8Array): void;
  /** Listens to a subject. It MUST do so again after the connection was lost. */
  subscribe(
    subject: string,
    options: { readonly callback: (error: Error | null, message: NatsMessage) => void },
  ): NatsSubscription;
  /** Resolves as soon as the NATS server has all that was said before. */
  flush(): Promise<void>;
  /** Tells when the connection is lost, `disconnect`, and when it is back, `reconnect`. */
  status(): AsyncIterable<{ readonly type: string }>;
  /** Whether it was closed for good. */
  isClosed(): boolean;
}

/** What is used of a message of NATS. */
export interface NatsMessage {
  /** What was sent. */
  readonly data: Uint8Array;
}

/** What is used of a subscription of NATS. */
export interface NatsSubscription {
  /** Listens no more. */
  unsubscribe(): void;
}

const METHODS: readonly (keyof NatsConnection)[] = [
  "publish",
  "subscribe",
  "flush",
  "status",
  "isClosed",
];

/**
 * Checks that a value can be used as a connection.
 *
 * @throws {TypeError} if it cannot.
 */
export function checkConnection(value: unknown): void {
  const members = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof members["then"] === "function") {
    throw new TypeError("Cannot use connection to NATS: it is a promise, which is to be awaited");
  }
  const missing = METHODS.find((name) => typeof members[name] !== "function");
  if (missing === undefined) return;
  throw new TypeError(
    `Cannot use connection to NATS: it is not what connect() resolves to, since it has no method "${missing}"`,
  );
}
