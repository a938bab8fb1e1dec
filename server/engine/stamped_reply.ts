import type { BodyType, Exchange } from "./exchange.ts";

// Each is a copy that a client need not read, while it counts in no limit.
const MOST_REPEATS = 2;

/** A reply that may have to be given once more, to the same request. */
export class StampedReply {
  readonly #stamp: string;
  readonly #body: string | Uint8Array;
  readonly #type: BodyType;
  readonly #compress: boolean;
  #left = MOST_REPEATS;

  /** Takes what tells the request from others, and the parameters of the reply. */
  constructor(stamp: string, body: string | Uint8Array, type: BodyType, compress: boolean) {
    this.#stamp = stamp;
    this.#body = body;
    this.#type = type;
    this.#compress = compress;
  }

  /** The reply once more; `undefined` if the request is another one, or has had it often enough. */
  repeat(exchange: Exchange): Response | undefined {
    if (exchange.query.stamp !== this.#stamp || this.#left === 0) return undefined;
    this.#left--;
    return exchange.reply(this.#body, this.#type, this.#compress);
  }
}
