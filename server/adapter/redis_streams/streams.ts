import type { Receiver } from "../cluster/mod.ts";
import type { RedisClient } from "../redis/client/mod.ts";
import { type Entry, fromFields } from "./entry.ts";
import type { Settings } from "./options.ts";
import { StreamReader } from "./reader.ts";
import { streamOf } from "./stream_name.ts";

/** The connections that all namespaces of a factory share, from the first to the last one. */
export class Streams {
  /** The client of the program, for all that does not block. */
  readonly client: RedisClient;
  readonly #settings: Settings;
  // Servers may share a factory, and then have the same namespaces.
  readonly #receivers = new Map<string, Set<Receiver>>();
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
  enter(receiver: Receiver): StreamReader {
    const { nsp } = receiver;
    const known = this.#receivers.get(nsp) ?? new Set();
    this.#receivers.set(nsp, known.add(receiver));
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
  leave(receiver: Receiver): boolean {
    const { nsp } = receiver;
    const known = this.#receivers.get(nsp);
    if (known?.delete(receiver) === true && known.size === 0) this.#receivers.delete(nsp);
    if (this.#receivers.size > 0) return false;
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

  #receive({ id, fields }: Entry): void {
    for (const receiver of this.#receivers.get(fields.get("nsp") ?? "") ?? []) {
      try {
        receiver.receive(fromFields(fields), id);
      } catch (error) {
        receiver.failed(error);
      }
    }
  }

  #tell(error: unknown, stream?: string): void {
    for (const [nsp, receivers] of this.#receivers) {
      if (stream !== undefined && this.streamOf(nsp) !== stream) continue;
      for (const receiver of receivers) receiver.failed(error);
    }
  }
}
