import { ClusterError } from "../cluster/error.ts";
import type { Attachments } from "./attachments.ts";
import { type Database, sqlState } from "./database.ts";
import { type Payload, sizeOf } from "./payload.ts";

interface Item {
  readonly payload: Payload;
  readonly sent: PromiseWithResolvers<void>;
}

// In bytes, about.
const MAX_WAITING = 64 << 20;

const MAX_BATCH = 100;

// So that what follows does not wait for long.
const MAX_BATCH_BYTES = 4 << 20;

/** Sends one after the other, since a pool has many connections, which may overtake each other. */
export class Outbox {
  readonly #database: Database;
  readonly #attachments: Attachments;
  readonly #channel: string;
  #waiting: Item[] = [];
  #size = 0;
  #work: Promise<void> | undefined;

  constructor(database: Database, attachments: Attachments, channel: string) {
    this.#database = database;
    this.#attachments = attachments;
    this.#channel = channel;
  }

  /** Sends; rejects if that has failed. */
  send(payload: Payload): Promise<void> {
    if (this.#size > MAX_WAITING) {
      return Promise.reject(
        new ClusterError("Cannot send message: too many still wait for the database"),
      );
    }
    const sent = Promise.withResolvers<void>();
    this.#waiting.push({ payload, sent });
    this.#size += sizeOf(payload);
    this.#work ??= this.#run();
    return sent.promise;
  }

  /** Resolves once nothing waits any more. */
  async drained(): Promise<void> {
    await this.#work;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      await this.#deliver(batch);
      for (const { payload } of batch) this.#size -= sizeOf(payload);
    }
    this.#work = undefined;
  }

  async #deliver(batch: readonly Item[]): Promise<void> {
    try {
      await this.#sendAll(batch.map(({ payload }) => payload));
      for (const { sent } of batch) sent.resolve();
    } catch (error) {
      if (batch.length > 1 && isRefusal(error)) {
        // Nothing of it was done, and maybe only one is to blame.
        for (const item of batch) await this.#deliver([item]);
      } else {
        for (const { sent } of batch) sent.reject(error);
      }
    }
  }

  /** Takes what one statement can send. Of equal notifications, PostgreSQL would keep only one. */
  #next(): Item[] {
    const texts = new Set<string>();
    let bytes = 0;
    const end = this.#waiting.findIndex(({ payload }, index) => {
      if (index === MAX_BATCH) return true;
      if ("bytes" in payload) {
        bytes += payload.bytes.length;
        return index > 0 && bytes > MAX_BATCH_BYTES;
      }
      if (texts.has(payload.text)) return true;
      texts.add(payload.text);
      return false;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #sendAll(payloads: readonly Payload[]): Promise<void> {
    if (payloads.some((payload) => "bytes" in payload)) {
      return this.#attachments.send(this.#channel, payloads);
    }
    const texts = payloads.flatMap((payload) => "text" in payload ? payload.text : []);
    // Not every client takes a list as a parameter.
    await (texts.length === 1
      ? this.#database.query("SELECT pg_notify($1::text, $2::text)", [this.#channel, texts[0]])
      : this.#database.query(
        "SELECT pg_notify($1::text, payload) FROM json_array_elements_text($2::text::json) AS payload",
        [this.#channel, JSON.stringify(texts)],
      ));
  }
}

/**
 * Whether the database has refused a statement for what it says: no such table, no permission, no
 * room, too large. A lost connection leaves open what was done.
 */
function isRefusal(error: unknown): boolean {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return /^(?:22|42|53|54)/.test(sqlState(error) ?? sqlState(cause) ?? "");
}
