import type { SocketEvent } from "../../events/mod.ts";
import { weightOf } from "../adapter/mod.ts";
import { type Hook, runHooks, withHook } from "./hook.ts";

/** Where an event goes once the middlewares are through with it. */
export interface EventOutcome {
  /** It passed. */
  passed(event: SocketEvent): void;
  /** A middleware refused it. */
  refused(event: SocketEvent, error: Error): void;
  /** A middleware failed after it had passed it. */
  failed(event: SocketEvent, error: unknown): void;
  /** So many more bytes wait, or, below 0, fewer. */
  held(bytes: number): void;
}

/** An event that waits, and what it takes in memory. */
interface Waiting {
  readonly event: SocketEvent;
  readonly bytes: number;
}

// What an event takes that waits, besides what it is made of.
const COST = 128;

/**
 * The middlewares of one socket. An event waits while one before it is held up by a middleware that
 * returned a promise and has not called `next`, so that the listeners hear them in order.
 */
export class EventFilter {
  readonly #outcome: EventOutcome;
  // Replaced, not changed: an event on its way keeps to those that were there.
  #hooks: readonly Hook<SocketEvent>[] = [];
  // The events behind the one that is held up; `undefined` if none is.
  #waiting: Waiting[] | undefined;
  #held = 0;
  #closed = false;

  /** Takes who is told what becomes of each event. */
  constructor(outcome: EventOutcome) {
    this.#outcome = outcome;
  }

  /** Adds a middleware behind those that are there. */
  add(hook: Hook<SocketEvent>): void {
    this.#hooks = withHook(this.#hooks, hook);
  }

  /** Takes the next event. */
  pass(event: SocketEvent): void {
    if (this.#waiting === undefined) {
      const turn = this.#run(event);
      if (turn !== undefined) this.#waitFor(turn);
      return;
    }
    const bytes = COST + weightOf(event);
    this.#waiting.push({ event, bytes });
    this.#hold(bytes);
  }

  /** Drops what waits: nobody is there any more to hear it. */
  close(): void {
    this.#closed = true;
    this.#waiting = undefined;
    this.#hold(-this.#held);
  }

  async #waitFor(turn: Promise<void>): Promise<void> {
    this.#waiting = [];
    await turn;
    // Those that come meanwhile gather in a list of their own.
    for (let waiting; (waiting = this.#waiting)?.length;) {
      this.#waiting = [];
      for (const { event, bytes } of waiting) {
        if (this.#closed) return;
        this.#hold(-bytes);
        await this.#run(event);
      }
    }
    this.#waiting = undefined;
  }

  #hold(bytes: number): void {
    this.#held += bytes;
    this.#outcome.held(bytes);
  }

  #run(event: SocketEvent): Promise<void> | undefined {
    const outcome = this.#outcome;
    return runHooks(this.#hooks, event, {
      done: (error) => error === undefined ? outcome.passed(event) : outcome.refused(event, error),
      failed: (error) => outcome.failed(event, error),
    });
  }
}
