import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { once } from "./once.ts";

/** Stands before a service on this machine, which is away while it is shut. */
export class Gate implements AsyncDisposable {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #server: Server | undefined;

  private constructor(target: number) {
    this.#target = target;
  }

  /** Stands open before a port. */
  static async before(target: number): Promise<Gate> {
    const gate = new Gate(target);
    await gate.open();
    return gate;
  }

  /** Where it stands, the same all the time. */
  get port(): number {
    return this.#port;
  }

  /** Lets connections through. */
  async open(): Promise<void> {
    const server = createServer((client) => this.#pass(client));
    this.#server = server;
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Keeps the connections, but lets nothing through them any more. */
  hold(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** Breaks all connections, and lets no other through. */
  async shut(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    const ended = [...this.#sockets].map((socket) => {
      const end = new Promise((resolve) => socket.once("close", resolve));
      socket.destroy();
      return end;
    });
    await Promise.all([closed, ...ended]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shut();
  }

  #pass(client: Socket): void {
    const service = connect(this.#target, "127.0.0.1");
    for (const [socket, other] of [[client, service], [service, client]] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
