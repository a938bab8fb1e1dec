import { debugScope } from "../../../events/mod.ts";
import { ClusterError, type HeartbeatOptions } from "../cluster/mod.ts";
import { type Frame, type Item, readFrame, writeFrame } from "./frame.ts";
import { type Batch, type KeepLimits, Outbox } from "./outbox.ts";
import type { Packed } from "./pack.ts";
import { markOf, type Peer } from "./peer.ts";
import { Peers } from "./peers.ts";
import type { Port } from "./port.ts";
import { Alarm } from "./alarm.ts";

/** What is told of what came. */
export interface ReliableChannelHandler {
  /** Takes messages of another thread, in the order in which it sent them. */
  deliver(items: readonly Item[]): void;
  /** Told of what went wrong. */
  failed(error: ClusterError): void;
}

/** When others count as gone, and how much is kept for them. */
export interface ReliableChannelOptions extends HeartbeatOptions, KeepLimits {}

const debug = debugScope("sockeye:broadcast-channel");

// Deno keeps 256 for all channels of the process, whoever sends.
const WINDOW = 16;
const TOLD_EVERY = 4;
const TELL_AFTER = 20;
const MIN_RETRY = 50;
const MAX_RETRY = 1000;
// Until then, those who were there before may come to know this thread.
const YOUTH = 2000;
const YOUNG_INTERVAL = 250;
const CLOSE_TIMEOUT = 1000;

/**
 * A channel on which nothing is lost, and all comes in order, over one that loses.
 *
 * ```
 * A                                        B
 * |  next 0                                |   A is there, and B says where A is to begin
 * | <---------------------  next 7, A at 7 |
 * |  next 0, B has 7, B at 0  -----------> |   the same the other way
 * |  next 2, messages 0 1  ------------->  |
 * |  next 3, message 2  ----------- lost   |
 * |  next 3, urge  --------------------->  |   nobody has told A of message 2
 * | <---------------  A has 2, asks 2 to 3 |
 * |  next 3, message 2  ---------------->  |
 * | <---------------------------  A has 3  |
 * ```
 */
export class ReliableChannel {
  readonly #id = crypto.randomUUID();
  readonly #born = performance.timeOrigin + performance.now();
  readonly #openPort: () => Port;
  readonly #handler: ReliableChannelHandler;
  readonly #interval: number;
  readonly #outbox: Outbox;
  readonly #peers: Peers;
  #port: Port | undefined;
  #isFlushing = false;
  #postedAt = 0;
  #ended: PromiseWithResolvers<void> | undefined;
  readonly #beat = new Alarm(() => this.#tick());
  readonly #tell = new Alarm(() => this.#post());
  readonly #retry = new Alarm(() => this.#tryAgain());
  #retryDelay = MIN_RETRY;

  constructor(
    open: () => Port,
    handler: ReliableChannelHandler,
    options: ReliableChannelOptions,
  ) {
    this.#openPort = open;
    this.#handler = handler;
    this.#interval = options.heartbeatInterval ?? 5000;
    this.#outbox = new Outbox(options);
    this.#peers = new Peers(
      {
        deliver: (items) => this.#handler.deliver(items),
        lost: (count) => this.#lost(count),
      },
      options.heartbeatTimeout ?? 10_000,
      this.#interval,
    );
  }

  /** Starts to hear the others. */
  open(): void {
    const port = this.#port = this.#openPort();
    port.onmessage = ({ data }) => this.#receive(data);
    port.onmessageerror = () => this.#fail("Cannot read what came by the channel between threads");
    port.unref?.();
    this.#post();
    this.#beat.set(this.#beatInterval);
  }

  /** Sends a message to all others, with all others of this turn. */
  send(message: Packed): void {
    this.#outbox.add(message);
    if (this.#outbox.overflows) return this.#flush();
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  /** Sends what is left, and stops as soon as all others have it, or soon if they do not answer. */
  async close(): Promise<void> {
    if (this.#port === undefined) return;
    this.#ended = Promise.withResolvers();
    this.#flush();
    this.#post({ urge: true });
    this.#settle();
    const timer = setTimeout(this.#ended.resolve, CLOSE_TIMEOUT);
    await this.#ended.promise;
    clearTimeout(timer);
    for (const alarm of [this.#beat, this.#tell, this.#retry]) alarm.clear();
    this.#port.close();
    this.#port = undefined;
  }

  #receive(data: unknown): void {
    let frame: Frame;
    try {
      frame = readFrame(data);
    } catch (error) {
      return this.#handler.failed(error as ClusterError);
    }
    if (frame.from === this.#id || this.#port === undefined) return;
    const peer = this.#peers.get(frame.from) ?? this.#meet(frame);
    if (peer === undefined) return;
    peer.heardAt = performance.now();
    if (peer.misses(this.#outbox.next) || peer.inbox.isBehind) this.#hurry();
    const hasBegun = this.#hear(peer, frame);
    const isNew = this.#take(peer, frame);
    const asks = this.#peers.missing(performance.now() - MIN_RETRY);
    this.#answer(frame);
    if (frame.ends === true) {
      peer.isLeaving = true;
      if (!peer.inbox.isBehind) peer.hasEnded = true;
    }
    if (hasBegun || frame.urge || asks.length > 0 || peer.untold >= TOLD_EVERY) {
      this.#post(asks.length > 0 ? { asks } : {});
    } else if (isNew) {
      this.#tell.setIfNone(TELL_AFTER);
    }
    this.#settle();
  }

  /** Somebody speaks that is not known, or not any more. */
  #meet({ from, born, acks, ends }: Frame): Peer | undefined {
    if (ends) return undefined;
    const outbox = this.#outbox;
    const has = markOf(acks, this.#id);
    const isYounger = born > this.#born && has === undefined;
    const start = isYounger ? outbox.next : Math.max(has ?? 0, outbox.oldest);
    if (debug.enabled) debug.log(`${this.#id} meets ${from}, which is to begin at ${start}`);
    return this.#peers.add(from, Math.min(start, outbox.next));
  }

  /** Takes what another says about us. Returns whether it has to be told at once that it was heard. */
  #hear(peer: Peer, { from, acks, starts, next }: Frame): boolean {
    const has = markOf(acks, this.#id);
    const start = markOf(starts, this.#id);
    if (has !== undefined) peer.ack(has, this.#outbox);
    if (start !== undefined) {
      if (debug.enabled) debug.log(`${this.#id} is to begin at ${start} of ${from}`);
      // Whoever says so and tells of nothing of ours has not heard where to begin itself.
      if (has === undefined) peer.restart(this.#outbox);
      peer.inbox.begin(start);
    }
    peer.inbox.tell(next);
    return start !== undefined || (has === undefined && peer.start !== undefined);
  }

  #take(peer: Peer, { first, items }: Frame): boolean {
    if (first === undefined || items === undefined) return false;
    const isNew = peer.inbox.receive(first, items);
    if (isNew) peer.untold++;
    return isNew;
  }

  /** Sends again what another has missed, or tells it that it cannot be had any more. */
  #answer({ from, asks = [] }: Frame): void {
    const peer = this.#peers.get(from);
    for (const [id, first, end] of asks) {
      if (id !== this.#id) continue;
      if (first < this.#outbox.oldest) {
        peer?.restart(this.#outbox);
        this.#post();
      }
      for (const batch of this.#outbox.between(first, end, WINDOW)) this.#postBatch(batch);
    }
  }

  /** Whatever has changed: sends what can be sent, forgets what nobody needs, and sees what is due. */
  #settle(): void {
    if (this.#port === undefined) return;
    this.#flush();
    if (!this.#isYoung) this.#outbox.release(this.#peers.acked() ?? this.#outbox.next);
    const misses = this.#outbox.waits || this.#peers.miss(this.#outbox.next);
    if (this.#ended !== undefined && !misses) this.#ended.resolve();
    if (misses || this.#peers.areBehind) this.#retry.setIfNone(this.#retryDelay);
  }

  #flush(): void {
    if (this.#port === undefined) return;
    while (this.#outbox.waits && (this.#ended !== undefined || this.#mayPost())) {
      const batch = this.#outbox.cut();
      if (batch === undefined) return;
      for (const peer of this.#peers) peer.sent(batch.first);
      if (this.#peers.size > 0) this.#postBatch(batch);
    }
    if (this.#peers.size > 0) this.#retry.setIfNone(this.#retryDelay);
  }

  #mayPost(): boolean {
    if (this.#outbox.overflows) return true;
    const acked = this.#peers.acked(performance.now());
    return acked === undefined || !this.#outbox.isAhead(acked, WINDOW);
  }

  #postBatch({ first, body }: Batch): void {
    this.#post({ first }, body);
  }

  #post(fields: Partial<Frame> = {}, body?: Batch["body"]): void {
    const starts = this.#peers.starts();
    const head: Frame = {
      from: this.#id,
      born: this.#born,
      next: this.#outbox.next,
      acks: this.#peers.told(),
      ...(starts.length > 0 ? { starts } : {}),
      ...(this.#ended !== undefined ? { ends: true } : {}),
      ...fields,
    };
    this.#tell.clear();
    this.#postedAt = performance.now();
    this.#port?.postMessage(writeFrame(head, body));
  }

  #tryAgain(): void {
    const asks = this.#peers.missing(performance.now());
    const misses = this.#peers.miss(this.#outbox.next);
    if (misses || asks.length > 0) {
      this.#post({ urge: misses, ...(asks.length > 0 ? { asks } : {}) });
      const max = this.#ended === undefined ? MAX_RETRY : MIN_RETRY;
      this.#retryDelay = Math.min(2 * this.#retryDelay, max);
    } else {
      this.#retryDelay = MIN_RETRY;
    }
    this.#settle();
  }

  /** Whoever is behind is neither gone nor busy. */
  #hurry(): void {
    if (this.#retryDelay === MIN_RETRY) return;
    this.#retryDelay = MIN_RETRY;
    this.#retry.set(MIN_RETRY);
  }

  #tick(): void {
    this.#peers.sweep();
    if (performance.now() - this.#postedAt >= this.#beatInterval) this.#post();
    this.#settle();
    this.#beat.set(this.#beatInterval);
  }

  get #isYoung(): boolean {
    return performance.timeOrigin + performance.now() - this.#born < YOUTH;
  }

  get #beatInterval(): number {
    return this.#isYoung ? Math.min(this.#interval, YOUNG_INTERVAL) : this.#interval;
  }

  #lost(count: number): void {
    this.#fail(`${count} messages of another thread were lost`);
  }

  #fail(message: string): void {
    this.#handler.failed(new ClusterError(message));
  }
}
