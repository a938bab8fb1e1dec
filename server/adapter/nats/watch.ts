import { ClusterError, type Receiver } from "../cluster/mod.ts";
import type { NatsConnection } from "./connection.ts";

/** Knows whether the connection of a server is there, and tells of its loss. */
export class Watch {
  readonly #connection: NatsConnection;
  readonly #receivers = new Set<Receiver>();
  #status: AsyncIterable<{ readonly type: string }> | undefined;
  #isAway = false;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Whether nothing can be sent. */
  get isAway(): boolean {
    return this.#isAway || this.#connection.isClosed();
  }

  /** Watches for a namespace, too. */
  add(receiver: Receiver): void {
    this.#receivers.add(receiver);
    if (this.#status !== undefined) return;
    const status = this.#status = this.#connection.status();
    this.#watch(status).catch((error) => this.#tell(error));
  }

  /** Watches no more for a namespace. */
  remove(receiver: Receiver): void {
    this.#receivers.delete(receiver);
    if (this.#receivers.size > 0) return;
    (this.#status as { stop?(): void } | undefined)?.stop?.();
    this.#status = undefined;
    this.#isAway = false;
  }

  async #watch(status: AsyncIterable<{ readonly type: string }>): Promise<void> {
    for await (const { type } of status) {
      if (this.#status !== status) return;
      if (type === "reconnect") this.#isAway = false;
      if (type !== "disconnect") continue;
      this.#isAway = true;
      this.#tell(new ClusterError("The connection to NATS is lost, and messages with it"));
    }
    if (this.#status === status) this.#tell(new ClusterError("The connection to NATS is closed"));
  }

  #tell(error: unknown): void {
    const [first] = this.#receivers;
    first?.failed(error);
  }
}
