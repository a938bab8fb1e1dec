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

/** The same reporter, but if it fails itself, both errors are written to the console instead. */
export function safeReporter(report: ErrorReporter): ErrorReporter {
  return (error, context) => {
    const failed = (failure: unknown) => {
      reportListenerError(error, context);
      reportListenerError(failure, { event: "reportError" });
    };
    try {
      const result: unknown = report(error, context);
      if (result instanceof Promise) result.catch(failed);
    } catch (failure) {
      failed(failure);
    }
  };
}

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
