import type { CloseDetails } from "../parser/engine/mod.ts";

/** The error that tells who waits for a connection why it has ended. */
export function endError(reason: string, details?: CloseDetails | Error): Error {
  return Object.assign(new Error(reason, { cause: details }), details);
}
