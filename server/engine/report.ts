import type { ErrorReporter } from "../../events/mod.ts";
import type { CloseDetails, CloseReason } from "../../parser/engine/mod.ts";
import type { Queued } from "./transport.ts";

/** Calls a function of the program, and reports what it throws. */
export function guard(call: () => void, event: string, report: ErrorReporter): void {
  try {
    call();
  } catch (error) {
    report(error, { event });
  }
}

/** Calls those who asked to be told when their messages were handed to the transport. */
export function tellSent(messages: readonly Queued[], report: ErrorReporter): void {
  for (const { sent } of messages) if (sent !== undefined) guard(sent, "sent", report);
}

/** The error that tells how a transport failed. */
export function failureOf(reason: CloseReason, details: CloseDetails | undefined): Error {
  return new Error(details?.description ?? reason, { cause: details?.context });
}
