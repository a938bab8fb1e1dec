import type { Client } from "./ports.ts";

/** What a client is told that the server disconnects before it is let in. */
export const TURNED_AWAY = "Disconnected by the server";

/** A connection that asks for a socket. */
export interface Applicant<Socket> extends Client {
  /** Told of the outcome, once: the socket, or that there will be none. */
  decided(admission: Admission<Socket>, socket: Socket | undefined): void;
}

/** Told of a client that left while it waited. */
export interface Doorkeeper<Socket> {
  /** Nobody waits for the outcome any more. */
  left(admission: Admission<Socket>): void;
  /** The time is over in which the client should have been let in. */
  late(admission: Admission<Socket>): void;
}

/** A client on its way into a namespace. */
export class Admission<Socket> {
  /** Who wants to get in. */
  readonly client: Applicant<Socket>;
  /** The namespace. */
  readonly namespace: string;
  /** What the client takes in memory as long as it waits, in bytes. */
  readonly weight: number;
  /** Who is told that the client has left, while it waits. */
  doorkeeper: Doorkeeper<Socket> | undefined;
  #decided = false;
  #cancelled = false;

  /** Takes who wants to get in, where, and what that takes. */
  constructor(client: Applicant<Socket>, namespace: string, weight: number) {
    this.client = client;
    this.namespace = namespace;
    this.weight = weight;
  }

  /** Whether the client is gone, or asked anew. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Notes that nobody waits for the outcome any more. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.doorkeeper?.left(this);
  }

  /** Notes that the time is over in which it should have been decided. */
  expire(): void {
    this.doorkeeper?.late(this);
  }

  /** Hands over the socket, or says that there will be none. Only the first call counts. */
  decide(socket: Socket | undefined): void {
    if (this.#decided) return;
    this.#decided = true;
    this.client.decided(this, socket);
  }
}
