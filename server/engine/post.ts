import type { BodyReading } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { badRequest } from "./rejection.ts";

/** A POST whose body is being read. */
export class Post {
  readonly #exchange: Exchange;
  readonly #reading: BodyReading<unknown>;
  readonly #answer: (response: Response) => void;

  /** Takes the request, how far it is read, and where its answer goes. */
  constructor(
    exchange: Exchange,
    reading: BodyReading<unknown>,
    answer: (response: Response) => void,
  ) {
    this.#exchange = exchange;
    this.#reading = reading;
    this.#answer = answer;
  }

  /** What tells the request from others. */
  get stamp(): string | undefined {
    return this.#exchange.query.stamp;
  }

  /** Reads no further, and says so. */
  refuse(): void {
    this.#reading.cancel();
    this.#answer(this.#exchange.refuse(badRequest("CLOSED")));
  }
}
