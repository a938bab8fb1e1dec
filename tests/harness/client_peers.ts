import { io, type LookupOptions, Manager, type Socket } from "../../client/mod.ts";
import { once } from "./once.ts";
import { Process } from "./process.ts";

/** A server that the client is tested against. */
export interface Peer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** Starts a server, on a port if one is given. */
export type StartPeer = (port?: number) => Promise<Peer>;

/** Starts npm socket.io on Node. */
export const startOfficial: StartPeer = async (port = 0) => {
  const server = new Process("node", ["tests/harness/official_server.mjs", String(port)]);
  const [, printed] = await server.printed(/port (\d+)/);
  return {
    url: `http://127.0.0.1:${printed}`,
    port: Number(printed),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

/** What the tests use of a client. */
export interface ClientModule {
  readonly io: typeof io;
  readonly Manager: typeof Manager;
}

/** The client as it is written. */
export const CLIENT: ClientModule = { io, Manager };

/** Sockets of our client that end together, each with a connection of its own. */
export class Clients implements AsyncDisposable {
  readonly #url: string;
  readonly #io: typeof io;
  readonly #sockets: Socket[] = [];

  /** Clients of one server. */
  constructor(url: string, client: ClientModule = CLIENT) {
    this.#url = url;
    this.#io = client.io;
  }

  /** Starts a client; `path` is the namespace. */
  open(options: LookupOptions = {}, path = "/"): Socket {
    const socket = this.#io(this.#url + path, {
      forceNew: true,
      reconnectionDelay: 10,
      reconnectionDelayMax: 20,
      ...options,
    });
    this.#sockets.push(socket);
    return socket;
  }

  /** Starts a client and waits until it is connected. */
  async connect(options: LookupOptions = {}, path = "/"): Promise<Socket> {
    const socket = this.open(options, path);
    await once(socket, "connect");
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket[Symbol.asyncDispose]()));
  }
}
