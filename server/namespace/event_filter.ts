import { type Hook, runHooks } from "./hook.ts";

/** An event on its way to the listeners: name, arguments, and the acknowledgement if one is asked. */
export type SocketEvent = [event: string, ...args: unknown[]];

/** Where an event goes once the middlewares are through with it. */
export interface EventOutcome {
  /** It passed. */
  passed(event: SocketEvent): void;
  /** A middleware refused it. */
  refused(event: SocketEvent, error: Error): void;
}

/**
 * The middlewares of one socket. An event waits while one before it is held up by a middleware that
 * returned a promise, so that the listeners hear them in order.
 */
export class EventFilter {
  readonly #outcome: EventOutcome;
  readonly #hooks: Hook<SocketEvent>[] = [];
  #turn: Promise<void> | undefined;

  /** Takes who is told what becomes of each event. */
  constructor(outcome: EventOutcome) {
    this.#outcome = outcome;
  }

  /** Adds a middleware behind those that are there. */
  add(hook: Hook<SocketEvent>): void {
    this.#hooks.push(hook);
  }

  /** Takes the next event. */
  pass(event: SocketEvent): void {
    const turn = this.#turn === undefined
      ? this.#run(event)
      : this.#turn.then(() => this.#run(event));
    if (turn === undefined) return;
    this.#turn = turn;
    turn.then(() => {
      if (this.#turn === turn) this.#turn = undefined;
    });
  }

  #run(event: SocketEvent): Promise<void> | undefined {
    return runHooks(this.#hooks, event, (error) => {
      if (error === undefined) this.#outcome.passed(event);
      else this.#outcome.refused(event, error);
    });
  }
}
