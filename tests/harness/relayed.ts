import { Engine, type EngineOptions, type Session } from "../../server/engine/mod.ts";
import { assert } from "./mod.ts";
import { behindFront, RelayNetwork } from "./relay_network.ts";
import { serve, type Served } from "./serve.ts";

/** What servers say to each other, as far as tests look at it. */
export interface Said {
  readonly is: string;
  readonly id: number;
}

/** An engine whose clients come by way of another. A test takes out the errors that it expects. */
export class Relayed implements AsyncDisposable {
  readonly network: RelayNetwork = new RelayNetwork();
  readonly errors: unknown[] = [];
  readonly sessions: Map<string, Session> = new Map();
  readonly owner: Engine;
  readonly front: Engine;
  readonly #served: Promise<Served>;
  /** Without a slash at its end. */
  url = "";

  private constructor(options: EngineOptions) {
    const all: EngineOptions = {
      path: "/socket.io",
      reportError: (error) => this.errors.push(error),
      ...options,
    };
    this.owner = new Engine({ ...all, relay: this.network.bus() });
    this.owner.on("connection", (session) => this.sessions.set(session.id, session));
    const behind = behindFront(this.owner, this.network, all);
    this.front = behind.front;
    this.#served = serve(behind);
  }

  static async start(options: EngineOptions = {}): Promise<Relayed> {
    const relayed = new Relayed(options);
    relayed.url = (await relayed.#served).url;
    return relayed;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** All that was said between the servers. */
  get said(): readonly string[] {
    return this.network.sent.flatMap(({ message }) => {
      const { asked, answered } = message as { asked: Said[]; answered: Said[] };
      return [...asked, ...answered].map(({ is }) => is);
    });
  }

  async shake(): Promise<string> {
    const response = await fetch(this.url + "/socket.io/?EIO=4&transport=polling");
    return JSON.parse((await response.text()).slice(1)).sid;
  }

  path(sid: string, transport = "polling"): string {
    return `/socket.io/?EIO=4&transport=${transport}&sid=${sid}`;
  }

  get(sid: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + this.path(sid), init);
  }

  websocket(sid: string): WebSocket {
    const url = this.url.replace("http", "ws");
    return new WebSocket(url + this.path(sid, "websocket"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#served).close();
    assert.deepEqual(this.errors, []);
  }
}
