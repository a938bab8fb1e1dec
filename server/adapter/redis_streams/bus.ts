import { decodeBase64, encodeBase64 } from "../../../parser/engine/mod.ts";
import { decodeValue, encodeStandardValue } from "../../../parser/msgpack/mod.ts";
import {
  ClusterError,
  type ClusterMessage,
  type Receiver,
  type Recorded,
  type RecordingBus,
} from "../cluster/mod.ts";
import { reasonOf } from "../cluster/reason.ts";
import type { AdapterScope } from "../mod.ts";
import type { RedisClient } from "../redis/client/mod.ts";
import { Channels } from "./channels.ts";
import { CatchUp } from "./catch_up.ts";
import { append, lastId, rangeFrom, setFor, take } from "./commands.ts";
import { type Entry, fromFields, toFields } from "./entry.ts";
import { isEphemeral } from "./ephemeral.ts";
import { FIRST_ID, isEntryId, isReached } from "./entry_id.ts";
import { Latecomers } from "./latecomers.ts";
import type { Settings } from "./options.ts";
import type { StreamReader } from "./reader.ts";
import { RecordEnd, withAfter } from "./record_end.ts";
import type { EntryListener, Streams } from "./streams.ts";

// Private ids are made by servers; what else a client may send is none of the keys of sessions.
const PID = /^[\w-]{10,100}$/;

// How many entries are asked for at once, to see what a client has missed.
const PAGE = 1000;

/** The messages of one namespace by a stream of Redis, and by channels those to be answered. */
export class RedisStreamsBus implements RecordingBus, EntryListener {
  readonly #streams: Streams;
  readonly #client: RedisClient;
  readonly #settings: Settings;
  readonly nsp: string;
  readonly #hearsOwn: boolean;
  readonly #catchUp: CatchUp;
  readonly #stream: string;
  readonly #channels: Channels;
  readonly #end = new RecordEnd();
  readonly #latecomers = new Latecomers((id) => isReached(this.#reader?.position ?? FIRST_ID, id));
  readonly #opened = Promise.withResolvers<void>();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #asked = (payload: Uint8Array) => this.#hear(payload, (message) => this.#take(message));
  readonly #answered = (payload: Uint8Array) =>
    this.#hear(payload, (message) => this.#receiver?.receive(message));
  #receiver: Receiver | undefined;
  #isClosed = false;
  #reader: StreamReader | undefined;
  #start: string = FIRST_ID;

  /** Takes the connections, the options, and the namespace. */
  constructor(
    streams: Streams,
    settings: Settings,
    { name: nsp, recovery }: Pick<AdapterScope, "name" | "recovery">,
  ) {
    this.#streams = streams;
    this.#client = streams.client;
    this.#settings = settings;
    this.nsp = nsp;
    // Without recovery, what a server sends takes effect on its own clients at once.
    this.#hearsOwn = recovery !== undefined;
    this.#catchUp = new CatchUp(() => this.#reachEnd());
    this.#stream = streams.streamOf(nsp);
    this.#channels = new Channels(streams.client, settings, nsp);
    this.#opened.promise.catch(() => {});
  }

  get capacity(): number {
    return this.#settings.maxLen;
  }

  get start(): string {
    return this.#start;
  }

  async open(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    this.#reader = this.#streams.enter(this);
    // Others may have used the reader before.
    const { position } = this.#reader;
    try {
      const [subscriber, begun] = await Promise.all([
        this.#streams.subscriber(),
        this.#reader.started,
      ]);
      await Promise.all([
        this.#channels.hear(subscriber, this.#asked),
        this.#channels.hear(subscriber, this.#answered, receiver.uid),
      ]);
      this.#start = isReached(position, begun) ? position : begun;
      this.#opened.resolve();
    } catch (error) {
      this.#opened.reject(error);
      // What fails because all is closed meanwhile has failed nobody.
      if (!this.#isClosed) throw error;
    }
  }

  publish(message: ClusterMessage, binary: boolean): Promise<unknown> {
    if (isEphemeral(message)) {
      const payload = encodeStandardValue(message);
      return this.#track(this.#end.behind((id) => this.#channels.say(withAfter(payload, id))));
    }
    const { maxLen, onlyPlaintext } = this.#settings;
    const fields = toFields(message, binary && !onlyPlaintext);
    // What is recorded before reading has begun would not come back.
    const appended = this.#opened.promise.then(() =>
      append(this.#client, this.#stream, fields, maxLen)
    );
    this.#end.record(appended);
    return this.#track(appended.catch(async (error) => {
      // It may have been recorded all the same, and only the answer was lost.
      if (this.#hearsOwn) await this.#catchUp.wait();
      throw error;
    }));
  }

  isReached(offset: string, other: string): boolean {
    const stranger = [offset, other].find((text) => !isEntryId(text));
    if (stranger === undefined) return isReached(offset, other);
    throw new ClusterError(`Cannot compare offsets: "${stranger}" is not the id of an entry`);
  }

  async received(offset: string): Promise<void> {
    await this.#opened.promise;
    await this.#reader?.reached(offset);
  }

  respond(uid: string, message: ClusterMessage): Promise<unknown> {
    return this.#track(this.#channels.say(encodeStandardValue(message), uid));
  }

  serverCount(): Promise<number> {
    return this.#channels.count();
  }

  async hears(uid: string): Promise<boolean> {
    return await this.#channels.count(uid) > 0;
  }

  saveSession(
    pid: string,
    session: Readonly<Record<string, unknown>>,
    duration: number,
  ): void {
    const text = encodeBase64(encodeStandardValue(session));
    const saved = setFor(this.#client, this.#keyOf(pid), text, duration);
    this.#track(saved).catch((error) => this.#receiver?.failed(error));
  }

  async takeSession(pid: string): Promise<unknown> {
    const key = this.#keyOf(pid);
    const text = PID.test(pid) ? await take(this.#client, key) : undefined;
    if (text === undefined) return undefined;
    return readable(() => decodeValue(decodeBase64(text)), `the session ${key}`);
  }

  async recordedAfter(
    offset: string,
    since: string = FIRST_ID,
  ): Promise<Recorded[] | undefined> {
    if (!isEntryId(offset) || !isEntryId(since)) return undefined;
    await this.#opened.promise;
    const reader = this.#reader as StreamReader;
    const entries = await this.#entriesBehind(offset, reader.position);
    const last = entries?.at(-1);
    if (last !== undefined) await reader.reached(last.id);
    else if (entries !== undefined) await reader.reached(offset);
    return entries?.filter(({ id }) => !isReached(since, id))
      .flatMap((entry) => this.#recorded(entry));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#opened.reject(new ClusterError("the adapter has been closed"));
    this.#catchUp.close();
    this.#latecomers.clear();
    if (this.#receiver !== undefined) this.#leave(this.#receiver);
    // What was said last, and the sessions of those who were here.
    await Promise.allSettled(this.#pending);
  }

  async #reachEnd(): Promise<void> {
    const id = await lastId(this.#client, this.#stream);
    if (id !== undefined) await this.#reader?.reached(id);
  }

  /** Part of {@linkcode EntryListener}. */
  entry({ id, fields }: Entry): void {
    const receiver = this.#receiver;
    if (receiver === undefined || fields.get("uid") === receiver.uid && !this.#hearsOwn) return;
    try {
      receiver.receive(readable(() => fromFields(fields), `the entry ${id}`), id);
    } catch (error) {
      receiver.failed(error);
    }
    this.#latecomers.read();
  }

  /** Part of {@linkcode EntryListener}. */
  failed(error: unknown): void {
    this.#receiver?.failed(error);
  }

  #leave(receiver: Receiver): void {
    if (this.#streams.leave(this)) return;
    // Nobody waits for that: the last namespace may end the connection meanwhile.
    this.#streams.subscriber().then((client) =>
      Promise.all([
        this.#channels.leave(client, this.#asked),
        this.#channels.leave(client, this.#answered, receiver.uid),
      ])
    ).catch((error) => receiver.failed(error));
  }

  /** @param until how far to read at least; what comes behind that is heard. */
  async #entriesBehind(offset: string, until: string): Promise<Entry[] | undefined> {
    const entries = await this.#firstBehind(offset);
    if (entries === undefined) return undefined;
    let page = entries;
    while (page.length >= PAGE - 1) {
      const last = (page.at(-1) as Entry).id;
      if (isReached(last, until)) break;
      page = await rangeFrom(this.#client, this.#stream, last, PAGE, true);
      entries.push(...page);
    }
    return entries;
  }

  /** The first entries behind an id, if none of them has been dropped. */
  async #firstBehind(offset: string): Promise<Entry[] | undefined> {
    const entries = await rangeFrom(this.#client, this.#stream, offset, PAGE);
    const [first] = entries;
    if (first !== undefined && isReached(offset, first.id)) return entries.slice(1);
    // A stream is cut only when it is longer.
    const isWhole = offset === FIRST_ID && entries.length < Math.min(PAGE, this.#settings.maxLen);
    return isWhole ? entries : undefined;
  }

  #recorded({ id, fields }: Entry): Recorded[] {
    if (fields.get("nsp") !== this.nsp) return [];
    try {
      return [{ offset: id, message: fromFields(fields) }];
    } catch {
      // Who reads the stream tells of it.
      return [];
    }
  }

  #hear(payload: Uint8Array, take: (message: unknown) => void): void {
    if (this.#isClosed) return;
    try {
      take(readable(() => decodeValue(payload), "what came by a channel"));
    } catch (error) {
      this.#receiver?.failed(error);
    }
  }

  #take(message: unknown): void {
    const receiver = this.#receiver;
    const { uid, after } = Object(message) as { readonly uid?: unknown; readonly after?: unknown };
    const isBehind = uid !== receiver?.uid && typeof after === "string" && isEntryId(after);
    this.#latecomers.take(
      String(uid),
      isBehind ? after : undefined,
      () => receiver?.receive(message),
    );
  }

  #track<Result>(work: Promise<Result>): Promise<Result> {
    this.#pending.add(work);
    const done = () => this.#pending.delete(work);
    work.then(done, done);
    return work;
  }

  #keyOf(pid: string): string {
    return this.#settings.sessionKeyPrefix + pid;
  }
}

function readable(read: () => unknown, what: string): unknown {
  try {
    return read();
  } catch (cause) {
    throw new ClusterError(`Cannot read ${what}: ${reasonOf(cause)}`, { cause });
  }
}
