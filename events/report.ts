/** Where a listener was called that failed. */
export interface ListenerContext {
  /** The event that it heard. */
  readonly event: string;
  /** The namespace, where there is one. */
  readonly namespace?: string;
  /** The id of the socket, where there is one. */
  readonly socket?: string;
}

/** Told of each listener that throws or rejects. */
export type ErrorReporter = (error: unknown, context: ListenerContext) => void;

/**
 * Writes the error of a listener to the console. Not the global `reportError`: on Deno an error
 * that goes there ends the process, and with it every other connection.
 */
export const reportListenerError: ErrorReporter = (error, { event, namespace, socket }) => {
  const where = [
    `Error in a listener of ${JSON.stringify(event)}`,
    socket === undefined ? "" : ` of socket ${JSON.stringify(socket)}`,
    namespace === undefined ? "" : ` in namespace ${JSON.stringify(namespace)}`,
  ].join("");
  console.error(where + ":", error);
};
