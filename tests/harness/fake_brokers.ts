import { until } from "./once.ts";

function unused(): never {
  throw new Error("This is not for an emitter");
}

/** A client that is as good as one of the package `redis`, and notes what is published. */
export class FakeRedis {
  /** Channels and payloads. */
  readonly published: [channel: string, payload: unknown][] = [];
  readonly pSubscribe: () => never = unused;
  /** What was sent by `sendCommand`. */
  readonly commands: unknown[][] = [];
  readonly duplicate: () => never = unused;
  readonly #heard: ((error: Error) => void)[] = [];
  readonly #answer: () => Promise<unknown>;

  constructor(answer: () => Promise<unknown> = () => Promise.resolve(1)) {
    this.#answer = answer;
  }

  on(_event: "error", listener: (error: Error) => void): void {
    this.#heard.push(listener);
  }

  listenerCount(): number {
    return this.#heard.length;
  }

  sendCommand(args: unknown[]): Promise<unknown> {
    this.commands.push(args);
    return this.#answer();
  }

  publish(channel: string, payload: unknown): Promise<unknown> {
    this.published.push([channel, payload]);
    return this.#answer();
  }

  sPublish(channel: string, payload: unknown): Promise<unknown> {
    return this.publish(`a shard: ${channel}`, payload);
  }

  /** Has an error of its connection. */
  fail(error: Error): void {
    for (const tell of this.#heard) tell(error);
  }
}

/** A pool that is as good as one of `pg`, and notes what is asked. */
export class FakePool {
  /** Statements and their parameters. */
  readonly queries: [text: string, values: unknown[]][] = [];
  readonly connect: () => never = unused;
  readonly removeListener: () => never = unused;
  listeners = 0;
  readonly #answer: () => Promise<unknown>;

  constructor(answer: () => Promise<unknown> = () => Promise.resolve()) {
    this.#answer = answer;
  }

  on(): void {
    this.listeners++;
  }

  async query(text: string, values: unknown[]): Promise<{ rows: unknown[] }> {
    this.queries.push([text, values]);
    await this.#answer();
    return { rows: [{ id: "7" }] };
  }

  /** Resolves once there were as many queries. */
  queried(count: number): Promise<void> {
    return until(() => this.queries.length === count, `${count} queries`);
  }
}
