import { ClusterError } from "../cluster/mod.ts";
import type { Attachments } from "./attachments.ts";
import type { Database } from "./database.ts";
import { type Payload, sizeOf } from "./payload.ts";

interface Item {
  readonly payload: Payload;
  readonly sent: PromiseWithResolvers<void>;
}

// In bytes, about.
const MAX_WAITING = 64 << 20;

const MAX_BATCH = 100;

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
      try {
        await this.#sendAll(batch.map(({ payload }) => payload));
        for (const { sent } of batch) sent.resolve();
      } catch (error) {
        for (const { sent } of batch) sent.reject(error);
      }
      for (const { payload } of batch) this.#size -= sizeOf(payload);
    }
    this.#work = undefined;
  }

  /**
   * Takes what one statement can send: an attachment, or several notifications. Of those that are
   * equal, PostgreSQL would keep only one.
   */
  #next(): Item[] {
    const texts = new Set<string>();
    const end = this.#waiting.findIndex(({ payload }, index) => {
      if (index === 0 && "bytes" in payload) return false;
      if (index > 0 && "bytes" in this.#waiting[0]!.payload) return true;
      if (index === MAX_BATCH || "bytes" in payload || texts.has(payload.text)) return true;
      texts.add(payload.text);
      return false;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #sendAll(payloads: readonly Payload[]): Promise<void> {
    const [first] = payloads;
    if (first !== undefined && "bytes" in first) {
      const { bytes, before, after } = first;
      return this.#attachments.send(this.#channel, bytes, before, after);
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
