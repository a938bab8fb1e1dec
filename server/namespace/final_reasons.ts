import type { DisconnectReason } from "./ports.ts";

// Kept apart from a network failure: here somebody wanted the socket to end.
const FINAL: ReadonlySet<DisconnectReason> = new Set([
  "client namespace disconnect",
  "server namespace disconnect",
  "parse error",
]);

/** Whether nobody will take up the session of a socket that left so. */
export function isFinal(reason: DisconnectReason): boolean {
  return FINAL.has(reason);
}
