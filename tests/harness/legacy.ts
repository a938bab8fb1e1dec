import { createRequire } from "node:module";

/** A socket of npm socket.io-client 2.5, as far as tests need it. */
export interface LegacySocket {
  readonly id: string;
  readonly connected: boolean;
  readonly io: {
    readonly engine: {
      readonly transport: { readonly name: string };
      readonly readyState: string;
      once(event: string, listener: (...args: never[]) => void): unknown;
      write(data: string): void;
      close(): void;
    };
    socket(path: string, options?: object): LegacySocket;
  };
  on(event: string, listener: (...args: never[]) => void): this;
  once(event: string, listener: (...args: never[]) => void): this;
  emit(event: string, ...args: unknown[]): this;
  disconnect(): this;
}

/** The client has no types, and is no module. */
const connect = createRequire(import.meta.url)("socket.io-client-v2") as (
  url: string,
  options: object,
) => LegacySocket;

/** Sockets of npm socket.io-client 2.5 that end together, each with a connection of its own. */
export class LegacyClients implements AsyncDisposable {
  readonly #url: string;
  readonly #sockets: LegacySocket[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** Starts a client that does not connect again by itself; `path` may have a query. */
  open(options: object = {}, path = "/"): LegacySocket {
    const all = { forceNew: true, reconnection: false, ...options };
    const socket = connect(this.#url + path, all);
    this.#sockets.push(socket);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => {
      const { engine } = socket.io;
      const closed = engine === undefined || engine.readyState === "closed"
        ? undefined
        : new Promise<void>((resolve) => engine.once("close", () => resolve()));
      socket.disconnect();
      engine?.close();
      return closed;
    }));
  }
}
