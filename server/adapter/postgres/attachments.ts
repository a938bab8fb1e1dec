import { ClusterError } from "../cluster/error.ts";
import { reasonOf } from "../cluster/reason.ts";
import { type Database, type Row, sqlState } from "./database.ts";
import type { Settings } from "./options.ts";
import type { Payload } from "./payload.ts";

const UNDEFINED_TABLE = "42P01";

/** The table of what is too large for a notification, or is binary. */
export class Attachments {
  readonly #database: Database;
  readonly #table: string;
  readonly #interval: number;
  readonly #users = new Set<(error: unknown) => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #cleaning = false;

  constructor(database: Database, { tableName, cleanupInterval }: Settings) {
    this.#database = database;
    this.#table = tableName;
    this.#interval = cleanupInterval;
  }

  /** Removes what is old from time to time, until the function that it returns is called. */
  use(failed: (error: unknown) => void): () => void {
    this.#users.add(failed);
    this.#timer ??= setInterval(() => this.#clean(), this.#interval);
    return () => {
      this.#users.delete(failed);
      if (this.#users.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /**
   * Notifies of messages, in order, by one statement, so that all are sent or none. What has bytes is
   * stored.
   */
  async send(channel: string, payloads: readonly Payload[]): Promise<void> {
    const [first] = payloads;
    if (first !== undefined && payloads.length === 1 && "bytes" in first) {
      const { bytes, before, after } = first;
      await this.#query(
        `WITH attachment AS (INSERT INTO ${this.#table} (payload) VALUES ($1::bytea) RETURNING id) ` +
          "SELECT pg_notify($2::text, $3::text || id::text || $4::text) FROM attachment",
        [bytes, channel, before, after],
      );
      return;
    }
    await this.#query(this.#textFor(payloads.length), [
      channel,
      ...payloads.flatMap((payload) =>
        "bytes" in payload
          ? [payload.bytes, payload.before, payload.after]
          : [null, payload.text, null]
      ),
    ]);
  }

  /** Reads payloads; what is gone is missing. */
  async read(ids: readonly string[]): Promise<Map<string, Uint8Array>> {
    const rows = await this.#query(
      `SELECT id::text AS id, payload FROM ${this.#table} ` +
        "WHERE id = ANY (string_to_array($1::text, ',')::bigint[])",
      [ids.join(",")],
    );
    const read = new Map<string, Uint8Array>();
    for (const { id, payload } of rows) {
      if (payload instanceof Uint8Array) read.set(String(id), payload);
    }
    return read;
  }

  /** The statement for so many. Their ids rise in the order in which they are stored. */
  #textFor(count: number): string {
    const rows = Array.from({ length: count }, (_, i) => {
      const parameter = 2 + 3 * i;
      return `(${i}, $${parameter}::bytea, $${parameter + 1}::text, $${parameter + 2}::text)`;
    });
    return `WITH message (number, payload, before, after) AS (VALUES ${rows.join(", ")}), ` +
      `stored AS (INSERT INTO ${this.#table} (payload) ` +
      "SELECT payload FROM message WHERE payload IS NOT NULL ORDER BY number RETURNING id), " +
      "attachment AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM stored), " +
      "placed AS (SELECT number, row_number() OVER (ORDER BY number) AS place " +
      "FROM message WHERE payload IS NOT NULL) " +
      "SELECT pg_notify($1::text, text) FROM (" +
      "SELECT before || coalesce(id::text || after, '') AS text FROM message " +
      "LEFT JOIN placed USING (number) LEFT JOIN attachment USING (place) ORDER BY number" +
      ") AS notification";
  }

  async #query(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return await this.#database.query(text, values);
    } catch (cause) {
      throw sqlState(cause) === UNDEFINED_TABLE ? this.#missing(cause) : cause;
    }
  }

  #missing(cause: unknown): ClusterError {
    return new ClusterError(
      "Cannot send or receive large or binary messages: there is no table for them " +
        `(${reasonOf(cause)}). Create it by: ` +
        `CREATE TABLE IF NOT EXISTS ${this.#table} ` +
        "(id bigserial UNIQUE, created_at timestamptz DEFAULT NOW(), payload bytea);",
      { cause },
    );
  }

  async #clean(): Promise<void> {
    if (this.#cleaning) return;
    this.#cleaning = true;
    try {
      await this.#database.query(
        `DELETE FROM ${this.#table} ` +
          "WHERE created_at < now() - $1::float8 * interval '1 millisecond'",
        [this.#interval],
      );
    } catch (error) {
      // Where there is no table, there is nothing to be removed.
      if (sqlState(error) !== UNDEFINED_TABLE) { for (const failed of this.#users) failed(error); }
    } finally {
      this.#cleaning = false;
    }
  }
}
