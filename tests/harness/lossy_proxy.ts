import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "./once.ts";

/** Passes connections on to a server, and breaks one at a bad moment. */
export class LossyProxy implements AsyncDisposable {
  /** A text: the first answer that has it in it is lost together with its connection. */
  loseAnswer: string | undefined;
  /** A text: the answer to the first request that has it in it is lost together with its connection. */
  loseAnswerTo: string | undefined;
  /** The requests that had the text of {@linkcode LossyProxy.loseAnswerTo} in them. */
  requests = 0;
  /** How many connections were broken. */
  broken = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number) {
    this.#server = createServer((client) => this.#pass(client, connect(port, "127.0.0.1")));
  }

  /** Starts before a server on this machine. */
  static async start(port: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(port);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  #pass(client: Socket, server: Socket): void {
    let doomed = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (this.loseAnswerTo !== undefined && bytes.includes(this.loseAnswerTo)) {
        doomed = this.requests++ === 0;
      }
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (this.loseAnswer !== undefined && bytes.includes(this.loseAnswer)) {
        this.loseAnswer = undefined;
        doomed = true;
      }
      if (!doomed) return client.write(bytes);
      this.broken++;
      client.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
