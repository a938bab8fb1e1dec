import type { BodyReading } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { badRequest } from "./rejection.ts";

/** A POST whose body is being read. */
export class Post {
  readonly #exchange: Exchange;
  readonly #reading: BodyReading<unknown>;
  readonly #answer: (response: Response) => void;
  /** The round of patience in which it came. */
  readonly since: number;

  /** Takes the request, how far it is read, where its answer goes, and the round of patience. */
  constructor(
    exchange: Exchange,
    reading: BodyReading<unknown>,
    answer: (response: Response) => void,
    since: number,
  ) {
    this.#exchange = exchange;
    this.#reading = reading;
    this.#answer = answer;
    this.since = since;
  }

  /** What tells the request from others. */
  get stamp(): string | undefined {
    return this.#exchange.query.stamp;
  }

  /** Reads no further, and says so: by a status without a body, or that the session is closed. */
  refuse(status?: number): void {
    this.#reading.cancel();
    const answer = status === undefined
      ? this.#exchange.refuse(badRequest("CLOSED"))
      : this.#exchange.fail(status);
    // The rest of the body is not going to be read.
    answer.headers.set("connection", "close");
    this.#answer(answer);
  }
}

/** The posts of one session: the one that is being read, and one that it took the place of. */
export class Posts {
  /** The one whose body is being read. */
  current: Post | undefined;
  // Its body may still come, and be kept: as long as that is so, no other gives way.
  #former: Post | undefined;

  /** Lets another take the place of the current one, unless one has done so already. */
  giveWay(): void {
    if (this.#former !== undefined) return;
    this.#former = this.current;
    this.refuse();
  }

  /** Reads no further. */
  refuse(): void {
    this.current?.refuse();
    this.current = undefined;
  }

  /** Notes that a post has been read, or cut off. Whether it is still the one that counts. */
  settle(post: Post): boolean {
    if (this.#former === post) this.#former = undefined;
    if (this.current !== post) return false;
    this.current = undefined;
    return true;
  }
}
