/** Long polling: one connection for the GETs of a client and one for its POSTs. */
import type { Buffer } from "node:buffer";
import { many } from "./client.ts";
import { HttpConnection, request } from "./http.ts";
import { type Load, type LoadOptions, type Meter, until } from "./run.ts";

const PATH = "/socket.io/?EIO=4&transport=polling";
const PING = "2";

/** Starts all clients; an operation is one POST and the GET that brings its echo. */
export async function polling(options: LoadOptions, meter: Meter): Promise<Load> {
  const state = { stopping: false };
  const pollers = await many(options.clients, 32, async () => {
    const poller = new Poller(state, meter);
    await poller.open(options.port);
    return poller;
  });
  for (const poller of pollers) poller.start();
  return {
    stop() {
      state.stopping = true;
      return until(() => pollers.every(({ silent }) => silent), "the last poll", meter);
    },
  };
}

class Poller {
  silent = false;
  readonly #state: { readonly stopping: boolean };
  readonly #meter: Meter;
  readonly #gets: HttpConnection;
  readonly #posts: HttpConnection;
  #poll: Buffer = request("GET", PATH);
  #path = PATH;
  #count = 0;
  #began = 0;
  #waiting = 0;

  constructor(state: { readonly stopping: boolean }, meter: Meter) {
    this.#state = state;
    this.#meter = meter;
    this.#gets = new HttpConnection(meter.fail);
    this.#posts = new HttpConnection(meter.fail);
  }

  async open(port: number): Promise<void> {
    await this.#gets.open(port);
    await this.#posts.open(port);
    const opened = await this.#gets.ask(request("GET", PATH));
    this.#path = `${PATH}&sid=${JSON.parse(opened.slice(1)).sid}`;
    this.#poll = request("GET", this.#path);
    await this.#posts.ask(request("POST", this.#path, "40"));
    const connected = await this.#gets.ask(this.#poll);
    if (!connected.startsWith("40{")) this.#meter.fail(`got ${connected}`);
  }

  start(): void {
    this.#gets.onBody = (body) => this.#got(body);
    this.#posts.onBody = (body) => this.#posted(body);
    this.#next();
  }

  #next(): void {
    this.#began = performance.now();
    this.#waiting = 2;
    this.#gets.send(this.#poll);
    this.#posts.send(request("POST", this.#path, this.#packet()));
  }

  #packet(): string {
    return `42["echo","${String(this.#count).padStart(32, "0")}"]`;
  }

  #got(body: string): void {
    if (body === PING) {
      this.#gets.send(this.#poll);
      return;
    }
    if (body !== this.#packet()) this.#meter.fail(`expected ${this.#packet()}, got ${body}`);
    this.#half();
  }

  #posted(body: string): void {
    if (body !== "ok") this.#meter.fail(`a POST was answered by ${body}`);
    this.#half();
  }

  #half(): void {
    if (--this.#waiting > 0) return;
    this.#count++;
    this.#meter.done(this.#began);
    if (this.#state.stopping) this.silent = true;
    else this.#next();
  }
}
