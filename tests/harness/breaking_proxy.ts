import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "./once.ts";

/** Passes connections on to a broker, and breaks them when it is told. */
export class BreakingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isOpen = true;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      if (!this.#isOpen) client.destroy();
      else this.#pass(client, connect(port, "127.0.0.1"));
    });
  }

  /** Starts before a broker on this machine. */
  static async start(port: number): Promise<BreakingProxy> {
    const proxy = new BreakingProxy(port);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Breaks all connections, and takes no new ones. */
  break(): void {
    this.#isOpen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Takes connections again. */
  mend(): void {
    this.#isOpen = true;
  }

  #pass(...pair: [Socket, Socket]): void {
    for (const [i, socket] of pair.entries()) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", (bytes) => pair[1 - i]!.write(bytes));
      socket.on("close", () => {
        this.#sockets.delete(socket);
        pair[1 - i]!.destroy();
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.break();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
