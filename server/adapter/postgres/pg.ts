import { type ChannelHandler, type Database, quoted, retryDelay, type Row } from "./database.ts";

/** What is needed of a `Pool` of `pg`. */
export interface PgPool {
  /** What it was made with. */
  readonly options?: {
    /** How many connections it has at most. */
    readonly max?: number | undefined;
  };
  /** Takes a connection out of the pool. */
  connect(): Promise<PgClient>;
  /** Runs a statement on any connection. */
  query(text: string, values: unknown[]): Promise<{
    /** What it answers. */
    readonly rows: unknown[];
  }>;
  /** Adds a listener: for connections that are lost while nobody uses them. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Takes it away. */
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** What is needed of a connection of a {@linkcode PgPool}. */
export interface PgClient {
  /** Runs a statement. */
  query(text: string): Promise<unknown>;
  /** Adds a listener for what others notify. */
  on(event: "notification", listener: (message: PgNotification) => void): unknown;
  /** Adds a listener for the loss of the connection. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Adds a listener for the end of the connection. */
  on(event: "end", listener: () => void): unknown;
  /** Gives it back, or ends it. */
  release(destroy: boolean): void;
}

/** What `pg` tells of a notification. */
export interface PgNotification {
  /** Where it was. */
  readonly channel: string;
  /** What it says. */
  readonly payload?: string | undefined;
}

/** Whether a value is a pool. A client of `pg` has more in common with one than it is good for. */
export function isPgPool(value: unknown): value is PgPool {
  if (typeof value !== "object" || value === null || "connectionParameters" in value) return false;
  const { connect, query, on, removeListener } = value as Partial<Record<string, unknown>>;
  return [connect, query, on, removeListener].every((method) => typeof method === "function");
}

/**
 * Checks a pool that is to listen as well as to send.
 *
 * @throws {RangeError} if it has too few connections.
 */
export function checkSize({ options }: PgPool): void {
  if ((options?.max ?? 2) >= 2) return;
  throw new RangeError(
    "Cannot use pool: its only connection is to listen, and none is left to send",
  );
}

/** PostgreSQL by way of `pg`: one connection of the pool listens to all channels. */
export class PgDatabase implements Database {
  readonly #pool: PgPool;
  readonly #handlers = new Map<string, Set<ChannelHandler>>();
  #connection: Connection | undefined;
  #connecting = false;
  #guarded = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pool: PgPool) {
    this.#pool = pool;
  }

  async query(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const { rows } = await this.#pool.query(text, [...values]);
    return rows as Row[];
  }

  listen(channel: string, handler: ChannelHandler): () => Promise<unknown> {
    if (!this.#guarded) this.#pool.on("error", ignore);
    this.#guarded = true;
    const handlers = this.#handlers.get(channel);
    if (handlers === undefined) this.#handlers.set(channel, new Set([handler]));
    else handlers.add(handler);
    if (this.#connection?.listened.has(channel)) handler.listening();
    this.#update();
    return () => this.#stop(channel, handler);
  }

  async #stop(channel: string, handler: ChannelHandler): Promise<void> {
    const handlers = this.#handlers.get(channel);
    if (!handlers?.delete(handler) || handlers.size > 0) return;
    this.#handlers.delete(channel);
    if (this.#handlers.size > 0) return this.#update();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failures = 0;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.end();
    // Another adapter may have come meanwhile.
    if (this.#handlers.size > 0 || !this.#guarded) return;
    this.#guarded = false;
    this.#pool.removeListener("error", ignore);
  }

  /** Sees to it that there is a connection, and that it listens to what is wanted. */
  #update(): void {
    if (this.#connection !== undefined) this.#connection.update();
    else if (!this.#connecting && this.#timer === undefined) this.#connect();
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    try {
      const client = await this.#pool.connect();
      if (this.#handlers.size === 0) return client.release(false);
      this.#connection = new Connection(client, this.#handlers, {
        updated: () => this.#failures = 0,
        lost: (error) => this.#lost(error),
      });
      this.#connection.update();
    } catch (error) {
      this.#lost(error);
    } finally {
      this.#connecting = false;
    }
  }

  #lost(error: unknown): void {
    this.#connection = undefined;
    if (this.#handlers.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#update();
    }, retryDelay(this.#failures++));
    for (const handlers of this.#handlers.values()) {
      for (const handler of handlers) handler.failed(error);
    }
  }
}

/** What becomes of a connection that listens. */
interface ConnectionHandler {
  /** It listens to all that is wanted. */
  updated(): void;
  /** It is no more. */
  lost(error: unknown): void;
}

class Connection {
  /** The channels that it listens to. */
  readonly listened = new Set<string>();
  readonly #client: PgClient;
  readonly #wanted: ReadonlyMap<string, ReadonlySet<ChannelHandler>>;
  readonly #handler: ConnectionHandler;
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #updating = false;
  #open = true;

  constructor(
    client: PgClient,
    wanted: ReadonlyMap<string, ReadonlySet<ChannelHandler>>,
    handler: ConnectionHandler,
  ) {
    this.#client = client;
    this.#wanted = wanted;
    this.#handler = handler;
    client.on("notification", ({ channel, payload = "" }) => {
      if (!this.#open) return;
      for (const handler of wanted.get(channel) ?? []) handler.notified(payload);
    });
    client.on("error", (error) => this.#lost(error));
    client.on("end", () => {
      this.#lost(new Error("the connection has ended"));
      this.#ended.resolve();
    });
  }

  /** Listens to what is wanted by now, one statement after the other. */
  async update(): Promise<void> {
    if (this.#updating) return;
    this.#updating = true;
    try {
      while (this.#open && await this.#step());
      if (this.#open) this.#handler.updated();
    } catch (error) {
      this.#lost(error);
    } finally {
      this.#updating = false;
    }
  }

  /** Ends it, since it might still listen if it went back to the pool. */
  end(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      this.#client.release(true);
    }
    return this.#ended.promise;
  }

  async #step(): Promise<boolean> {
    const added = [...this.#wanted.keys()].filter((channel) => !this.listened.has(channel));
    const removed = [...this.listened].filter((channel) => !this.#wanted.has(channel));
    if (added.length + removed.length === 0) return false;
    for (const channel of removed) this.listened.delete(channel);
    await this.#client.query([
      ...removed.map((channel) => `UNLISTEN ${quoted(channel)}`),
      ...added.map((channel) => `LISTEN ${quoted(channel)}`),
    ].join("; "));
    if (!this.#open) return false;
    for (const channel of added) {
      this.listened.add(channel);
      for (const handler of this.#wanted.get(channel) ?? []) handler.listening();
    }
    return true;
  }

  #lost(error: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    this.#client.release(true);
    this.#handler.lost(error);
  }
}

/** Whoever uses a connection is told of its loss; of others, the pool makes new ones. */
function ignore(): void {}
