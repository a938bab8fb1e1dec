import { ClusterError } from "./error.ts";

/** Who is to answer: the servers of these ids, or as many as this, where ids are not known. */
export type Expected = ReadonlySet<string> | number;

/** Takes the answers of all, or the error together with those that came. */
export type Settle = (error: Error | null, answers: unknown[]) => void;

interface Request {
  readonly settle: Settle;
  readonly answers: unknown[];
  readonly missing: Set<string> | undefined;
  readonly expected: number;
  readonly timer: ReturnType<typeof setTimeout>;
  servers: number;
}

/** The questions that a server has asked the others, until all have answered. */
export class Requests {
  readonly #pending = new Map<string, Request>();

  /** Waits for the answers to a question. `settle` is called once. */
  add(id: string, expected: Expected, timeout: number, settle: Settle): void {
    const missing = typeof expected === "number" ? undefined : new Set(expected);
    this.#pending.set(id, {
      settle,
      answers: [],
      missing,
      expected: missing?.size ?? expected as number,
      timer: setTimeout(() => this.#timedOut(id), timeout),
      servers: 0,
    });
  }

  /** Takes what one server has answered. */
  answer(id: string, uid: string, answers: readonly unknown[]): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    // It may be asked by two names, and a broker may say everything twice.
    if (request.missing !== undefined && !request.missing.delete(uid)) return;
    request.servers++;
    for (const answer of answers) request.answers.push(answer);
    this.#check(id, request);
  }

  /** No longer waits for a server that is gone. */
  left(uid: string): void {
    for (const [id, request] of this.#pending) {
      if (request.missing?.delete(uid)) this.#check(id, request);
    }
  }

  /** Gives up a question that could not be asked. */
  fail(id: string, error: Error): void {
    const request = this.#take(id);
    request?.settle(error, request.answers);
  }

  /** Gives up all questions. */
  close(): void {
    for (const id of [...this.#pending.keys()]) {
      this.fail(id, new ClusterError("the adapter has been closed"));
    }
  }

  #check(id: string, { missing, servers, expected }: Request): void {
    if (missing === undefined ? servers < expected : missing.size > 0) return;
    const request = this.#take(id);
    request?.settle(null, request.answers);
  }

  #timedOut(id: string): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    const { missing, servers, expected } = request;
    this.fail(
      id,
      new ClusterError(
        missing === undefined
          ? `timeout reached: only ${servers} responses received out of ${expected}`
          : `timeout reached: missing ${missing.size} responses`,
      ),
    );
  }

  #take(id: string): Request | undefined {
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(request?.timer);
    return request;
  }
}
