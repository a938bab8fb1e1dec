/** Something that gathers what it has to send until the end of the turn. */
export interface Sender {
  /** Sends what has gathered. */
  sendGathered(): void;
}

/**
 * The transports that have something to send at the end of this turn. On Bun each send outside of
 * the socket's own message handler is a system call; gathered, all frames of a turn are one.
 */
export class Outbox {
  #senders: Sender[] = [];

  /** Adds a transport. */
  add(sender: Sender): void {
    if (this.#senders.push(sender) === 1) queueMicrotask(() => this.flush());
  }

  /** Sends now: what is published natively must not overtake what was sent before. */
  flush(): void {
    if (this.#senders.length === 0) return;
    const senders = this.#senders;
    this.#senders = [];
    for (const sender of senders) sender.sendGathered();
  }
}
