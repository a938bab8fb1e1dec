/** Rooms of ten: each member says something, and says the next when all others were heard. */
import type { Buffer } from "node:buffer";
import { type Client, connect, many } from "./client.ts";
import { type Load, type LoadOptions, type Meter, until } from "./run.ts";
import { textFrame } from "./websocket.ts";

const MEMBERS = 10;
const TEXT = '42["said","'.length;
const DIGITS = 8;

/** Starts all clients; an operation is one message that arrived at one client. */
export async function rooms(options: LoadOptions, meter: Meter): Promise<Load> {
  const clients = await many(
    options.clients,
    32,
    (index) => connect(options.port, `room-${Math.floor(index / MEMBERS)}`, meter.fail),
  );
  const state = { stopping: false };
  const members = clients.map((client, index) => new Member(client, index, state, meter));
  for (const member of members) member.speak();
  return {
    stop() {
      state.stopping = true;
      const said = () => members.reduce((sum, { spoken }) => sum + spoken, 0) * (MEMBERS - 1);
      const heard = () => members.reduce((sum, { heard }) => sum + heard, 0);
      return until(() => said() === heard(), "what was said", meter);
    },
  };
}

class Member {
  spoken = 0;
  heard = 0;
  readonly #client: Client;
  readonly #index: number;
  readonly #state: { readonly stopping: boolean };
  readonly #meter: Meter;
  readonly #rounds = new Uint32Array(MEMBERS);
  #began = 0;

  constructor(
    client: Client,
    index: number,
    state: { readonly stopping: boolean },
    meter: Meter,
  ) {
    this.#client = client;
    this.#index = index;
    this.#state = state;
    this.#meter = meter;
    client.onPacket = (bytes, start) => this.#hear(bytes, start + TEXT);
  }

  speak(): void {
    this.#began = performance.now();
    const index = String(this.#index).padStart(DIGITS, "0");
    const round = String(this.spoken++).padStart(DIGITS, "0");
    this.#client.send(textFrame(`42["say","${index}${round}${index}${round}"]`));
  }

  #hear(bytes: Buffer, at: number): void {
    const from = read(bytes, at);
    const round = read(bytes, at + DIGITS);
    const seat = from % MEMBERS;
    if (from === this.#index || Math.floor(from / MEMBERS) !== Math.floor(this.#index / MEMBERS)) {
      this.#meter.fail(`client ${this.#index} heard ${from}, who was not speaking to it`);
    }
    if (round !== this.#rounds[seat]) {
      this.#meter.fail(`round ${round} of ${from} came out of order`);
    }
    this.#rounds[seat] = round + 1;
    this.heard++;
    this.#meter.operations++;
    if (!this.#heardAll()) return;
    if (this.#meter.measuring) this.#meter.latency.add(performance.now() - this.#began);
    if (!this.#state.stopping) this.speak();
  }

  #heardAll(): boolean {
    // Others may be a round ahead, so that counting is not enough.
    if (this.heard < this.spoken * (MEMBERS - 1)) return false;
    const own = this.#index % MEMBERS;
    return this.#rounds.every((rounds, seat) => seat === own || rounds >= this.spoken);
  }
}

function read(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; at < start + DIGITS; at++) value = value * 10 + (bytes[at] ?? 0) - 48;
  return value;
}
