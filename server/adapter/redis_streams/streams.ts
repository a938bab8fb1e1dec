import type { RedisClient } from "../redis/client/mod.ts";
import type { Entry } from "./entry.ts";
import type { Settings } from "./options.ts";
import { StreamReader } from "./reader.ts";
import { streamOf } from "./stream_name.ts";

/** A namespace, as it hears its stream. */
export interface EntryListener {
  /** Its name. */
  readonly nsp: string;
  /** Takes an entry that is for this namespace. Never throws. */
  entry(entry: Entry): void;
  /** Told of what failed and has no caller. */
  failed(error: unknown): void;
}

/** The connections that all namespaces of a factory share, from the first to the last one. */
export class Streams {
  /** The client of the program, for all that does not block. */
  readonly client: RedisClient;
  readonly #settings: Settings;
  // Servers may share a factory, and then have the same namespaces.
  readonly #listeners = new Map<string, Set<EntryListener>>();
  readonly #readers = new Map<string, StreamReader>();
  #subscriber: Promise<RedisClient> | undefined;
  #forgetErrors: (() => void) | undefined;

  /** Takes the client of the program. */
  constructor(client: RedisClient, settings: Settings) {
    this.client = client;
    this.#settings = settings;
  }

  /** The key of the stream that a namespace has. */
  streamOf(nsp: string): string {
    return streamOf(nsp, this.#settings);
  }

  /** Has a namespace told of the entries of its stream. */
  enter(listener: EntryListener): StreamReader {
    const { nsp } = listener;
    const known = this.#listeners.get(nsp) ?? new Set();
    this.#listeners.set(nsp, known.add(listener));
    this.#forgetErrors ??= this.client.onError((error) => this.#tell(error));
    const stream = this.streamOf(nsp);
    let reader = this.#readers.get(stream);
    if (reader === undefined) {
      reader = this.#reader(stream);
      this.#readers.set(stream, reader);
    }
    return reader;
  }

  /** A connection for subscriptions. */
  subscriber(): Promise<RedisClient> {
    return this.#subscriber ??= this.client.duplicate((error) => this.#tell(error));
  }

  /** Has a namespace told no longer. With the last one, the connections end; `true` then. */
  leave(listener: EntryListener): boolean {
    const { nsp } = listener;
    const known = this.#listeners.get(nsp);
    if (known?.delete(listener) === true && known.size === 0) this.#listeners.delete(nsp);
    if (this.#listeners.size > 0) return false;
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
    this.#subscriber?.then((client) => client.close(), () => {});
    this.#subscriber = undefined;
    this.#forgetErrors?.();
    this.#forgetErrors = undefined;
    return true;
  }

  #reader(stream: string): StreamReader {
    return new StreamReader(stream, (failed) => this.client.duplicate(failed), this.#settings, {
      entry: (entry) => this.#receive(entry),
      failed: (error) => this.#tell(error, stream),
    });
  }

  #receive(entry: Entry): void {
    for (const listener of this.#listeners.get(entry.fields.get("nsp") ?? "") ?? []) {
      listener.entry(entry);
    }
  }

  #tell(error: unknown, stream?: string): void {
    for (const [nsp, listeners] of this.#listeners) {
      if (stream !== undefined && this.streamOf(nsp) !== stream) continue;
      for (const listener of listeners) listener.failed(error);
    }
  }
}
