import { reportListenerError } from "../../events/mod.ts";

/**
 * Reports what a function of the program has thrown: a hook in the options, a callback, a handler.
 * The connection that it was called for goes on, or is refused; no other one notices.
 */
export function reportFailure(error: unknown, where: string): void {
  reportListenerError(error, { event: where });
}

/** Calls a function of the program, and reports what it throws. */
export function guard(call: () => void, where: string): void {
  try {
    call();
  } catch (error) {
    reportFailure(error, where);
  }
}
