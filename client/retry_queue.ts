import type { AckCallback } from "../events/mod.ts";
import type { EventData } from "../parser/mod.ts";
import type { SendFlags } from "./sender.ts";

/** Makes one attempt to send an event; the callback takes the outcome. */
export type Attempt = (data: EventData, flags: SendFlags, settle: AckCallback) => void;

interface Entry {
  readonly data: EventData;
  readonly flags: SendFlags;
  readonly settle: AckCallback | undefined;
  attempts: number;
}

/**
 * Events that go one at a time, each until the server has acknowledged it. Every attempt is an
 * event of its own for the server, which cannot tell that it is a repetition.
 */
export class RetryQueue {
  readonly #retries: number;
  readonly #attempt: Attempt;
  readonly #entries: Entry[] = [];
  #current: symbol | undefined;

  /** Takes how often an event is sent again, and how it is sent. */
  constructor(retries: number, attempt: Attempt) {
    this.#retries = retries;
    this.#attempt = attempt;
  }

  /** How many events are not acknowledged. */
  get length(): number {
    return this.#entries.length;
  }

  /** Adds an event at the end. Returns how to take it out again. */
  add(data: EventData, flags: SendFlags, settle: AckCallback | undefined): () => void {
    const entry: Entry = { data, flags, settle, attempts: 0 };
    this.#entries.push(entry);
    return () => {
      const at = this.#entries.indexOf(entry);
      if (at === 0) this.#current = undefined;
      if (at >= 0) this.#entries.splice(at, 1);
    };
  }

  /** Sends the first event, unless it is under way. */
  drain(): void {
    if (!this.#current) this.restart();
  }

  /** Sends the first event, even if it was sent before: over a connection that is lost now. */
  restart(): void {
    const [entry] = this.#entries;
    if (!entry) return;
    const current = this.#current = Symbol();
    entry.attempts++;
    this.#attempt(entry.data, entry.flags, (error, args) => {
      if (this.#current !== current) return;
      this.#current = undefined;
      if (!error || entry.attempts > this.#retries) {
        this.#entries.shift();
        entry.settle?.(error, args);
      }
    });
  }
}
