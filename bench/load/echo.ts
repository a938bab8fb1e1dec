/** Each client sends events and gets each back, as an event or as an acknowledgement. */
import { Buffer } from "node:buffer";
import { type Client, connect, many } from "./client.ts";
import { type Load, type LoadOptions, type Meter, until } from "./run.ts";
import { textFrame } from "./websocket.ts";

/** A message, ready to be sent, and what has to come back. */
interface Exchange {
  readonly frame: Buffer;
  readonly reply: Buffer;
}

// The numbers begin again after so many: more than are ever under way.
const CYCLE = 64;

/** Makes messages of a kind, all different. */
export function exchanges(kind: "echo" | "ack"): Exchange[] {
  return Array.from({ length: CYCLE }, (_, index) => {
    const value = String(index).padStart(32, "0");
    return kind === "echo"
      ? { frame: textFrame(`42["echo","${value}"]`), reply: Buffer.from(`42["echo","${value}"]`) }
      : {
        frame: textFrame(`42${index}["ack","${value}"]`),
        reply: Buffer.from(`43${index}["${value}"]`),
      };
  });
}

/** Starts all clients. */
export async function echo(
  kind: "echo" | "ack",
  options: LoadOptions,
  meter: Meter,
): Promise<Load> {
  const messages = exchanges(kind);
  const state = { stopping: false };
  const speakers = (await many(
    options.clients,
    32,
    (index) => connect(options.port, `r${index}`, meter.fail),
  )).map((client) => new Speaker(client, messages, state, meter));
  for (const speaker of speakers) for (let i = 0; i < options.inFlight; i++) speaker.speak();
  return {
    stop() {
      state.stopping = true;
      return until(() => speakers.every(({ silent }) => silent), "the last echo", meter);
    },
  };
}

class Speaker {
  readonly #client: Client;
  readonly #messages: Exchange[];
  readonly #state: { readonly stopping: boolean };
  readonly #meter: Meter;
  readonly #began = new Float64Array(CYCLE);
  #sent = 0;
  #heard = 0;

  constructor(
    client: Client,
    messages: Exchange[],
    state: { readonly stopping: boolean },
    meter: Meter,
  ) {
    this.#client = client;
    this.#messages = messages;
    this.#state = state;
    this.#meter = meter;
    client.onPacket = (bytes, start, end) => this.#hear(bytes, start, end);
  }

  speak(): void {
    const index = this.#sent++ % CYCLE;
    const message = this.#messages[index];
    if (message === undefined) return;
    this.#began[index] = performance.now();
    this.#client.send(message.frame);
  }

  get silent(): boolean {
    return this.#heard === this.#sent;
  }

  #hear(bytes: Buffer, start: number, end: number): void {
    const index = this.#heard++ % CYCLE;
    const { reply } = this.#messages[index] ?? {};
    if (reply === undefined || bytes.compare(reply, 0, reply.length, start, end) !== 0) {
      this.#meter.fail(`expected ${reply}, got ${bytes.toString("latin1", start, end)}`);
    }
    this.#meter.done(this.#began[index] ?? 0);
    if (!this.#state.stopping) this.speak();
  }
}
