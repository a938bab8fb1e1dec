import { ClusterError } from "./error.ts";
import { EMITTER_UID } from "./message.ts";

/** Who is to answer: the servers of these ids, or as many as this, where ids are not known. */
export type Expected = ReadonlySet<string> | number;

/** Takes the answers of all, or the error together with those that came. */
export type Settle = (error: Error | null, answers: unknown[]) => void;

interface Request {
  readonly settle: Settle;
  readonly answers: unknown[];
  readonly timer: ReturnType<typeof setTimeout>;
  // Who has answered, where that is known.
  readonly heard: Set<string>;
  /** `undefined` as long as it is not asked. */
  expected: Expected | undefined;
  missing: Set<string> | undefined;
  servers: number;
  /** How many were not heard of any more. */
  lost: number;
}

/** The questions that a server has asked the others, until all have answered. */
export class Requests {
  readonly #pending = new Map<string, Request>();

  /** Waits for the answers to a question that is about to be asked. `settle` is called once. */
  add(id: string, timeout: number, settle: Settle): void {
    this.#pending.set(id, {
      settle,
      answers: [],
      timer: setTimeout(() => this.#timedOut(id), timeout),
      heard: new Set(),
      expected: undefined,
      missing: undefined,
      servers: 0,
      lost: 0,
    });
  }

  /** Says who is to answer. Returns whether the question is still open, and so to be asked. */
  expect(id: string, expected: Expected): boolean {
    const request = this.#pending.get(id);
    if (request === undefined) return false;
    request.expected = expected;
    request.missing = typeof expected === "number" ? undefined : new Set(expected);
    return !this.#check(id, request);
  }

  /** Takes what one server has answered. */
  answer(id: string, uid: string, answers: readonly unknown[]): void {
    const request = this.#pending.get(id);
    if (request?.expected === undefined) return;
    // A broker may say everything twice.
    if (request.missing !== undefined && !request.missing.delete(uid)) return;
    if (uid !== EMITTER_UID && request.heard.has(uid)) return;
    request.heard.add(uid);
    request.servers++;
    for (const answer of answers) request.answers.push(answer);
    this.#check(id, request);
  }

  /**
   * No longer waits for a server that is gone.
   *
   * @param farewell whether it has said so, and not just fallen silent.
   */
  left(uid: string, farewell: boolean): void {
    for (const [id, request] of this.#pending) {
      if (!request.missing?.delete(uid)) continue;
      if (!farewell) request.lost++;
      this.#check(id, request);
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

  /** Settles a question if nobody is waited for any more, and returns whether that is so. */
  #check(id: string, { missing, servers, expected, lost }: Request): boolean {
    if (missing === undefined ? servers < Number(expected) : missing.size > 0) return false;
    const request = this.#take(id);
    request?.settle(lost > 0 ? missed(lost) : null, request.answers);
    return true;
  }

  #timedOut(id: string): void {
    const request = this.#pending.get(id);
    if (request !== undefined) this.fail(id, late(request));
  }

  #take(id: string): Request | undefined {
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(request?.timer);
    return request;
  }
}

function late({ expected, missing, servers, lost }: Request): ClusterError {
  if (expected === undefined) {
    return new ClusterError("timeout reached: the other servers could not be asked");
  }
  if (missing !== undefined) return missed(missing.size + lost);
  return new ClusterError(
    `timeout reached: only ${servers} responses received out of ${expected}`,
  );
}

function missed(count: number): ClusterError {
  return new ClusterError(`timeout reached: missing ${count} responses`);
}
