import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "./once.ts";

/** Passes connections on to a server, as long as it is not broken. */
export class BreakableProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #isBroken = false;
  #isMute = false;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((client) => this.#pass(client));
  }

  /** Starts before a server. */
  static async before(target: string): Promise<BreakableProxy> {
    const proxy = new BreakableProxy(new URL(target));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** The address of the server by way of the proxy. */
  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
    return url.href;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#sockets.size / 2;
  }

  /** Ends all connections, and those that come. */
  break(): void {
    this.#isBroken = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets connections pass again. */
  mend(): void {
    this.#isBroken = false;
    this.#isMute = false;
  }

  /** Loses all that the server says from now on. */
  mute(): void {
    this.#isMute = true;
  }

  #pass(client: Socket): void {
    if (this.#isBroken) return void client.on("error", () => {}).destroy();
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on("data", (data) => void (this.#isMute || client.write(data)));
    server.on("end", () => client.end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.break();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
