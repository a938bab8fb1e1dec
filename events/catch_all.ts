import { Emitter } from "./emitter.ts";
import type { AnyListener, EventsMap } from "./map.ts";

type Place = "first" | "last";

/** An emitter with listeners that hear every event, those that come and those that go. */
export abstract class CatchAllEmitter<
  ListenEvents extends EventsMap,
  ReservedEvents extends EventsMap,
> extends Emitter<ListenEvents, ReservedEvents> {
  // Lists are replaced, never changed: one may be walked while a listener changes it.
  #incoming: readonly AnyListener[] | undefined;
  #outgoing: readonly AnyListener[] | undefined;

  /** Hears every event that comes, ahead of the listeners of the event: its name, its arguments. */
  onAny(listener: AnyListener): this {
    this.#incoming = added(this.#incoming, listener, "last");
    return this;
  }

  /** Like {@linkcode CatchAllEmitter.onAny}, ahead of those that are there. */
  prependAny(listener: AnyListener): this {
    this.#incoming = added(this.#incoming, listener, "first");
    return this;
  }

  /** Removes a listener of {@linkcode CatchAllEmitter.onAny}, or all. */
  offAny(listener?: AnyListener): this {
    this.#incoming = without(this.#incoming, listener);
    return this;
  }

  /** The listeners of {@linkcode CatchAllEmitter.onAny}, in the order in which they are called. */
  listenersAny(): AnyListener[] {
    return [...this.#incoming ?? []];
  }

  /** Hears every event that is sent: its name, its arguments. */
  onAnyOutgoing(listener: AnyListener): this {
    this.#setOutgoing(added(this.#outgoing, listener, "last"));
    return this;
  }

  /** Like {@linkcode CatchAllEmitter.onAnyOutgoing}, ahead of those that are there. */
  prependAnyOutgoing(listener: AnyListener): this {
    this.#setOutgoing(added(this.#outgoing, listener, "first"));
    return this;
  }

  /** Removes a listener of {@linkcode CatchAllEmitter.onAnyOutgoing}, or all. */
  offAnyOutgoing(listener?: AnyListener): this {
    this.#setOutgoing(without(this.#outgoing, listener));
    return this;
  }

  /** The listeners of {@linkcode CatchAllEmitter.onAnyOutgoing}, in order. */
  listenersAnyOutgoing(): AnyListener[] {
    return [...this.#outgoing ?? []];
  }

  /** Whether somebody hears every event that is sent. */
  protected get watchesOutgoing(): boolean {
    return this.#outgoing !== undefined;
  }

  /** Called when {@linkcode CatchAllEmitter.watchesOutgoing} may have changed. */
  protected outgoingChanged(): void {}

  /** Tells those who hear every event that comes. */
  protected tellIncoming(event: readonly unknown[]): void {
    if (this.#incoming !== undefined) this.#call(this.#incoming, event);
  }

  /** Tells those who hear every event that is sent. */
  protected tellOutgoing(event: readonly unknown[]): void {
    if (this.#outgoing !== undefined) this.#call(this.#outgoing, event);
  }

  #setOutgoing(listeners: readonly AnyListener[] | undefined): void {
    this.#outgoing = listeners;
    this.outgoingChanged();
  }

  #call(listeners: readonly AnyListener[], event: readonly unknown[]): void {
    for (const listener of listeners) this.invoke(listener, event, String(event[0]));
  }
}

function added(
  listeners: readonly AnyListener[] = [],
  listener: AnyListener,
  place: Place,
): readonly AnyListener[] {
  if (typeof listener !== "function") throw new TypeError("The listener is not a function");
  return place === "first" ? [listener, ...listeners] : [...listeners, listener];
}

function without(
  listeners: readonly AnyListener[] = [],
  listener: AnyListener | undefined,
): readonly AnyListener[] | undefined {
  if (listener === undefined) return undefined;
  const at = listeners.indexOf(listener);
  const rest = listeners.filter((_, index) => index !== at);
  return rest.length === 0 ? undefined : rest;
}
