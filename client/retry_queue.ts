import type { AckCallback } from "../events/mod.ts";
import type { EventData } from "../parser/mod.ts";
import type { SendFlags } from "./sender.ts";

/** Makes one attempt to send an event; the callback takes the outcome. */
export type Attempt = (data: EventData, flags: SendFlags, settle: AckCallback) => void;

/**
 * Events that go one at a time, each until the server has acknowledged it. Every attempt is an
 * event of its own for the server, which cannot tell that it is a repetition.
 */
export interface RetryQueue {
  /** Adds an event at the end. Returns how to take it out again. */
  add(data: EventData, flags: SendFlags, settle: AckCallback | undefined): () => void;
  /** Sends the first event, unless it is under way. */
  drain(): void;
  /** Sends the first event, even if it was sent before: over a connection that is lost now. */
  restart(): void;
}

interface Entry {
  readonly data: EventData;
  readonly flags: SendFlags;
  readonly settle: AckCallback | undefined;
  attempts: number;
}

/** Makes a queue. Takes how often an event is sent again, and how it is sent. */
export function createRetryQueue(retries: number, attempt: Attempt): RetryQueue {
  const entries: Entry[] = [];
  let current: symbol | undefined;

  const restart = () => {
    const [entry] = entries;
    if (!entry) return;
    const own = current = Symbol();
    entry.attempts++;
    attempt(entry.data, entry.flags, (error, args) => {
      if (current !== own) return;
      current = undefined;
      if (error && entry.attempts <= retries) return;
      entries.shift();
      entry.settle?.(error, args);
    });
  };

  return {
    add(data, flags, settle) {
      const entry = { data, flags, settle, attempts: 0 };
      entries.push(entry);
      return () => {
        const at = entries.indexOf(entry);
        if (at === 0) current = undefined;
        if (at >= 0) entries.splice(at, 1);
      };
    },
    drain: () => current || restart(),
    restart,
  };
}
