/** Takes the answer of the other side; with `error`, there will be none. */
export type AckCallback = (error: Error | undefined, args: readonly unknown[]) => void;

interface Pending {
  readonly callback: AckCallback;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

/** The error text of an answer that did not come in time. */
export const ACK_TIMEOUT_MESSAGE = "operation has timed out";

/** The error text of an answer that cannot come any more. */
export const ACK_DISCONNECTED_MESSAGE = "socket has been disconnected";

/**
 * The acknowledgements that one socket waits for. Each is settled once: by the answer, by its
 * timeout, or by the end of the connection.
 */
export class AckTable {
  #pending: Map<number, Pending> | undefined;
  #nextId = 0;

  /** How many answers are awaited. */
  get size(): number {
    return this.#pending?.size ?? 0;
  }

  /** Takes an id that no other event of this socket has. */
  nextId(): number {
    return this.#nextId++;
  }

  /**
   * Awaits the answer to the event with this id.
   *
   * @param timeout milliseconds after which the callback gets an error; without it, no limit.
   */
  add(id: number, callback: AckCallback, timeout?: number): void {
    const timer = timeout === undefined
      ? undefined
      : setTimeout(() => this.#settle(id, new Error(ACK_TIMEOUT_MESSAGE), []), timeout);
    (this.#pending ??= new Map()).set(id, { callback, timer });
  }

  /** Hands over an answer. Returns `false` if nobody awaits it, as after a timeout. */
  resolve(id: number, args: readonly unknown[]): boolean {
    return this.#settle(id, undefined, args);
  }

  /** Forgets an answer without a call. Returns `false` if it was not awaited. */
  delete(id: number): boolean {
    const pending = this.#pending?.get(id);
    if (pending === undefined) return false;
    clearTimeout(pending.timer);
    return this.#pending!.delete(id);
  }

  /**
   * Settles everything with the error that the connection is gone.
   *
   * @param kept whether the event of this id can still be answered, as one that was not sent yet.
   */
  rejectAll(kept?: (id: number) => boolean): void {
    for (const id of [...this.#pending?.keys() ?? []]) {
      if (!kept?.(id)) this.#settle(id, new Error(ACK_DISCONNECTED_MESSAGE), []);
    }
  }

  #settle(id: number, error: Error | undefined, args: readonly unknown[]): boolean {
    const pending = this.#pending?.get(id);
    if (pending === undefined) return false;
    this.delete(id);
    pending.callback(error, args);
    return true;
  }
}
