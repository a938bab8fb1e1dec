import type { Listener, Payload } from "./client.ts";
import { toBytes } from "./payload.ts";

/** The three ways to hear: a channel, a pattern of channels, a channel of a shard. */
export type Kind = "subscribe" | "psubscribe" | "ssubscribe";

/** Takes what the package has received, under the name that was subscribed. */
export type Deliver = (kind: Kind, name: string, payload: Payload, channel: string) => void;

/** How a package subscribes. Each name is subscribed once at a time. */
export interface Driver {
  /** Starts to hear. */
  subscribe(kind: Kind, name: string): Promise<unknown>;
  /** Stops to hear. */
  unsubscribe(kind: Kind, name: string): Promise<unknown>;
  /** Called before the first name is subscribed. */
  attach?(): void;
  /** Called after the last name was unsubscribed. */
  detach?(): void;
}

interface Entry {
  readonly kind: Kind;
  readonly name: string;
  readonly listeners: Set<Listener>;
  subscribed: boolean;
  work: Promise<void> | undefined;
}

/**
 * What is heard by one client of a package, by whichever adapters. Commands about one name wait for
 * each other: packages mix up the listeners of a name that is unsubscribed and subscribed at once.
 */
export class Subscriptions {
  readonly #driver: Driver;
  readonly #entries: Readonly<Record<Kind, Map<string, Entry>>> = {
    subscribe: new Map(),
    psubscribe: new Map(),
    ssubscribe: new Map(),
  };
  #size = 0;

  constructor(driver: (deliver: Deliver) => Driver) {
    this.#driver = driver((...received) => this.#deliver(...received));
  }

  /** The names that are heard in a way. */
  names(kind: Kind): Iterable<string> {
    return this.#entries[kind].keys();
  }

  /** Has a listener called; resolves as soon as nothing is missed. The command is sent at once. */
  add(kind: Kind, name: string, listener: Listener): Promise<void> {
    let entry = this.#entries[kind].get(name);
    if (entry === undefined) {
      entry = { kind, name, listeners: new Set(), subscribed: false, work: undefined };
      this.#entries[kind].set(name, entry);
      if (this.#size++ === 0) this.#driver.attach?.();
    }
    entry.listeners.add(listener);
    return this.#settle(entry);
  }

  /** Has it called no more. */
  remove(kind: Kind, name: string, listener: Listener): Promise<void> {
    const entry = this.#entries[kind].get(name);
    if (entry?.listeners.delete(listener) !== true) return Promise.resolve();
    return this.#settle(entry);
  }

  #deliver(kind: Kind, name: string, payload: Payload, channel: string): void {
    const listeners = this.#entries[kind].get(name)?.listeners;
    if (listeners === undefined || listeners.size === 0) return;
    const bytes = toBytes(payload);
    for (const listener of listeners) listener(bytes, channel);
  }

  #settle(entry: Entry): Promise<void> {
    if (entry.work === undefined && entry.subscribed === entry.listeners.size > 0) {
      return Promise.resolve();
    }
    return entry.work ??= this.#work(entry);
  }

  async #work(entry: Entry): Promise<void> {
    const { kind, name, listeners } = entry;
    try {
      while (entry.subscribed !== listeners.size > 0) {
        if (entry.subscribed) {
          entry.subscribed = false;
          // It fails where there is no connection, and so nothing to be heard.
          await this.#driver.unsubscribe(kind, name).catch(() => {});
        } else {
          await this.#driver.subscribe(kind, name);
          entry.subscribed = true;
        }
      }
    } finally {
      entry.work = undefined;
      if (!entry.subscribed) this.#forget(entry);
    }
  }

  #forget({ kind, name, listeners }: Entry): void {
    listeners.clear();
    this.#entries[kind].delete(name);
    if (--this.#size === 0) this.#driver.detach?.();
  }
}
