import { ClusterError } from "../cluster/mod.ts";
import type { Room } from "../mod.ts";

interface Question {
  readonly take: (room: Room) => void;
  readonly settle: PromiseWithResolvers<void>;
  missing: number;
}

const CLOSED = "the adapter has been closed";

/** The questions of a server for the rooms of all others, until they have answered. */
export class Questions {
  readonly #timeout: number;
  readonly #open = new Map<string, Question>();
  #closed = false;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Asks, and hands over each room; rejects if the answers do not all come in time. */
  async ask(
    countOthers: () => Promise<number>,
    what: string,
    publish: (requestId: string) => Promise<void>,
    take: (room: Room) => void,
  ): Promise<void> {
    if (this.#closed) throw new ClusterError(CLOSED);
    const others = await countOthers();
    if (this.#closed) throw new ClusterError(CLOSED);
    if (others < 1) return;
    const requestId = crypto.randomUUID();
    const settle = Promise.withResolvers<void>();
    this.#open.set(requestId, { take, settle, missing: others });
    const timer = setTimeout(
      () => settle.reject(new ClusterError(`timeout reached while waiting for ${what} response`)),
      this.#timeout,
    );
    publish(requestId).catch(settle.reject);
    try {
      await settle.promise;
    } finally {
      clearTimeout(timer);
      this.#open.delete(requestId);
    }
  }

  /** Takes the answer of one server; `false` if this was not asked. */
  answer(requestId: string, rooms: unknown): boolean {
    const question = this.#open.get(requestId);
    if (question === undefined) return false;
    if (!Array.isArray(rooms)) return true;
    for (const room of rooms) question.take(room);
    if (--question.missing === 0) question.settle.resolve();
    return true;
  }

  /** Gives up all questions. */
  close(): void {
    this.#closed = true;
    for (const { settle } of this.#open.values()) settle.reject(new ClusterError(CLOSED));
  }
}
