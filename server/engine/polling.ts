import { PacketType, ParseError } from "../../parser/engine/mod.ts";
import { declaredLength, isBinary, readBody, TOO_LARGE } from "./body.ts";
import type { PollingCodec } from "./codec.ts";
import type { Exchange } from "./exchange.ts";
import type { Patient } from "./patience.ts";
import type { PollingSettings } from "./polling_settings.ts";
import { Post, Posts } from "./post.ts";
import { badRequest } from "./rejection.ts";
import { StampedReply } from "./stamped_reply.ts";
import {
  CLOSE,
  NOBODY,
  NOOP,
  type Queued,
  readyCount,
  type Transport,
  type TransportHandler,
} from "./transport.ts";

// The first may come right after the poll.
const ROUNDS = 2;

/** An Engine.IO session over HTTP: a GET that waits for messages, and POSTs that bring some. */
export class PollingTransport implements Transport, Patient {
  handler: TransportHandler = NOBODY;
  readonly #settings: PollingSettings;
  readonly #codec: PollingCodec;
  // The poll, from its arrival to its answer. There is a `#resolve` once it has to wait.
  #poll: Exchange | undefined;
  #resolve: ((response: Response) => void) | undefined;
  #answer: Response | undefined;
  #signal: AbortSignal | undefined;
  #draining = false;
  // The round of `patience` in which the poll began to wait.
  #since = 0;
  #patient = false;
  readonly #posts = new Posts();
  #leaving: (() => void) | undefined;
  // The last of each that has a stamp. Runtimes and browsers repeat a request by themselves if its
  // connection breaks before the answer is there.
  #answered: StampedReply | undefined;
  #posted: string | undefined;

  /** Takes what all have in common, and how this client forms its bodies. */
  constructor(settings: PollingSettings, codec: PollingCodec) {
    this.#settings = settings;
    this.#codec = codec;
  }

  get name(): "polling" {
    return "polling";
  }

  get writable(): boolean {
    return this.#poll !== undefined && !this.#draining;
  }

  /** Answers a GET: at once if there is something to say, later otherwise. */
  poll(exchange: Exchange): Response | Promise<Response> {
    const { stamp } = exchange.query;
    if (stamp !== undefined) {
      const again = this.#answered?.repeat(exchange);
      if (again !== undefined) return again;
      this.#answered = undefined;
      if (this.#poll?.query.stamp === stamp) this.#settle(this.#poll.refuse(badRequest("ABORTED")));
    }
    if (this.#poll !== undefined) return this.#break(exchange, "OVERLAP", "overlap from client");
    this.#poll = exchange;
    this.handler.ready();
    this.#sayGoodbye();
    const answer = this.#answer;
    if (answer === undefined) return this.#wait(exchange);
    this.#answer = undefined;
    return answer;
  }

  /** Answers a POST, once its packets have been handled. */
  post(exchange: Exchange): Response | Promise<Response> {
    const { request, query: { stamp } } = exchange;
    if (stamp !== undefined) {
      if (stamp === this.#posted) return exchange.ok();
      if (stamp === this.#posts.current?.stamp) this.#posts.giveWay();
    }
    if (this.#posts.current !== undefined) {
      return this.#break(exchange, "OVERLAP", "overlap from client");
    }
    const binary = isBinary(request);
    if (binary && !this.#codec.binary) {
      return this.#break(exchange, "INVALID_CONTENT", "invalid content");
    }
    const { maxPayload } = this.#settings;
    const declared = declaredLength(request);
    if (declared !== undefined && declared > maxPayload) return exchange.fail(413);
    return new Promise((resolve) => {
      const reading = readBody(request, binary, declared, maxPayload);
      const { number } = this.#settings.patience;
      const post = this.#posts.current = new Post(exchange, reading, resolve, number);
      this.#bePatient();
      // One promise less than with an async function, on the way of every packet.
      reading.body.then(
        (body) => resolve(this.#received(body, exchange, post)),
        (error) => resolve(this.#interrupted(error, exchange, post)),
      );
    });
  }

  /** Ends a waiting poll with a noop, so that the client is free to go on by WebSocket. */
  release(): void {
    if (this.writable) this.#respond([NOOP]);
  }

  send(): boolean {
    return false;
  }

  flush(queue: Queued[]): void {
    if (this.#poll === undefined || this.#draining) return;
    if (this.#resolve === undefined) return this.#drain(queue);
    // All that is sent in this turn goes into one answer.
    this.#draining = true;
    queueMicrotask(() => {
      this.#draining = false;
      this.#drain(queue);
    });
  }

  hurry(): void {}

  finish(done: () => void): void {
    this.#leaving = done;
    this.#sayGoodbye();
  }

  discard(): void {
    this.handler = NOBODY;
    this.#leaving = undefined;
    this.#posts.refuse();
    // The client was told to wait for its poll before it moves on, and did not.
    const poll = this.#poll;
    if (poll !== undefined) this.#settle(poll.refuse(badRequest("TRANSPORT_MISMATCH")));
  }

  subscribe(): boolean {
    return false;
  }

  unsubscribe(): void {}

  round(number: number): boolean {
    const post = this.#posts.current;
    if (post !== undefined && number - post.since >= this.#settings.bodyRounds) this.#tooSlow(post);
    const unwatched = this.#resolve !== undefined && this.#signal === undefined;
    const impatient = unwatched && number - this.#since >= ROUNDS;
    if (impatient) this.#watch();
    // Until another poll or POST comes.
    this.#patient = this.#posts.current !== undefined || (unwatched && !impatient);
    return this.#patient;
  }

  #watch(): void {
    const poll = this.#poll;
    if (poll === undefined) return;
    this.#signal = poll.request.signal;
    if (this.#signal.aborted) this.#aborted();
    else this.#signal.addEventListener("abort", this);
  }

  /** Hears that the signal of a poll was aborted; on Deno also when it was answered. */
  handleEvent(event: Event): void {
    if (event.target === this.#signal) this.#aborted();
  }

  #wait(exchange: Exchange): Promise<Response> {
    const { runtime, request } = exchange;
    runtime.limitIdleTime?.(request, 0);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      if (runtime.abortDelay === 0) return this.#watch();
      this.#since = this.#settings.patience.number;
      this.#bePatient();
    });
  }

  #bePatient(): void {
    if (this.#patient) return;
    this.#patient = true;
    this.#settings.patience.add(this);
  }

  #tooSlow(post: Post): void {
    this.#posts.current = undefined;
    post.refuse(408);
    this.handler.ended("transport error", { description: "http request timeout" });
  }

  #aborted(): void {
    const poll = this.#poll;
    if (poll === undefined) return;
    this.#settle(poll.refuse(badRequest("ABORTED")));
    this.handler.ended("transport error", { description: "poll connection closed prematurely" });
  }

  #drain(queue: Queued[]): void {
    const count = readyCount(queue);
    if (this.#poll === undefined || count === 0) return;
    const messages = queue.splice(0, count);
    // One that could not be read has no frames, and a reply without a packet would be none.
    if (messages.some(({ message }) => message.frames.length > 0)) this.#respond(messages);
    this.handler.flushed(messages);
  }

  #respond(messages: readonly Queued[]): void {
    const poll = this.#poll;
    if (poll === undefined) return;
    const { body, type } = this.#codec.encode(messages, poll.query);
    const compress = messages.some(({ compress }) => compress);
    const { stamp } = poll.query;
    if (stamp !== undefined) this.#answered = new StampedReply(stamp, body, type, compress);
    this.#settle(poll.reply(body, type, compress));
  }

  #settle(response: Response): void {
    const poll = this.#poll;
    const resolve = this.#resolve;
    if (this.#signal !== undefined) this.#signal.removeEventListener("abort", this);
    this.#signal = undefined;
    this.#poll = undefined;
    this.#resolve = undefined;
    if (resolve === undefined) {
      this.#answer = response;
      return;
    }
    poll?.runtime.limitIdleTime?.(poll.request, this.#settings.idleTimeout);
    resolve(response);
  }

  #sayGoodbye(): void {
    if (this.#leaving === undefined || this.#poll === undefined) return;
    const done = this.#leaving;
    this.#leaving = undefined;
    // A poll that comes for the goodbye gets a noop before it, as from the reference.
    this.#respond(this.#resolve === undefined ? [NOOP, CLOSE] : [CLOSE]);
    done();
  }

  #received(
    body: string | Uint8Array | typeof TOO_LARGE,
    exchange: Exchange,
    post: Post,
  ): Response {
    if (!this.#posts.settle(post)) return exchange.refuse(badRequest("CLOSED"));
    // A program may hand over a request whose body is longer than it says.
    const tooLarge = body === TOO_LARGE || body.length > this.#settings.maxPayload;
    return tooLarge ? exchange.fail(413) : this.#decode(body, exchange);
  }

  #interrupted(error: unknown, exchange: Exchange, post: Post): Response {
    if (!this.#posts.settle(post)) return exchange.refuse(badRequest("CLOSED"));
    return this.#break(exchange, "ABORTED", "data request connection closed prematurely", error);
  }

  #break(exchange: Exchange, name: string, description: string, context?: unknown): Response {
    this.handler.ended(
      "transport error",
      context === undefined ? { description } : { description, context },
    );
    return exchange.refuse(badRequest(name));
  }

  #decode(body: string | Uint8Array, exchange: Exchange): Response {
    const owner = this.handler;
    this.#posted = exchange.query.stamp;
    try {
      this.#codec.decode(
        body,
        (type, data) => {
          if (type === PacketType.Close) this.release();
          owner.packet(type, data);
          return this.handler === owner;
        },
        this.#settings.maxPackets,
        exchange.query,
      );
    } catch (error) {
      if (error instanceof ParseError) {
        this.handler.ended("parse error", { description: error.message, context: error });
        return exchange.refuse(badRequest("PARSE_ERROR"));
      }
      this.#settings.reportError(error, { event: "message" });
    }
    return exchange.ok();
  }
}
