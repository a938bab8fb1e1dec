/** TCP connections of Bun, which costs a load generator least. */
import type { Buffer } from "node:buffer";

interface BunSocket {
  data: Tcp;
  write(bytes: Uint8Array): number;
  end(): void;
}

interface BunLike {
  connect(options: {
    hostname: string;
    port: number;
    data: Tcp;
    socket: Record<string, (socket: BunSocket, data: Buffer) => void>;
  }): Promise<BunSocket>;
}

/** Told what comes in. */
export interface TcpHandler {
  /** Bytes came; they are only valid within the call. */
  data(bytes: Buffer): void;
  /** The peer has closed the connection. */
  closed(): void;
}

/** One TCP connection. What the kernel does not take at once waits. */
export class Tcp {
  readonly handler: TcpHandler;
  #socket: BunSocket | undefined;
  #waiting: Buffer[] = [];
  #ended = false;

  private constructor(handler: TcpHandler) {
    this.handler = handler;
  }

  /** Connects to a port of this machine. */
  static async connect(port: number, handler: TcpHandler): Promise<Tcp> {
    const tcp = new Tcp(handler);
    const { Bun } = globalThis as unknown as { Bun: BunLike };
    tcp.#socket = await Bun.connect({ hostname: "127.0.0.1", port, data: tcp, socket: HANDLERS });
    return tcp;
  }

  /** Sends bytes, which MUST NOT change afterwards. */
  write(bytes: Buffer): void {
    if (this.#waiting.length > 0) {
      this.#waiting.push(bytes);
      return;
    }
    const written = this.#socket?.write(bytes) ?? 0;
    if (written < bytes.length) this.#waiting.push(bytes.subarray(Math.max(0, written)));
  }

  /** Sends what waits, as far as the kernel takes it. */
  drain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) this.write(bytes);
  }

  /** Closes the connection. */
  end(): void {
    this.#ended = true;
    this.#socket?.end();
  }

  /** The connection is closed; only news if it was not our doing. */
  closed(): void {
    if (!this.#ended) this.handler.closed();
    this.#ended = true;
  }
}

const HANDLERS = {
  data: (socket: BunSocket, bytes: Buffer) => socket.data.handler.data(bytes),
  drain: (socket: BunSocket) => socket.data.drain(),
  close: (socket: BunSocket) => socket.data.closed(),
  error: (socket: BunSocket) => socket.data.closed(),
};
