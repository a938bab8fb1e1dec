import type { AckCallback } from "../events/mod.ts";
import type { EventData } from "../parser/mod.ts";
import { remove } from "./remove.ts";
import type { SendFlags } from "./sender.ts";

/** Makes one attempt to send an event. Returns how to await the outcome no longer. */
export type Attempt = (data: EventData, flags: SendFlags, settle: AckCallback) => () => void;

/**
 * Events that go one at a time, each until the server has acknowledged it. Every attempt is an
 * event of its own for the server, which cannot tell that it is a repetition.
 */
export interface RetryQueue {
  /** Adds an event at the end. Returns how to take it out again. */
  add(data: EventData, flags: SendFlags, settle: AckCallback | undefined): () => void;
  /** Sends the first event, unless it is under way or nothing can be sent. */
  drain(): void;
}

/** Makes a queue. Takes how often an event is sent again, how it is sent, and whether it can be. */
export function createRetryQueue(
  retries: number,
  attempt: Attempt,
  ready: () => boolean,
): RetryQueue {
  const entries: (() => void)[] = [];
  let forget: (() => void) | undefined;

  const drain = () => {
    if (!forget && ready()) entries[0]?.();
  };

  return {
    add(data, flags, settle) {
      let left = retries;
      const send = () => {
        forget = attempt(data, flags, (error, args) => {
          forget = undefined;
          if (!error || !left--) {
            entries.shift();
            settle?.(error, args);
          }
          drain();
        });
      };
      entries.push(send);
      drain();
      return () => {
        if (entries[0] === send) {
          forget?.();
          forget = undefined;
        }
        remove(entries, send);
        drain();
      };
    },
    drain,
  };
}
