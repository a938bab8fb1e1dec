import type { ErrorReporter } from "../../events/mod.ts";

/**
 * Sees each request to the engine first. It answers by itself or by what `next()` returns; one that
 * returns nothing leaves the answer to `next()`, and a function that is not async has to call it
 * then. `next(error)` refuses the request. For a WebTransport session the request has its address
 * and nothing else; it is let in by an answer of `next()`, and turned away by any other.
 */
export type Middleware = (
  request: Request,
  next: (error?: unknown) => Promise<Response>,
) => Response | void | Promise<Response | void>;

type Last = () => Response | Promise<Response>;

/** The middlewares of an engine, in the order in which they were added. */
export class Middlewares {
  // Replaced, not changed: a request keeps to those that were there when it came.
  #list: readonly Middleware[] = [];
  readonly #reportError: ErrorReporter;

  /** Takes who is told of one that fails. */
  constructor(reportError: ErrorReporter) {
    this.#reportError = reportError;
  }

  /** How many there are. */
  get size(): number {
    return this.#list.length;
  }

  /**
   * Adds one behind those that are there.
   *
   * @throws {TypeError} if it is not a function, or takes `(req, res, next)` as for Node.
   */
  use(middleware: Middleware): void {
    if (typeof middleware !== "function") {
      throw new TypeError("Cannot use middleware: it is not a function");
    }
    if (middleware.length > 2) {
      throw new TypeError(
        "Cannot use middleware: engine middlewares take (request, next) here, with web Request and " +
          "Response, and not (req, res, next); see docs/migrating.md",
      );
    }
    this.#list = [...this.#list, middleware];
  }

  /**
   * Leads a request through all of them to `last`.
   *
   * @param refuse makes the answer if one of them refuses it by `next(error)`, or fails.
   */
  async run(request: Request, last: Last, refuse: (error: unknown) => Response): Promise<Response> {
    const refusals = new Set<unknown>();
    try {
      return await through(this.#list, 0, { request, last, refusals });
    } catch (error) {
      // Who refuses knows about it; the engine says so as `connection_error`.
      if (!refusals.has(error)) this.#reportError(error, { event: "middleware" });
      return refuse(error);
    }
  }
}

/** A request on its way. */
interface Passage {
  readonly request: Request;
  readonly last: Last;
  /** What `next` was called with. */
  readonly refusals: Set<unknown>;
}

async function through(
  list: readonly Middleware[],
  index: number,
  passage: Passage,
): Promise<Response> {
  const middleware = list[index];
  if (middleware === undefined) return passage.last();
  const called = Promise.withResolvers<Response>();
  let behind: Promise<Response> | undefined;
  // The runtime must not hear of a rejection that the middleware has not looked at.
  called.promise.catch(() => {});
  const next = (error?: unknown): Promise<Response> => {
    if (behind !== undefined) return behind;
    if (!error) behind = through(list, index + 1, passage);
    else {
      passage.refusals.add(error);
      behind = Promise.reject(error);
    }
    called.resolve(behind);
    return behind;
  };
  const result = middleware(passage.request, next);
  const response = await result;
  if (response instanceof Response) return response;
  const waits = response === undefined && (result === undefined || behind !== undefined);
  if (waits) return await called.promise;
  throw new TypeError("Cannot answer: a middleware returned no Response");
}
