import { reportListenerError } from "../../events/mod.ts";

/**
 * Reports what a function of the program has thrown: a hook in the options, a callback, a handler.
 * The connection that it was called for goes on, or is refused; no other one notices.
 */
export function reportFailure(error: unknown, where: string): void {
  reportListenerError(error, { event: where });
}
