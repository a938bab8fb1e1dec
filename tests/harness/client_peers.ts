import { io, type LookupOptions, type Socket } from "../../client/mod.ts";
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

/** Sockets of our client that end together, each with a connection of its own. */
export class Clients implements AsyncDisposable {
  readonly #url: string;
  readonly #sockets: Socket[] = [];

  /** Clients of one server. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Starts a client; `path` is the namespace. */
  open(options: LookupOptions = {}, path = "/"): Socket {
    const socket = io(this.#url + path, {
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
