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

/** What a {@linkcode RetryQueue} needs of its socket. */
export interface RetryingSocket {
  /** Whether the namespace is joined. */
  readonly connected: boolean;
  /** Says what failed on the way of an event. */
  listenerFailed(error: unknown, event: string): void;
}

/** Makes a queue. Takes how often an event is sent again, how it is sent, and by whom. */
export function createRetryQueue(
  retries: number,
  attempt: Attempt,
  socket: RetryingSocket,
): RetryQueue {
  const entries: (() => void)[] = [];
  // The one that is under way: from before it is sent, as who hears of that may send others.
  let current: (() => void) | undefined;

  const drain = () => {
    if (!current && socket.connected) (current = entries[0])?.();
  };

  return {
    add(data, flags, settle) {
      let left = retries;
      let forget: (() => void) | undefined;
      const next = () => {
        if (current === send) current = undefined;
        drain();
      };
      const ended: AckCallback = (error, args) => {
        remove(entries, send);
        settle?.(error, args);
        next();
      };
      const send = () => {
        try {
          forget = attempt(data, flags, (error, args) => {
            if (current !== send) return;
            if (!error || !left--) ended(error, args);
            else next();
          });
        } catch (error) {
          // It cannot be encoded.
          socket.listenerFailed(error, data[0] as string);
          ended(error as Error, []);
        }
      };
      entries.push(send);
      drain();
      return () => {
        forget?.();
        remove(entries, send);
        next();
      };
    },
    drain,
  };
}
