import type { Client } from "./ports.ts";

/** A client on its way into a namespace. */
export class Admission<Socket> {
  /** Who wants to get in. */
  readonly client: Client;
  /** Told when nobody waits for the outcome any more. Assigned once. */
  left: (() => void) | undefined;
  readonly #decided: (socket: Socket | undefined) => void;
  #cancelled = false;

  /** Takes who wants to get in, and who is told of its socket, or that there will be none. */
  constructor(client: Client, decided: (socket: Socket | undefined) => void) {
    this.client = client;
    this.#decided = decided;
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
    this.#decided(socket);
  }

  /** Says that there will be no socket. */
  refused(): void {
    this.#decided(undefined);
  }
}
