/** Why an Engine.IO connection ended, in the words of the reference implementation. */
export type CloseReason =
  | "transport error"
  | "transport close"
  | "forced close"
  | "ping timeout"
  | "parse error"
  | "server shutting down";

/** What is known beyond the {@linkcode CloseReason}: a text for people, and what caused it. */
export interface CloseDetails {
  /** One sentence, such as `overlap from client`. */
  readonly description: string;
  /** The error, close event or WebSocket close code behind it, where there is one. */
  readonly context?: unknown;
}
