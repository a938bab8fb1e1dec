/**
 * Sees each request to the engine first. It answers by itself or by what `next()` returns. For a
 * WebTransport session the request has its address and nothing else; it is let in by an answer of
 * `next()`, and turned away by any other.
 */
export type Middleware = (
  request: Request,
  next: () => Promise<Response>,
) => Response | Promise<Response>;

/** The middlewares of an engine, in the order in which they were added. */
export class Middlewares {
  readonly #list: Middleware[] = [];

  /** How many there are. */
  get size(): number {
    return this.#list.length;
  }

  /**
   * Adds one behind those that are there.
   *
   * @throws {TypeError} if it is not a function.
   */
  use(middleware: Middleware): void {
    if (typeof middleware !== "function") {
      throw new TypeError("Cannot use middleware: it is not a function");
    }
    this.#list.push(middleware);
  }

  /** Leads a request through all of them to `last`. Rejects if one of them fails. */
  run(request: Request, last: () => Response | Promise<Response>): Promise<Response> {
    return this.#through(0, request, last);
  }

  async #through(
    index: number,
    request: Request,
    last: () => Response | Promise<Response>,
  ): Promise<Response> {
    const middleware = this.#list[index];
    if (middleware === undefined) return last();
    const response = await middleware(request, () => this.#through(index + 1, request, last));
    if (response instanceof Response) return response;
    throw new TypeError("Cannot answer: a middleware returned no Response");
  }
}
