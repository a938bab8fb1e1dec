import { type ErrorReporter, isThenable } from "../../events/mod.ts";
import { logStray } from "./log.ts";

/** Answers a request that is not for the engine. */
export type Next = (request: Request, connection?: unknown) => Response | Promise<Response>;

const NO_RESPONSE = "Cannot answer a request that is not for the engine: the function given to " +
  "handler(next) returned no Response. This is reported once";

/**
 * Makes requests that a program leaves without an answer 404, and reports the first of them.
 *
 * @throws {TypeError} if it is no function, or one for the HTTP server of Node.
 */
export function answering(next: Next, reportError: ErrorReporter): Next {
  checkNext(next);
  let reported = false;
  const answer = (request: Request, given: Response | null | undefined): Response => {
    if (given !== undefined && given !== null) return given;
    // On Bun there is no Response for a request that the program has made a WebSocket.
    if (!reported && !request.headers.has("upgrade")) {
      reported = true;
      reportError(new TypeError(NO_RESPONSE), { event: "request" });
    }
    return new Response("Not found", { status: 404 });
  };
  return (request, connection) => {
    const given = next(request, connection);
    return isThenable(given)
      ? Promise.resolve(given).then((response) => answer(request, response))
      : answer(request, given);
  };
}

/** Hands on a request that is not for the engine; without `next`, or its answer, that is a 404. */
export function elsewhere(
  request: Request,
  connection: unknown,
  next: Next | undefined,
): Response | Promise<Response> {
  logStray(request);
  return next?.(request, connection) ?? new Response("Not found", { status: 404 });
}

function checkNext(next: unknown): void {
  if (typeof next !== "function") {
    throw new TypeError(
      "Cannot make a handler: next is not a function. Of a fetch framework give the function, as in " +
        "io.handler(app.fetch)",
    );
  }
  // A fetch framework may be a function with methods as well, but can be asked.
  const { fetch, listen, use } = next as unknown as Record<string, unknown>;
  const isNode = [listen, use].some((method) => typeof method === "function");
  if (!isNode || typeof fetch === "function") return;
  throw new TypeError(
    "You are trying to give an express request handler function to io.handler(next). It takes " +
      "(request, connection), with a web Request, and returns a Response; see docs/migrating.md",
  );
}
