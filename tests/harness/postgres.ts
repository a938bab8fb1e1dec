import pg from "pg";
import postgres from "postgres";
import {
  createAdapter,
  type PgPool,
  type PostgresAdapterOptions,
  type PostgresSql,
} from "../../server/adapter/postgres/mod.ts";
import type { AdapterFactory } from "../../server/adapter/mod.ts";
import type { Broker } from "../suite/cluster.ts";

/** A client of PostgreSQL that ends with its test. */
export interface Client {
  readonly client: PgPool | PostgresSql;
  end(): Promise<unknown>;
}

interface BunRuntime {
  readonly SQL: new (url: string, options: { readonly max: number }) => PostgresSql & {
    close(): Promise<void>;
  };
}

const BUN = (globalThis as unknown as { readonly Bun?: BunRuntime }).Bun;

// Three servers at once, and other tests beside.
const MAX = 4;

/** Every client that this runtime has, by name. */
export const CLIENTS: Readonly<Record<string, (url: string) => Client>> = {
  pg: (url) => {
    const client = new pg.Pool({ connectionString: url, max: MAX });
    return { client, end: () => client.end() };
  },
  postgres: (url) => {
    const client = postgres(url, { max: MAX });
    // Where the database is away, it would wait for ever.
    return { client, end: () => client.end({ timeout: 1 }) };
  },
  ...(BUN === undefined ? {} : {
    "Bun.sql": (url: string) => {
      const client = new BUN.SQL(url, { max: MAX });
      return { client, end: () => client.close() };
    },
  }),
};

/** A table and names of channels that no other test uses. */
export class PostgresBroker implements Broker {
  readonly url: string;
  readonly channelPrefix: string;
  readonly tableName: string;
  /** For what a test asks of the database itself. */
  readonly pool: pg.Pool;
  readonly #create: (url: string) => Client;
  readonly #clients: Client[] = [];

  private constructor(url: string, create: (url: string) => Client) {
    const id = crypto.getRandomValues(new Uint8Array(6)).toHex();
    this.url = url;
    this.channelPrefix = `test-${id}`;
    this.tableName = `test_${id}`;
    this.#create = create;
    this.pool = new pg.Pool({ connectionString: url, max: 2 });
  }

  static async open(
    url: string,
    create: (url: string) => Client = CLIENTS["pg"]!,
  ): Promise<PostgresBroker> {
    const broker = new PostgresBroker(url, create);
    await broker.createTable();
    return broker;
  }

  async createTable(): Promise<void> {
    await this.pool.query(
      `CREATE TABLE ${this.tableName} ` +
        "(id bigserial UNIQUE, created_at timestamptz DEFAULT NOW(), payload bytea)",
    );
  }

  async dropTable(): Promise<void> {
    await this.pool.query(`DROP TABLE IF EXISTS ${this.tableName}`);
  }

  /** How many rows the table has. */
  async rows(): Promise<number> {
    const { rows } = await this.pool.query(`SELECT count(*)::int AS n FROM ${this.tableName}`);
    return rows[0].n;
  }

  /** A client for a server of its own, at the database or at what stands before it. */
  client(url: string = this.url): PgPool | PostgresSql {
    const made = this.#create(url);
    this.#clients.push(made);
    return made.client;
  }

  join(
    options: PostgresAdapterOptions = {},
    client: PgPool | PostgresSql = this.client(),
  ): AdapterFactory {
    const { channelPrefix, tableName } = this;
    return createAdapter(client, { channelPrefix, tableName, ...options });
  }

  /** Ends the connections that listen to these channels. Resolves to how many there were. */
  async cut(): Promise<number> {
    const { rowCount } = await this.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
        "WHERE query ILIKE $1 AND pid <> pg_backend_pid()",
      [`listen "${this.channelPrefix}%`],
    );
    return rowCount ?? 0;
  }

  /** How many connections listen to these channels. */
  async listening(): Promise<number> {
    const { rowCount } = await this.pool.query(
      "SELECT pid FROM pg_stat_activity WHERE query ILIKE $1",
      [`listen "${this.channelPrefix}%`],
    );
    return rowCount ?? 0;
  }

  /** Notifies, as any program could. */
  async notify(namespace: string, payload: string): Promise<void> {
    await this.pool.query("SELECT pg_notify($1, $2)", [
      `${this.channelPrefix}#${namespace}`,
      payload,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dropTable();
    await Promise.all([this.pool.end(), ...this.#clients.map(({ end }) => end())]);
  }
}
