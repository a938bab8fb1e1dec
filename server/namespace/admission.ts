import type { Client } from "./ports.ts";

/** A client on its way into a namespace. */
export class Admission<Socket> {
  /** Who wants to get in. */
  readonly client: Client;
  /** Told when nobody waits for the outcome any more. Assigned once. */
  left: (() => void) | undefined;
  readonly #admitted: (socket: Socket) => void;
  #cancelled = false;

  /** Takes who wants to get in, and who is told when that has worked. */
  constructor(client: Client, admitted: (socket: Socket) => void) {
    this.client = client;
    this.#admitted = admitted;
  }

  /** Whether the client is gone, or asked anew. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Notes that nobody waits for the outcome any more. */
  cancel(): void {
    this.#cancelled = true;
    this.left?.();
  }

  /** Hands over the socket. */
  admitted(socket: Socket): void {
    this.#admitted(socket);
  }
}
