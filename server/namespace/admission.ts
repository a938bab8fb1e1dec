import type { Client } from "./ports.ts";

/** A client on its way into a namespace. */
export class Admission<Socket> {
  /** Who wants to get in. */
  readonly client: Client;
  /** Told when nobody waits for the outcome any more. Assigned once. */
  left: (() => void) | undefined;
  #decided: ((socket: Socket | undefined) => void) | undefined;
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
    this.#decide(socket);
  }

  /** Says that there will be no socket. Does nothing if there is one. */
  refused(): void {
    this.#decide(undefined);
  }

  #decide(socket: Socket | undefined): void {
    const decided = this.#decided;
    this.#decided = undefined;
    decided?.(socket);
  }
}
