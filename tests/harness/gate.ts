import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "./once.ts";

/** A way to a broker that can be shut, and opened again at the same port. */
export class Gate implements AsyncDisposable {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
  }

  /** Opens one before the broker of an address. */
  static async start(url: string): Promise<Gate> {
    const gate = new Gate(new URL(url));
    await gate.open();
    return gate;
  }

  /** The address to use. */
  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Lets connections pass. */
  async open(): Promise<void> {
    const server = createServer((client) => this.#pass(client));
    this.#server = server;
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as { port: number }).port;
  }

  /** Breaks all connections, and refuses new ones. */
  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) =>
      server === undefined ? resolve() : server.close(() => resolve())
    );
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(client: Socket): void {
    const broker = connect(this.#target.port, this.#target.host);
    for (const [from, to] of [[client, broker], [broker, client]] as const) {
      this.#sockets.add(from);
      from.on("error", () => {});
      from.on("data", (bytes) => to.write(bytes));
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shut();
  }
}
