import type {
  AnyListener,
  EventName,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "../../events/mod.ts";

/** A listener, as it is called: one that hears one event only knows what it stands for. */
type Entry = AnyListener & { readonly listener?: AnyListener };

/**
 * Listeners by event, in order of registration. The emitter of `events/` has all methods of Node's;
 * this one has those of the reference client, in few bytes.
 *
 * A listener that throws, or whose promise rejects, is reported and keeps nobody else from hearing
 * the event.
 */
export class Emitter<
  ListenEvents extends EventsMap = EventsMap,
  ReservedEvents extends EventsMap = Record<never, never>,
> {
  /**
   * Tells Vue to leave the object as it is, like `markRaw`: a proxy of it, as `reactive()` and the
   * `data` of a component would make, has no access to its private fields.
   */
  get __v_skip(): true {
    return true;
  }

  // An object, for which a number is the same name as its text.
  #entries: Record<EventName, readonly Entry[]> = Object.create(null);

  /** Calls the listener at each event of this name. */
  on<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this {
    return this.#add(event, listener);
  }

  /** Calls the listener at the next event of this name only. */
  once<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
  ): this {
    const heard: AnyListener = (...args) => {
      // A listener before this one may have emitted the same event, or taken this one off.
      if (!this.#of(event).includes(heard)) return;
      this.#remove(event, heard);
      return listener.apply(this, args);
    };
    return this.#add(event, Object.assign(heard, { listener }));
  }

  /** Removes a listener, all listeners of an event, or, without arguments, all listeners. */
  off<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    ...args: [
      event?: Event,
      listener?: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
    ]
  ): this {
    // An event that is undefined, such as a constant misspelt, has no listeners.
    if (args.length) this.#remove(args[0]!, args[1]);
    else this.#entries = Object.create(null);
    return this;
  }

  /** The same as {@linkcode Emitter.off}. */
  removeListener<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    ...args: [
      event?: Event,
      listener?: ReservedOrUserListener<ReservedEvents, ListenEvents, Event>,
    ]
  ): this {
    return this.off(...args);
  }

  /** Removes all listeners, of one event or of every event. */
  removeAllListeners(
    ...args: [event?: ReservedOrUserEventNames<ReservedEvents, ListenEvents>]
  ): this {
    return this.off(...args);
  }

  /** The listeners of an event, in the order in which they are called. */
  listeners<Event extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Event,
  ): ReservedOrUserListener<ReservedEvents, ListenEvents, Event>[] {
    return this.#of(event).map((entry) => entry.listener ?? entry) as ReservedOrUserListener<
      ReservedEvents,
      ListenEvents,
      Event
    >[];
  }

  /** Whether an event has a listener. */
  hasListeners(event: ReservedOrUserEventNames<ReservedEvents, ListenEvents>): boolean {
    return event in this.#entries;
  }

  /**
   * Calls the listeners of an event. For the library's own use: a class on top of this one gives
   * `emit` its meaning.
   */
  dispatch(event: EventName, ...args: readonly unknown[]): void {
    for (const entry of this.#of(event)) this.invoke(entry, args, event);
  }

  /**
   * Says where a listener failed. A class on top of this one names itself. In browsers, whoever
   * watches a page for errors hears of it.
   */
  listenerFailed(error: unknown, event: EventName): void {
    const place = globalThis as MaybeBrowser;
    // Pages and workers of browsers have this. Deno and Bun, which would end the program, have not,
    // nor has what makes a document for tests.
    if ("crossOriginIsolated" in place && place.reportError) place.reportError(error);
    else console.error(`Error in a listener of "${String(event)}":`, error);
  }

  /** Calls a listener; what it throws, or its promise rejects with, is reported. */
  protected invoke(listener: AnyListener, args: readonly unknown[], event: EventName): void {
    const failed = (error: unknown) => this.listenerFailed(error, event);
    try {
      const result = listener.apply(this, args as unknown[]) as PromiseLike<unknown> | undefined;
      result?.then?.(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  #add(event: EventName, entry: Entry): this {
    this.#entries[event] = [...this.#of(event), entry];
    return this;
  }

  #remove(event: EventName, listener: unknown): void {
    const entries = this.#of(event);
    // Who is there twice hears it once more.
    const at = entries.findIndex((entry) => entry === listener || entry.listener === listener);
    const rest = listener !== undefined ? entries.filter((_, index) => index !== at) : [];
    if (rest[0]) this.#entries[event] = rest;
    else delete this.#entries[event];
  }

  #of(event: EventName): readonly Entry[] {
    return this.#entries[event] ?? [];
  }
}

type MaybeBrowser = { reportError?(error: unknown): void };
