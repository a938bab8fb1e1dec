import { ClusterError } from "../cluster/mod.ts";
import type { RedisClient } from "../redis/client/mod.ts";
import { lastId, rangeFrom, readBehind, type ReadOptions } from "./commands.ts";
import type { Entry } from "./entry.ts";
import { FIRST_ID, isReached } from "./entry_id.ts";

/** What is told of a stream. */
export interface ReaderHandler {
  /** An entry was read. Never throws. */
  entry(entry: Entry): void;
  /** Reading has failed. It goes on as soon as that is possible. */
  failed(error: unknown): void;
}

interface Wait {
  readonly id: string;
  readonly done: PromiseWithResolvers<void>;
}

// How long a failure is left alone until the next attempt, in milliseconds.
const PAUSE = 100;

/** Reads one stream, from where it ends when the reader comes, on a connection of its own. */
export class StreamReader {
  /** Resolves to where reading has begun. */
  readonly started: Promise<string>;
  readonly #stream: string;
  readonly #options: ReadOptions;
  readonly #handler: ReaderHandler;
  #client: RedisClient | undefined;
  #position: string = FIRST_ID;
  #waits: Wait[] = [];
  #pause: { readonly timer: ReturnType<typeof setTimeout>; end(): void } | undefined;
  // An outage is told once.
  #isBroken = false;
  #hasGap = false;
  #closed = false;

  /** Takes what to read, and how a connection is made. */
  constructor(
    stream: string,
    connect: (failed: (error: Error) => void) => Promise<RedisClient>,
    options: ReadOptions,
    handler: ReaderHandler,
  ) {
    this.#stream = stream;
    this.#options = options;
    this.#handler = handler;
    this.started = this.#start(connect);
    // Whoever opens is told by the promise, and a reader that is closed has nothing more to say.
    this.started.then(() => this.#read()).catch(() => {});
  }

  /** The id of the last entry that was read. */
  get position(): string {
    return this.#position;
  }

  /** Resolves as soon as the entry of an id, and all ahead of it, have been read. */
  reached(id: string): Promise<void> {
    if (isReached(this.#position, id)) return Promise.resolve();
    if (this.#closed) return Promise.reject(closed());
    const done = Promise.withResolvers<void>();
    this.#waits.push({ id, done });
    return done.promise;
  }

  /** Ends the connection, also while Redis holds back an answer. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#pause?.timer);
    this.#pause?.end();
    this.#client?.close();
    for (const { done } of this.#waits) done.reject(closed());
    this.#waits = [];
  }

  async #start(connect: (failed: (error: Error) => void) => Promise<RedisClient>): Promise<string> {
    const client = await connect((error) => this.#failed(error));
    // The connection may have been closed while it was made.
    if (this.#closed) client.close();
    else this.#client = client;
    const id = await this.#attempt(() => lastId(client, this.#stream));
    return this.#position = id ?? FIRST_ID;
  }

  async #read(): Promise<void> {
    const client = this.#client;
    while (!this.#closed && client !== undefined) {
      const wasBroken = this.#isBroken;
      const entries = await this.#attempt(() =>
        readBehind(client, this.#stream, this.#position, this.#options)
      );
      if (wasBroken || this.#isBroken) await this.#checkGap(client);
      // Whoever is behind may be too slow; the answer need not be awaited.
      else if (entries.length >= this.#options.readCount) this.#checkGap(client).catch(() => {});
      this.#isBroken = false;
      for (const entry of entries) this.#take(entry);
      this.#release();
    }
  }

  #take(entry: Entry): void {
    if (this.#closed) return;
    this.#position = entry.id;
    this.#handler.entry(entry);
  }

  /** Ends the waits that are over. They come in the order of their ids, or soon after. */
  #release(): void {
    let due = 0;
    for (const { id } of this.#waits) {
      if (!isReached(this.#position, id)) break;
      due++;
    }
    for (const { done } of this.#waits.splice(0, due)) done.resolve();
  }

  /** Repeats a command until it succeeds or all is closed. */
  async #attempt<Result>(command: () => Promise<Result>): Promise<Result> {
    while (!this.#closed) {
      try {
        return await command();
      } catch (error) {
        this.#failed(error);
      }
      await this.#rest();
    }
    throw closed();
  }

  #failed(error: unknown): void {
    if (this.#closed || this.#isBroken) return;
    this.#isBroken = true;
    this.#handler.failed(error);
  }

  /** Tells if entries may have been dropped while they could not be read. */
  async #checkGap(client: RedisClient): Promise<void> {
    const position = this.#position;
    if (this.#closed || position === FIRST_ID) return;
    const [last] = await this.#attempt(() => rangeFrom(client, this.#stream, position, 1));
    const hasGap = last?.id !== position;
    // A server that is too slow for a while is told once.
    if (hasGap && !this.#hasGap) {
      const lost = `Messages may be lost: ${this.#stream} no longer holds ${position}`;
      this.#handler.failed(new ClusterError(lost));
    }
    this.#hasGap = hasGap;
  }

  #rest(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((end) => {
      this.#pause = { timer: setTimeout(end, PAUSE), end };
    });
  }
}

function closed(): ClusterError {
  return new ClusterError("the adapter has been closed");
}
