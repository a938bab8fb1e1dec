import type { Next } from "./next.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Handler, SocketHandlers } from "./runtime.ts";

/** How a {@linkcode Handler} is made. */
export interface HandlerOptions {
  /**
   * On Bun, the handlers for the WebSockets of the program itself, on the same server. Of the limits
   * that Bun knows they may have `maxPayloadLength`; others that differ from those of the engine are
   * refused by a `TypeError`, since Bun has one for all sockets of a server.
   */
  readonly websocket?: SocketHandlers;
}

const BUN_BODY_LIMIT = 128 * 1024 * 1024;

/** Makes a handler of a function that answers requests, and of what is to become of WebSockets. */
export function createHandler(
  fetch: Next,
  websocket: SocketHandlers | undefined,
  options: ResolvedOptions,
): Handler {
  return Object.assign((request: Request, connection?: unknown) => fetch(request, connection), {
    fetch,
    websocket: websocket ?? { message() {} },
    idleTimeout: idleSeconds(options),
    // The engine counts for itself; Bun's own limit must not be lower.
    maxRequestBodySize: Math.max(options.maxHttpBufferSize, BUN_BODY_LIMIT),
  });
}

/**
 * Seconds that an HTTP connection may be idle: as patient as the heartbeat, within what Bun takes. A
 * poll that waits is exempt.
 */
export function idleSeconds({ pingInterval, pingTimeout }: ResolvedOptions): number {
  return Math.min(255, Math.max(10, Math.ceil((pingInterval + pingTimeout) / 1000)));
}

/**
 * Checks that a server is given what {@linkcode createHandler} makes, and no options, as npm has it.
 *
 * @throws {TypeError} if it is something else.
 */
export function checkHandler(handler: Handler): void {
  const fetch = (handler as Partial<Handler> | null)?.fetch;
  if (typeof handler === "function" && typeof fetch === "function") return;
  throw new TypeError(
    "The second argument of listen() must be what handler(next) returns. " +
      "Options belong to the constructor, and listen() returns a promise instead of calling back",
  );
}
