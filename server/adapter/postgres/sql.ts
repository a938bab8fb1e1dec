import { type ChannelHandler, type Database, retryDelay, type Row } from "./database.ts";

/** What is needed of the `sql` of `postgres`, and of `Bun.sql`. */
export interface PostgresSql {
  /** Runs a statement. */
  unsafe(text: string, values?: unknown[]): PromiseLike<unknown>;
  /** Listens to a channel, and does so again whenever its connection has been lost. */
  listen(
    channel: string,
    notified: (payload: string) => void,
    listening: () => void,
  ): PromiseLike<{
    /** Ends that. */
    unlisten(): PromiseLike<unknown>;
  }>;
}

/** Whether a value is one. */
export function isPostgresSql(value: unknown): value is PostgresSql {
  if (typeof value !== "function") return false;
  const { unsafe, listen, options } = value as unknown as Partial<Record<string, unknown>>;
  // Bun.sql may be a client of another database.
  const { adapter = "postgres" } = (options ?? {}) as { readonly adapter?: unknown };
  return typeof unsafe === "function" && typeof listen === "function" && adapter === "postgres";
}

/** PostgreSQL by way of clients that care for the connection that listens. */
export class SqlDatabase implements Database {
  readonly #sql: PostgresSql;

  constructor(sql: PostgresSql) {
    this.#sql = sql;
  }

  async query(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return await this.#sql.unsafe(text, [...values]) as readonly Row[];
  }

  listen(channel: string, handler: ChannelHandler): () => Promise<unknown> {
    const listening = new Listening(this.#sql, channel, handler);
    listening.start();
    return () => listening.stop();
  }
}

/** What `listen` resolves to. */
type Subscription = Awaited<ReturnType<PostgresSql["listen"]>>;

class Listening {
  readonly #sql: PostgresSql;
  readonly #channel: string;
  readonly #handler: ChannelHandler;
  #subscription: Promise<Subscription | undefined> = Promise.resolve(undefined);
  #stopped = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sql: PostgresSql, channel: string, handler: ChannelHandler) {
    this.#sql = sql;
    this.#channel = channel;
    this.#handler = handler;
  }

  start(): void {
    this.#subscription = this.#subscribe();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const subscription = await this.#subscription;
    await subscription?.unlisten();
  }

  // What `postgres` has made anew after a loss cannot be ended, so it is only not heard any more.
  async #subscribe(): Promise<Subscription | undefined> {
    try {
      return await this.#sql.listen(this.#channel, (payload) => {
        if (!this.#stopped) this.#handler.notified(payload);
      }, () => {
        if (!this.#stopped) this.#handler.listening();
      });
    } catch (error) {
      if (!this.#stopped) this.#failed(error);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    this.#handler.failed(error);
    // That of `postgres` tries again by itself; asked twice, it would tell everything twice.
    if ("subscribe" in this.#sql) return;
    this.#timer = setTimeout(() => this.start(), retryDelay(this.#failures++));
  }
}
