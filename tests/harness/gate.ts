import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { once } from "./once.ts";

const PORTS: Readonly<Record<string, number>> = {
  "redis:": 6379,
  "postgres:": 5432,
  "nats:": 4222,
};

/** Stands before a service on this machine, which is away while it is shut. */
export class Gate implements AsyncDisposable {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  readonly #services = new Set<Socket>();
  #port = 0;
  #server: Server | undefined;

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  /** Stands open before the service of an address. */
  static async before(target: string): Promise<Gate> {
    const gate = new Gate(target);
    await gate.open();
    return gate;
  }

  /** The address of the service by way of the gate, the same all the time. */
  get url(): string {
    return Object.assign(new URL(this.#target), { hostname: "127.0.0.1", port: this.#port }).href;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#services.size;
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

  /** Loses all that the service says from now on, by the connections that there are. */
  mute(): void {
    for (const service of this.#services) service.unpipe().resume();
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
    const { hostname, port, protocol } = this.#target;
    const service = connect(Number(port) || PORTS[protocol]!, hostname);
    this.#services.add(service);
    service.on("close", () => this.#services.delete(service));
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
