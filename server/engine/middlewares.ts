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

  /** Leads a request through all of them to `last`. Rejects if one of them fails. */
  run(request: Request, last: Last): Promise<Response> {
    return through(this.#list, 0, request, last);
  }
}

async function through(
  list: readonly Middleware[],
  index: number,
  request: Request,
  last: Last,
): Promise<Response> {
  const middleware = list[index];
  if (middleware === undefined) return last();
  const called = Promise.withResolvers<Response>();
  let behind: Promise<Response> | undefined;
  // The runtime must not hear of a rejection that the middleware has not looked at.
  called.promise.catch(() => {});
  const next = (error?: unknown): Promise<Response> => {
    if (behind !== undefined) return behind;
    behind = error === undefined || error === null
      ? through(list, index + 1, request, last)
      : Promise.reject(error);
    called.resolve(behind);
    return behind;
  };
  const result = middleware(request, next);
  const response = await result;
  if (response instanceof Response) return response;
  const waits = response === undefined && (result === undefined || behind !== undefined);
  if (waits) return await called.promise;
  throw new TypeError("Cannot answer: a middleware returned no Response");
}
