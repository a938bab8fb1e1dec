import type { Connector } from "./connector.ts";

/** What an answer needs of its socket. */
export interface AnsweringSocket {
  /** The manager of the connection. */
  readonly io: Connector;
  /** The namespace. */
  readonly nsp: string;
  /** The id that the server gave, as long as the namespace is joined. */
  readonly id: string | undefined;
}

/** Makes the function that answers an event, once. */
export function createAnswer(socket: AnsweringSocket, id: number): (...data: unknown[]) => void {
  let { id: sid } = socket;
  return (...data) => {
    // A namespace that was left, or joined anew, did not ask.
    if (!sid || socket.id !== sid) return;
    sid = undefined; // once is enough
    socket.io.send({ type: 3, nsp: socket.nsp, id, data });
  };
}
