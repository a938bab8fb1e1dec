import type {
  AnyListener,
  EventNames,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "./map.ts";
import { reportListenerError } from "./report.ts";
import { SmallMap } from "./small_map.ts";
import { isThenable } from "./thenable.ts";

/** The name of an event, of whatever map. */
export type EventName = string | symbol;

/** A listener that hears one event only. */
interface Once {
  readonly once: AnyListener;
}

type Entry = AnyListener | Once;

/**
 * Listeners by event, with the methods of Node's `EventEmitter`, in order of registration, typed by
 * the map of the user's events and the map of the library's own.
 *
 * A listener that throws, or whose promise rejects, is reported and keeps nobody else from hearing
 * the event.
 *
 * @example
 * ```ts
 * import { Emitter } from "@sockeye/io/events";
 * import { deepEqual } from "node:assert/strict";
 *
 * const emitter = new Emitter<{ add(number: number): void }>();
 * let sum = 0;
 * emitter.once("add", (number) => sum += 10 * number);
 * emitter.prependListener("add", (number) => sum += number);
 * emitter.dispatch("add", [1]);
 * emitter.dispatch("add", [2]);
 * deepEqual([sum, emitter.eventNames(), emitter.listenerCount("add")], [13, ["add"], 1]);
 * emitter.off("add");
 * deepEqual(emitter.dispatch("add", [3]), false);
 * ```
 */
export class Emitter<
  ListenEvents extends EventsMap = EventsMap,
  ReservedEvents extends EventsMap = Record<never, never>,
> {
  // One listener is the common case, so that an array is made for the second only. An array is
  // never changed once a dispatch may be walking it.
  #entries: SmallMap<EventName, Entry | readonly Entry[]> | undefined;

  /**
   * Calls the listener at each event of this name, behind those that are there.
   *
   * @throws {TypeError} if the listener is not a function.
   */
  on<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this {
    return this.#add(event, listener, listener, false);
  }

  /** Like {@linkcode Emitter.on}, at the next event of this name only. */
  once<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this {
    return this.#add(event, listener, { once: listener }, false);
  }

  /** Removes a listener, or all listeners of an event. */
  off<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener?: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this;
  /** Removes all listeners. */
  off(): this;
  off(...args: [event?: EventName, listener?: AnyListener]): this {
    return this.#drop(args);
  }

  /** The same as {@linkcode Emitter.on}. */
  addListener<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this {
    return this.on(event, listener);
  }

  /** Like {@linkcode Emitter.on}, ahead of the listeners that are there. */
  prependListener<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this {
    return this.#add(event, listener, listener, true);
  }

  /** Like {@linkcode Emitter.once}, ahead of the listeners that are there. */
  prependOnceListener<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this {
    return this.#add(event, listener, { once: listener }, true);
  }

  /** The same as {@linkcode Emitter.off}. */
  removeListener<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener?: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this;
  /** Removes all listeners. */
  removeListener(): this;
  removeListener(...args: [event?: EventName, listener?: AnyListener]): this {
    return this.#drop(args);
  }

  /** Removes all listeners, of one event or of every event. */
  removeAllListeners(
    ...args: [event?: ReservedOrUserEventNames<ReservedEvents, ListenEvents>]
  ): this {
    return this.#drop(args);
  }

  /** The listeners of an event, in the order in which they are called. */
  listeners<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
  ): ReservedOrUserListener<ReservedEvents, ListenEvents, Event>[] {
    return this.#list(event).map((entry) =>
      listenerOf(entry) as ReservedOrUserListener<ReservedEvents, ListenEvents, Event>
    );
  }

  /** The same as {@linkcode Emitter.listeners}: nothing is wrapped around a listener here. */
  rawListeners<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
  ): ReservedOrUserListener<ReservedEvents, ListenEvents, Event>[] {
    return this.listeners(event);
  }

  /** How many listeners an event has. */
  listenerCount(event: ReservedOrUserEventNames<ReservedEvents, ListenEvents>): number {
    return this.#list(event).length;
  }

  /** Whether an event has a listener. */
  hasListeners(event: ReservedOrUserEventNames<ReservedEvents, ListenEvents>): boolean {
    return this.#entries !== undefined && this.#entries.has(keyOf(event));
  }

  /** The events that have a listener. */
  eventNames(): (EventNames<ListenEvents> | EventNames<ReservedEvents>)[] {
    return [...this.#entries?.keys() ?? []] as EventNames<ListenEvents>[];
  }

  /** Kept for programs that call it: there is no limit here, and so nothing to set. */
  setMaxListeners(_count: number): this {
    return this;
  }

  /** Always `Infinity`: a number of listeners is nothing to warn about. */
  getMaxListeners(): number {
    return Infinity;
  }

  /**
   * Calls the listeners of an event and returns whether there was one. For the library's own use:
   * a class on top of this one gives `emit` its meaning.
   */
  dispatch(event: EventName, args: readonly unknown[]): boolean {
    // Apart from the rest, which is long: many emitters have no listener at all.
    return this.#entries !== undefined && this.#tell(this.#entries.get(event), args, event);
  }

  /** From now on has the same listeners as another emitter; its own so far are dropped. */
  protected shareListeners(other: Emitter): void {
    this.#entries = other.#entries ??= new SmallMap();
  }

  /** Told that an event has one listener more. For a class on top of this one. */
  protected listenerAdded(_event: EventName): void {}

  /** Says where a listener failed. A class on top of this one names itself. */
  listenerFailed(error: unknown, event: EventName): void {
    reportListenerError(error, { event: String(event) });
  }

  /** Calls a listener; what it throws, or its promise rejects with, is reported. */
  protected invoke(listener: AnyListener, args: readonly unknown[], event: EventName): void {
    try {
      // Most events have one or two arguments, for which a plain call is cheaper.
      const { length } = args;
      const result: unknown = length === 1
        ? listener.call(this, args[0])
        : length === 2
        ? listener.call(this, args[0], args[1])
        : listener.apply(this, args as unknown[]);
      if (isThenable(result)) result.then(undefined, (error) => this.listenerFailed(error, event));
    } catch (error) {
      this.listenerFailed(error, event);
    }
  }

  #tell(
    entries: Entry | readonly Entry[] | undefined,
    args: readonly unknown[],
    event: EventName,
  ): boolean {
    if (entries === undefined) return false;
    if (typeof entries === "function") this.invoke(entries, args, event);
    else if ("once" in entries) this.#call(event, entries, args);
    else for (const entry of entries) this.#call(event, entry, args);
    return true;
  }

  #call(event: EventName, entry: Entry, args: readonly unknown[]): void {
    // A listener before this one may have emitted the same event, or taken this one off.
    if (typeof entry !== "function" && !this.#delete(event, entry)) return;
    this.invoke(listenerOf(entry), args, event);
  }

  #add(event: EventName, listener: AnyListener, entry: Entry, first: boolean): this {
    if (typeof listener !== "function") {
      throw new TypeError(`Cannot listen to "${String(event)}": the listener is not a function`);
    }
    const key = keyOf(event);
    const present = (this.#entries ??= new SmallMap()).insert(key, entry);
    if (present !== undefined) {
      const list = Array.isArray(present) ? present : [present as Entry];
      this.#entries.set(key, first ? [entry, ...list] : [...list, entry]);
    }
    this.listenerAdded(key);
    return this;
  }

  #drop(args: [event?: EventName, listener?: AnyListener]): this {
    const [event, listener] = args;
    if (args.length === 0) this.#entries?.clear();
    // Such as a constant misspelt.
    else if (event === undefined) return this;
    else if (listener === undefined) this.#entries?.delete(keyOf(event));
    else this.#remove(keyOf(event), listener);
    return this;
  }

  #remove(event: EventName, listener: AnyListener): void {
    const entry = this.#list(event).findLast((entry) => listenerOf(entry) === listener);
    if (entry !== undefined) this.#delete(event, entry);
  }

  #delete(event: EventName, entry: Entry): boolean {
    const list = this.#list(event);
    const at = list.lastIndexOf(entry);
    if (at === -1) return false;
    const rest = list.filter((_, index) => index !== at);
    if (rest.length > 0) this.#entries?.set(event, rest);
    else this.#entries?.delete(event);
    return true;
  }

  #list(event: EventName): readonly Entry[] {
    const entries = this.#entries?.get(keyOf(event));
    if (entries === undefined) return [];
    return Array.isArray(entries) ? entries : [entries as Entry];
  }
}

/** A number names the same event as its text, as it would as the key of an object. */
function keyOf(event: EventName): EventName {
  return typeof event === "number" ? String(event) : event;
}

function listenerOf(entry: Entry): AnyListener {
  return typeof entry === "function" ? entry : entry.once;
}
