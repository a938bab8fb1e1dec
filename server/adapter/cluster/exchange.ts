import { debugScope } from "../../../events/mod.ts";
import { BlobQueue } from "./blob_queue.ts";
import type { ClusterBus, Receiver } from "./bus.ts";
import { ClusterError } from "./error.ts";
import { type HeartbeatOptions, Members } from "./members.ts";
import { checkTimes } from "./check_times.ts";
import { type ClusterMessage, EMITTER_UID, type MessageData, MessageType } from "./message.ts";
import { randomId } from "./random_id.ts";
import { readMessage } from "./read.ts";
import { type Expected, Requests, type Settle } from "./requests.ts";

/** How long a server waits for others. */
export interface ClusterOptions extends HeartbeatOptions {
  /** Milliseconds that the answers of the other servers are awaited; 5,000 by default. */
  readonly requestsTimeout?: number;
}

/** What an exchange tells the adapter that it is for. */
export interface ExchangeHandler {
  /** Something went wrong that no caller can be told. */
  failed(error: unknown): void;
  /** A server is gone. */
  left(uid: string): void;
}

type Question = typeof MessageType.FetchSockets | typeof MessageType.ServerSideEmit;

const debug = debugScope("sockeye:cluster");

/** Milliseconds that answers are awaited, unless an option says how long. */
export const DEFAULT_TIMEOUT = 5000;

// How long others have to answer the first greeting, before they are counted.
const GREETING = 200;

// A broker that does not answer any more must not keep a server from ending.
const CLOSE_TIMEOUT = 2000;

/** What one server says to the others about one namespace, and who they are. */
export class Exchange {
  /** The id of this server. */
  readonly uid: string = randomId();
  /** Milliseconds that the others have to answer. */
  readonly timeout: number;
  /** Resolves once all is heard that the others say. */
  readonly ready: Promise<void>;
  readonly #nsp: string;
  readonly #bus: ClusterBus;
  readonly #failed: (error: unknown) => void;
  // Where the bus does not know how many servers there are.
  readonly #members: Members | undefined;
  readonly #requests = new Requests();
  readonly #queue = new BlobQueue();
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  // Resolved once the others can be asked, rejected if they cannot.
  readonly #met: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #isMet = false;
  #greeting: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    nsp: string,
    bus: ClusterBus,
    options: ClusterOptions,
    { failed, left }: ExchangeHandler,
  ) {
    checkTimes(options);
    this.ready = this.#opened.promise;
    // Whether or not somebody waits for them.
    this.ready.catch(() => {});
    this.#met.promise.catch(() => {});
    this.#nsp = nsp;
    this.#bus = bus;
    this.#failed = failed;
    this.timeout = options.requestsTimeout ?? DEFAULT_TIMEOUT;
    if (bus.serverCount !== undefined) return;
    this.#members = new Members({
      beat: () => this.publish(MessageType.Heartbeat, undefined),
      left: (uid, farewell) => {
        this.#requests.left(uid, farewell);
        left(uid);
      },
    }, options);
  }

  /** Starts to hear the others. */
  async open(receiver: Receiver): Promise<void> {
    try {
      await this.#bus.open(receiver);
    } catch (error) {
      this.#opened.reject(error);
      this.#met.reject(error);
      throw error;
    }
    this.#opened.resolve();
    if (this.#closed) return;
    if (this.#members === undefined) return this.#meet();
    this.#members.start();
    this.publish(MessageType.InitialHeartbeat, undefined);
    this.#greeting = setTimeout(() => this.#meet(), GREETING);
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#members !== undefined) this.publish(MessageType.AdapterClose, undefined);
    this.#closed = true;
    clearTimeout(this.#greeting);
    this.#members?.stop();
    this.#requests.close();
    this.#met.reject(new ClusterError("the adapter has been closed"));
    const closed = this.#queue.drained().then(() => this.#bus.close())
      .catch((error) => this.#failed(error));
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      closed,
      new Promise<void>((done) => timer = setTimeout(done, CLOSE_TIMEOUT)),
    ]);
    clearTimeout(timer);
  }

  /** How many servers there are, this one included. Waits until the first greetings are over. */
  async serverCount(): Promise<number> {
    if (!this.#isMet) await this.#met.promise;
    const count = await (this.#bus.serverCount?.() ?? 1 + (this.#members?.size ?? 0));
    // A server that was closed meanwhile hears none of the others, and nobody is to wait for them.
    return this.#closed ? 1 : count;
  }

  /**
   * Tells all others.
   *
   * @throws {TypeError} if the data cannot travel.
   */
  publish<Type extends MessageType>(type: Type, data: MessageData[Type]): void {
    this.#publish(type, data)?.catch((error) => this.#failed(error));
  }

  /**
   * Tells all others, and resolves as the bus does.
   *
   * @throws {TypeError} at once if the data cannot travel.
   */
  send<Type extends MessageType>(type: Type, data: MessageData[Type]): Promise<unknown> {
    return this.#publish(type, data) ?? Promise.resolve();
  }

  /** Tells one other server what it has asked. Returns whether that can travel. */
  respond<Type extends MessageType>(uid: string, type: Type, data: MessageData[Type]): boolean {
    if (this.#closed) return true;
    try {
      this.#send(type, data, (message, binary) => this.#bus.respond(uid, message, binary))
        ?.catch((error) => this.#failed(error));
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Asks all others. What cannot be asked is answered by the error. */
  ask<Type extends Question>(
    type: Type,
    data: Omit<MessageData[Type], "requestId">,
    settle: Settle,
    timeout: number = this.timeout,
  ): void {
    if (this.#closed) return settle(new ClusterError("the adapter has been closed"), []);
    const requestId = randomId();
    this.#requests.add(requestId, timeout, settle);
    const failed = (error: Error) => this.#requests.fail(requestId, error);
    const ask = (others: Expected) => {
      if (!this.#requests.expect(requestId, others)) return;
      try {
        this.#publish(type, { ...data, requestId } as MessageData[Type])?.catch(failed);
      } catch (error) {
        failed(error as Error);
      }
    };
    this.others(ask, failed);
  }

  /** Says who the others are, or how many: at once, where that is known. */
  others(say: (others: Expected) => void, failed: (error: Error) => void): void {
    // Who leaves from now on MUST be noticed.
    const sayMembers = () => say(new Set(this.#members?.uids));
    if (this.#members === undefined) {
      this.serverCount().then((count) => say(Math.max(0, count - 1)), failed);
    } else if (this.#isMet) sayMembers();
    else this.#met.promise.then(sayMembers, failed);
  }

  /** Takes the answer of one server. */
  answer(requestId: string, uid: string, answers: readonly unknown[]): void {
    this.#requests.answer(requestId, uid, answers);
  }

  /** A server has said that it leaves. */
  left(uid: string): void {
    this.#members?.remove(uid);
  }

  /**
   * Reads what a server has said, which may be this one; `undefined` if it is about another
   * namespace.
   *
   * @throws {ClusterError} if no server would have said it.
   */
  read(value: unknown): ClusterMessage | undefined {
    if (this.#closed) return undefined;
    const message = readMessage(value);
    const { uid, nsp, type } = message;
    if (nsp !== this.#nsp) return undefined;
    if (uid === this.uid) return message;
    if (debug.enabled) debug.log(`${nsp}: ${uid} has sent ${nameOf(type)}`);
    if (uid !== EMITTER_UID) this.#members?.heard(uid);
    return message;
  }

  #meet(): void {
    this.#isMet = true;
    this.#met.resolve();
  }

  #publish<Type extends MessageType>(
    type: Type,
    data: MessageData[Type],
  ): Promise<unknown> | undefined {
    if (this.#closed) return undefined;
    if (debug.enabled) debug.log(`${this.#nsp}: ${this.uid} sends ${nameOf(type)}`);
    this.#members?.spoke();
    return this.#send(type, data, (message, binary) => this.#bus.publish(message, binary));
  }

  #send<Type extends MessageType>(
    type: Type,
    data: MessageData[Type],
    send: (message: ClusterMessage, binary: boolean) => void | Promise<unknown>,
  ): Promise<unknown> | undefined {
    return this.#queue.send(data, (data, binary) => send(this.#message(type, data), binary)) ??
      undefined;
  }

  #message<Type extends MessageType>(type: Type, data: MessageData[Type]): ClusterMessage {
    return { uid: this.uid, nsp: this.#nsp, type, data } as unknown as ClusterMessage;
  }
}

function nameOf(type: MessageType): string {
  return Object.entries(MessageType).find(([, value]) => value === type)?.[0] ?? String(type);
}
