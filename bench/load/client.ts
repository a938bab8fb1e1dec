/** The client's side of Socket.IO over a WebSocket, as far as the benchmark needs it. */
import type { Buffer } from "node:buffer";
import { type OnText, textFrame, WebSocketConnection } from "./websocket.ts";

const PING = 50; // "2"
const PONG = textFrame("3");
const CONNECT = textFrame("40");

/** Connects a client to the main namespace. */
export async function connect(
  port: number,
  room: string,
  failed: (reason: string) => void,
): Promise<Client> {
  const client = new Client(failed);
  await client.connected(port, room);
  return client;
}

/** A connected client. */
export class Client {
  /** Told each packet but pings. */
  onPacket: OnText = () => {};
  readonly #connection = new WebSocketConnection();

  /** Takes who is told when the server ends the connection. */
  constructor(failed: (reason: string) => void) {
    this.#connection.onClose = failed;
  }

  /** Settles when the namespace has let the client in. */
  async connected(port: number, room: string): Promise<void> {
    const entered = new Promise<void>((resolve, reject) => {
      const expected = ["0{", "40{"];
      this.#connection.onText = (bytes, start, end) => {
        const text = bytes.toString("latin1", start, end);
        if (!text.startsWith(expected.shift() ?? "")) reject(new Error(`got ${text}`));
        else if (expected.length > 0) this.#connection.send(CONNECT);
        else {
          this.#connection.onText = (bytes, start, end) => this.#text(bytes, start, end);
          resolve();
        }
      };
    });
    await this.#connection.open(port, `/socket.io/?EIO=4&transport=websocket&room=${room}`);
    await entered;
  }

  /** Sends a frame. */
  send(frame: Buffer): void {
    this.#connection.send(frame);
  }

  /** Leaves. */
  end(): void {
    this.#connection.end();
  }

  #text(bytes: Buffer, start: number, end: number): void {
    if (end === start + 1 && bytes[start] === PING) this.#connection.send(PONG);
    else this.onPacket(bytes, start, end);
  }
}

/** Makes many of something, a few at a time. */
export async function many<T>(
  count: number,
  atOnce: number,
  make: (index: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return made;
}
