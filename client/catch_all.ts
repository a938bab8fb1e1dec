import type { AnyListener, EventName, EventsMap } from "../events/mod.ts";
import { Emitter } from "./engine/mod.ts";

/** An emitter with listeners that hear every event, those that come and those that go. */
export class CatchAllEmitter<ListenEvents extends EventsMap, ReservedEvents extends EventsMap>
  extends Emitter<ListenEvents, ReservedEvents> {
  // Lists are replaced, never changed: one may be walked while a listener changes it.
  #incoming: readonly AnyListener[] = [];
  #outgoing: readonly AnyListener[] = [];

  /** Hears every event that comes, ahead of the listeners of the event: its name, its arguments. */
  onAny(listener: AnyListener): this {
    this.#incoming = [...this.#incoming, listener];
    return this;
  }

  /** Like {@linkcode CatchAllEmitter.onAny}, ahead of those that are there. */
  prependAny(listener: AnyListener): this {
    this.#incoming = [listener, ...this.#incoming];
    return this;
  }

  /** Removes a listener of {@linkcode CatchAllEmitter.onAny}, or all. */
  offAny(listener?: AnyListener): this {
    this.#incoming = without(this.#incoming, listener);
    return this;
  }

  /** The listeners of {@linkcode CatchAllEmitter.onAny}, in the order in which they are called. */
  listenersAny(): AnyListener[] {
    return [...this.#incoming];
  }

  /** Hears every event that is sent: its name, its arguments. */
  onAnyOutgoing(listener: AnyListener): this {
    this.#outgoing = [...this.#outgoing, listener];
    return this;
  }

  /** Like {@linkcode CatchAllEmitter.onAnyOutgoing}, ahead of those that are there. */
  prependAnyOutgoing(listener: AnyListener): this {
    this.#outgoing = [listener, ...this.#outgoing];
    return this;
  }

  /** Removes a listener of {@linkcode CatchAllEmitter.onAnyOutgoing}, or all. */
  offAnyOutgoing(listener?: AnyListener): this {
    this.#outgoing = without(this.#outgoing, listener);
    return this;
  }

  /** The listeners of {@linkcode CatchAllEmitter.onAnyOutgoing}, in order. */
  listenersAnyOutgoing(): AnyListener[] {
    return [...this.#outgoing];
  }

  /** Tells those who hear every event that comes. */
  protected tellIncoming(event: readonly unknown[]): void {
    for (const listener of this.#incoming) this.invoke(listener, event, event[0] as EventName);
  }

  /** Tells those who hear every event that is sent. */
  protected tellOutgoing(event: readonly unknown[]): void {
    for (const listener of this.#outgoing) this.invoke(listener, event, event[0] as EventName);
  }
}

function without(list: readonly AnyListener[], listener?: AnyListener): readonly AnyListener[] {
  const at = list.indexOf(listener!);
  return listener ? list.filter((_, index) => index !== at) : [];
}
