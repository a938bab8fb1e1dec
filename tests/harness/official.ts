import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { once } from "./once.ts";

/** A socket of npm socket.io-client. */
export type OfficialSocket = Socket;

/** The ways in which the official client can travel. */
export const ROADS: Readonly<Record<string, { transports: string[]; upgrade?: boolean }>> = {
  "polling only": { transports: ["polling"], upgrade: false },
  "websocket only": { transports: ["websocket"] },
  "polling, then an upgrade": { transports: ["polling", "websocket"] },
};

/** What the official client is started with. */
export type OfficialOptions = Partial<ManagerOptions & SocketOptions>;

/**
 * Sockets of npm socket.io-client that end together, each with a connection of its own.
 *
 * @example
 * ```ts
 * await using clients = new OfficialClients(url);
 * const socket = await clients.connect({ transports: ["websocket"] });
 * ```
 */
export class OfficialClients implements AsyncDisposable {
  readonly #url: string;
  readonly #sockets: Socket[] = [];

  /** Clients of one server. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Starts a client that does not connect again by itself; `path` is the namespace. */
  open(options: OfficialOptions = {}, path = "/"): Socket {
    const socket = io(this.#url + path, { forceNew: true, reconnection: false, ...options });
    this.#sockets.push(socket);
    return socket;
  }

  /** Starts a client and waits until it is let in; rejects if it is refused. */
  async connect(options: OfficialOptions = {}, path = "/"): Promise<Socket> {
    const socket = this.open(options, path);
    const refused = once<[Error]>(socket, "connect_error").then(([error]) => {
      throw error;
    });
    const connected = once(socket, "connect");
    // Only one of the two ever comes.
    refused.catch(() => {});
    connected.catch(() => {});
    await Promise.race([connected, refused]);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#sockets.map((socket) => {
      const { engine } = socket.io;
      const closed = engine !== undefined && engine.readyState !== "closed"
        ? new Promise<void>((resolve) => engine.once("close", () => resolve()))
        : undefined;
      socket.disconnect();
      socket.io.engine?.close();
      return closed;
    });
    await Promise.all(ended);
  }
}
