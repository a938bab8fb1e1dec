import { ClusterError } from "../../cluster/error.ts";
import { later } from "../../background.ts";
import { reasonOf } from "../../cluster/reason.ts";
import type { Listener, Payload } from "./client.ts";
import { toBytes } from "./payload.ts";

/** The three ways to hear: a channel, a pattern of channels, a channel of a shard. */
export type Kind = "subscribe" | "psubscribe" | "ssubscribe";

/** Takes what the package has received, under the name that was subscribed. */
export type Deliver = (kind: Kind, name: string, payload: Payload, channel: string) => void;

/** How a package subscribes. Commands about one name wait for each other. */
export interface Driver {
  /** Whether commands are of use: the client is connected, or will be. */
  isOpen(): boolean;
  /** Starts to hear. MUST do no harm if the name is heard already. */
  subscribe(kind: Kind, name: string): Promise<unknown>;
  /** Stops to hear. MUST do no harm if the name is not heard. */
  unsubscribe(kind: Kind, name: string): Promise<unknown>;
  /**
   * Called before the first name is subscribed.
   *
   * @param changed to be called when the client has its connection again, or ends.
   */
  attach(changed: () => void): void;
  /** Called after the last name was unsubscribed. */
  detach(): void;
}

interface Entry {
  readonly kind: Kind;
  readonly name: string;
  readonly listeners: Set<Listener>;
  // `undefined` where a command has failed, which Redis or the package may have taken all the same.
  subscribed: boolean | undefined;
  working: boolean;
  heard: PromiseWithResolvers<void> | undefined;
  gone: PromiseWithResolvers<void> | undefined;
  wake: (() => void) | undefined;
  // The reason of the failure that was told last.
  told: string | undefined;
}

const heard = new WeakMap<object, Subscriptions>();

// How long a failure is left alone until the next attempt, in milliseconds.
const PAUSE = 500;

/**
 * What is heard by one client of a package, by whichever adapters. Commands about one name wait for
 * each other: packages mix up the listeners of a name that is unsubscribed and subscribed at once.
 * What fails is repeated until it succeeds, or the client is closed: the packages subscribe again
 * what they take for subscribed, and forget what was on its way when the connection broke.
 */
export class Subscriptions {
  readonly #driver: Driver;
  readonly #failed: (error: Error) => void;
  readonly #entries: Readonly<Record<Kind, Map<string, Entry>>> = {
    subscribe: new Map(),
    psubscribe: new Map(),
    ssubscribe: new Map(),
  };
  readonly #resting = new Set<Entry>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size = 0;
  // All names fail for the same reason when the connection is lost.
  #told: string | undefined;

  /** Those of a client, which all share who use it. */
  static of(
    client: object,
    driver: (deliver: Deliver) => Driver,
    failed: (error: Error) => void,
  ): Subscriptions {
    const known = heard.get(client);
    if (known !== undefined) return known;
    const subscriptions = new Subscriptions(driver, failed);
    heard.set(client, subscriptions);
    return subscriptions;
  }

  /** Takes how to subscribe, and who is told of what fails. */
  constructor(driver: (deliver: Deliver) => Driver, failed: (error: Error) => void) {
    this.#driver = driver((...received) => this.#deliver(...received));
    this.#failed = failed;
  }

  /**
   * Has a listener called; resolves as soon as nothing is missed, or the listener is removed. The
   * command is sent at once. Rejects if the client is closed; it hears when that is opened.
   */
  add(kind: Kind, name: string, listener: Listener): Promise<void> {
    const entry = this.#entries[kind].get(name) ?? this.#create(kind, name);
    entry.listeners.add(listener);
    if (entry.subscribed === true && !entry.working) return Promise.resolve();
    const { promise } = entry.heard ??= Promise.withResolvers<void>();
    this.#start(entry);
    return promise;
  }

  /** Has it called no more; resolves as soon as Redis knows, or cannot be told for now. */
  remove(kind: Kind, name: string, listener: Listener): Promise<void> {
    const entry = this.#entries[kind].get(name);
    if (entry?.listeners.delete(listener) !== true) return Promise.resolve();
    if (entry.listeners.size > 0) return Promise.resolve();
    const { promise } = entry.gone ??= Promise.withResolvers<void>();
    this.#start(entry);
    return promise;
  }

  #create(kind: Kind, name: string): Entry {
    const entry: Entry = {
      ...{ kind, name, listeners: new Set(), subscribed: false, working: false },
      ...{ heard: undefined, gone: undefined, wake: undefined, told: undefined },
    };
    this.#entries[kind].set(name, entry);
    if (this.#size++ === 0) this.#driver.attach(() => this.#wakeAll());
    return entry;
  }

  #deliver(kind: Kind, name: string, payload: Payload, channel: string): void {
    const listeners = this.#entries[kind].get(name)?.listeners;
    if (listeners === undefined || listeners.size === 0) return;
    const bytes = toBytes(payload);
    for (const listener of listeners) listener(bytes, channel);
  }

  #start(entry: Entry): void {
    entry.wake?.();
    if (!entry.working) this.#work(entry);
  }

  async #work(entry: Entry): Promise<void> {
    entry.working = true;
    const { listeners } = entry;
    while (entry.subscribed !== listeners.size > 0) {
      if (this.#driver.isOpen()) await this.#attempt(entry);
      else if (listeners.size === 0) break;
      else {
        entry.heard?.reject(new ClusterError("Cannot subscribe: the client is closed"));
        entry.heard = undefined;
        await this.#rest(entry);
      }
    }
    entry.working = false;
    if (listeners.size === 0) this.#forget(entry);
    entry.heard?.resolve();
    entry.gone?.resolve();
    entry.heard = entry.gone = undefined;
  }

  async #attempt(entry: Entry): Promise<void> {
    const { kind, name, listeners } = entry;
    const wanted = listeners.size > 0;
    entry.subscribed = undefined;
    try {
      await (wanted ? this.#driver.subscribe(kind, name) : this.#driver.unsubscribe(kind, name));
      entry.subscribed = wanted;
      entry.told = this.#told = undefined;
    } catch (error) {
      if (wanted) this.#tell(entry, error);
      entry.gone?.resolve();
      entry.gone = undefined;
      if (wanted === listeners.size > 0 && this.#driver.isOpen()) await this.#rest(entry);
    }
  }

  #tell(entry: Entry, cause: unknown): void {
    const reason = reasonOf(cause);
    const isNews = entry.told !== reason && this.#told !== reason;
    entry.told = this.#told = reason;
    if (!isNews) return;
    this.#failed(new ClusterError(`Cannot subscribe to ${entry.name}: ${reason}`, { cause }));
  }

  #rest(entry: Entry): Promise<void> {
    this.#resting.add(entry);
    this.#timer ??= later(() => this.#wakeAll(), PAUSE);
    return new Promise((done) => {
      entry.wake = () => {
        entry.wake = undefined;
        this.#resting.delete(entry);
        if (this.#resting.size === 0) this.#stopTimer();
        done();
      };
    });
  }

  #wakeAll(): void {
    this.#stopTimer();
    for (const { wake } of [...this.#resting]) wake?.();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #forget({ kind, name }: Entry): void {
    this.#entries[kind].delete(name);
    if (--this.#size === 0) this.#driver.detach();
  }
}
