import { Emitter, type EventNames, type EventParams, type EventsMap } from "../../events/mod.ts";

/**
 * An emitter that anybody may emit on, as Node's are. Where one of those is wanted, as by `once` of
 * `node:events`, this one fits.
 */
export class EngineEmitter<Events extends EventsMap> extends Emitter<Events> {
  /** Calls the listeners of an event, and returns whether there was one. */
  emit<Event extends EventNames<Events>>(
    event: Event,
    ...args: EventParams<Events, Event>
  ): boolean {
    return this.dispatch(event, args);
  }
}
