import { Engine } from "../../../../server/engine/engine.ts";
import type { Host, RawSocketHandler, Runtime } from "../../../../server/engine/runtime.ts";
import type { Session } from "../../../../server/engine/session.ts";
import type { Relay } from "../../../../server/engine/relay/relay.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { until, within } from "../../../harness/once.ts";
import { RelayNetwork } from "../../../harness/relay_network.ts";
import { int, pick, type Random, seeded } from "../../parser/random.ts";
import { FakeSocket } from "./fake_socket.ts";

const URL_OF = "http://host/engine.io/?EIO=4&transport=";
const BODIES = ["4text", "4a\x1e4b", "bAQID", "3", "2", "1", "", "9", "b*", "4x".repeat(200), "5"];
const FRAMES = ["4text", "3", "2", "1", "2probe", "5", "9", "", "bAQID", new Uint8Array([1])];

/** A client in no particular state, and what it has under way. */
interface Client {
  sid: string;
  readonly polls: AbortController[];
  readonly sockets: FakeSocket[];
}

class Chaos {
  readonly engine: Engine;
  // Where the requests of sessions come to.
  readonly #front: Engine;
  readonly #network: RelayNetwork | undefined;
  readonly #random: Random;
  readonly #clients: Client[] = [];
  readonly #answers: Promise<unknown>[] = [];
  readonly #sessions: Session[] = [];
  readonly #ends: Session[] = [];

  /** @param relayed whether the requests of sessions come to another server, and messages are lost. */
  constructor(seed: number, relayed: boolean) {
    const random = this.#random = seeded(seed);
    const runtime: Runtime = {
      abortDelay: seed % 2 === 0 ? 0 : 5,
      upgrade: ({ url }, handler) => this.#upgrade(url, handler, seed % 3 > 0),
    };
    const host: Host = {
      name: "nothing",
      compresses: false,
      debugScopes: () => undefined,
      runtime: () => runtime,
      handlers: () => ({ message() {} }),
      listen: () => Promise.reject(new Error("there is no network")),
    };
    const network = this.#network = relayed ? new RelayNetwork() : undefined;
    const create = () =>
      new Engine({
        pingInterval: 30,
        pingTimeout: 30,
        upgradeTimeout: 20,
        maxHttpBufferSize: 300,
        maxBackpressure: 2000,
        httpRequestBodyTimeout: 1000,
        ...network && { relay: network.bus() },
      }, host);
    this.engine = create();
    this.#front = relayed ? create() : this.engine;
    // Some networks lose nothing.
    const loss = seed % 3 === 0 ? 0 : 0.02;
    if (network !== undefined) {
      network.passes = (message) => random() < loss ? undefined : message;
    }
    this.engine.on("connection", (session) => {
      this.#sessions.push(session);
      session.on("message", (data) => void session.send(data as string));
      session.on("close", () => void this.#ends.push(session));
    });
  }

  #upgrade(url: string, handler: RawSocketHandler, corks: boolean): Response | undefined {
    if (this.#random() < 0.1) return undefined;
    const socket = new FakeSocket(handler, corks);
    const client = this.#clients.find(({ sid }) => url.endsWith(`&sid=${sid}`));
    if (client === undefined) this.#lastSocket = socket;
    else client.sockets.push(socket);
    // On Deno it opens later, if at all.
    if (this.#random() < 0.5) handler.open(socket);
    else this.#unopened.push(() => handler.open(socket));
    return new Response(null, { status: 200 });
  }

  #lastSocket: FakeSocket | undefined;
  readonly #unopened: (() => void)[] = [];

  async run(): Promise<void> {
    for (let step = 0; step < 300; step++) {
      await this.#act();
      if (this.#random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    for (const { polls, sockets } of this.#clients) {
      for (const poll of polls) poll.abort();
      for (const { handler } of sockets) handler.close(1006, "", false);
    }
    // A client on long polling has 30 seconds to hear that it is over. Others that only poll are
    // found out by the heartbeat.
    for (const session of this.#sessions) if (session.readyState === "closing") session.close(true);
    await until(() => this.engine.clientsCount === 0, "all sessions to end");
    await within(Promise.all(this.#answers), "all requests to be answered");
    assert.ok(this.#sessions.length > 5);
    assert.equal(new Set(this.#ends).size, this.#sessions.length);
    assert.equal(this.#ends.length, this.#sessions.length);
    for (const session of this.#sessions) assert.equal(session.readyState, "closed");
    const relays = [...this.#network?.receivers.values() ?? []] as Relay[];
    await until(() => relays.every(({ size }) => size === 0), "both servers to let go");
    await this.engine.close();
    await this.#front.close();
  }

  async #act(): Promise<void> {
    const random = this.#random;
    const action = int(random, 14);
    if (this.#clients.length === 0 || action === 0) return await this.#open();
    const client = pick(random, this.#clients.slice(-4));
    const socket = client.sockets.length > 0 ? pick(random, client.sockets) : undefined;
    switch (action) {
      case 1:
      case 2:
      case 3:
        return this.#poll(client);
      case 4:
      case 5:
        return this.#post(client);
      case 6:
        return this.#move(client);
      case 7:
        return socket?.handler.message(pick(random, FRAMES));
      case 8:
      case 9:
        return socket?.handler.message(socket.frames.includes("3probe") ? "5" : "2probe");
      case 10:
        return this.#unopened.shift()?.();
      case 11:
        return random() < 0.3 ? socket?.handler.close(1006, "", random() < 0.5) : undefined;
      case 12:
        return random() < 0.3 ? client.polls.shift()?.abort() : undefined;
      default:
        return this.#serve();
    }
  }

  #serve(): void {
    const session = this.#sessions.at(-1 - int(this.#random, 4));
    if (this.#random() < 0.1) session?.close(this.#random() < 0.5);
    else session?.send("x".repeat(int(this.#random, 300)), { volatile: this.#random() < 0.2 });
  }

  async #open(): Promise<void> {
    if (this.#random() < 0.3) {
      this.#lastSocket = undefined;
      await this.engine.fetch(new Request(URL_OF + "websocket", { headers: UPGRADE }));
      const socket = this.#lastSocket as FakeSocket | undefined;
      if (socket !== undefined) this.#clients.push({ sid: "none", polls: [], sockets: [socket] });
      return;
    }
    const response = await this.engine.fetch(new Request(URL_OF + "polling"));
    const { sid } = JSON.parse((await response.text()).slice(1));
    this.#clients.push({ sid, polls: [], sockets: [] });
  }

  #poll(client: Client): void {
    const abort = new AbortController();
    client.polls.push(abort);
    this.#answer(
      new Request(`${URL_OF}polling&sid=${client.sid}`, { signal: abort.signal }),
    );
  }

  #post({ sid }: Client): void {
    const body = pick(this.#random, BODIES);
    // In pieces, with no length announced, the last of which may never come.
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(body));
        if (this.#random() < 0.2) return;
        controller.close();
      },
    });
    const init = { method: "POST", body: stream, duplex: "half" };
    this.#answer(new Request(`${URL_OF}polling&sid=${sid}`, init as RequestInit));
  }

  #move(client: Client): void {
    this.#answer(
      new Request(`${URL_OF}websocket&sid=${client.sid}`, { headers: UPGRADE }),
    );
  }

  #answer(request: Request): void {
    this.#answers.push(
      Promise.resolve(this.#front.fetch(request)).then(async (response) => {
        assert.ok([200, 400, 413].includes(response.status), `${response.status}`);
        await response.text();
      }),
    );
  }
}

const UPGRADE = { upgrade: "websocket", connection: "upgrade" };

describe("whatever clients of the engine do in whatever order", () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`every request is answered, and nothing is left (seed ${seed})`, async () => {
      await new Chaos(seed, false).run();
    });

    it(`the same by way of another server (seed ${seed})`, async () => {
      await new Chaos(seed, true).run();
    });
  }
});
