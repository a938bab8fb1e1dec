/** Who is told of the answers to a broadcast. */
export interface AckListener {
  /** Told how many sockets a server has asked; below 0, how many of them will not answer any more. */
  clientCount(count: number): void;
  /** Told each answer. */
  ack(response: readonly unknown[]): void;
}

interface AckRequest extends AckListener {
  /** How many sockets of each server are still to answer. */
  readonly open: Map<string, number>;
}

/** The broadcasts that sockets of other servers are to answer. */
export class AckRequests {
  readonly #pending = new Map<string, AckRequest>();

  /** Waits for answers. */
  add(id: string, { clientCount, ack }: AckListener): void {
    this.#pending.set(id, { clientCount, ack, open: new Map() });
  }

  /** Waits no longer. */
  delete(id: string): void {
    this.#pending.delete(id);
  }

  /** A server has said how many of its sockets it asked, or that some of them are gone. */
  counted(id: string, uid: string, count: number): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    request.open.set(uid, (request.open.get(uid) ?? 0) + count);
    request.clientCount(count);
  }

  /** A socket of a server has answered. */
  answered(id: string, uid: string, answer: unknown): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    request.open.set(uid, (request.open.get(uid) ?? 0) - 1);
    request.ack([answer]);
  }

  /** A server is gone, and so are those of its sockets that have not answered. */
  left(uid: string): void {
    for (const { open, clientCount } of [...this.#pending.values()]) {
      const missing = open.get(uid) ?? 0;
      open.delete(uid);
      if (missing > 0) clientCount(-missing);
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#pending.clear();
  }
}
