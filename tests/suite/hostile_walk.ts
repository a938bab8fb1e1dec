import { jsonParser, type Packet, PacketType, type Parser } from "../../parser/mod.ts";
import { cborParser } from "../../parser/cbor/mod.ts";
import { decodePayload, encodePayload, PacketType as EngineType } from "../../parser/engine/mod.ts";
import { msgpackParser } from "../../parser/msgpack/mod.ts";
import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";
import { RawPolling, RawWebSocket } from "../harness/raw.ts";
import type { start as Start, Started } from "../harness/started.ts";

const PARSERS = [jsonParser, msgpackParser, cborParser];
const ROOMS = ["a", "b", "c d", ""];
const JOIN: Packet = { type: PacketType.Connect, nsp: "/" };

/** Numbers that are the same in each run. */
function numbers(seed: number): () => number {
  return () => (seed = Math.imul(seed, 1_103_515_245) + 12_345 & 0x7fffffff) / 0x80000000;
}

/** A client that notes what it hears, by long polling, by WebSocket, or by the one and then the other. */
class Walker {
  readonly rooms: Set<string> = new Set();
  /** What it is to hear, and what it has heard. */
  readonly expected: number[] = [];
  readonly heard: number[] = [];
  /** The same for its catch-all listener on the server, while it has one. */
  readonly expectedOutgoing: number[] = [];
  readonly outgoing: number[] = [];
  marked = false;
  socket!: Socket;
  readonly #decoder: ReturnType<Parser["decoder"]>;
  readonly #parser: Parser;
  #polling: RawPolling | undefined;
  #polls: Promise<void> | undefined;
  #websocket: RawWebSocket | undefined;
  #moving = false;

  constructor(parser: Parser) {
    this.#parser = parser;
    this.#decoder = parser.decoder();
  }

  /** Whether it can still be moved to a WebSocket. */
  get polls(): boolean {
    return this.#polling !== undefined && !this.#moving;
  }

  expect(number: number): void {
    this.expected.push(number);
    if (this.socket.listenersAnyOutgoing().length > 0) this.expectedOutgoing.push(number);
  }

  /** Hears what is sent to it, or no longer. */
  watch(): void {
    if (this.socket.listenersAnyOutgoing().length > 0) return void this.socket.offAnyOutgoing();
    this.socket.onAnyOutgoing((event, number, bytes) => {
      if (event === "say") this.outgoing.push(bytes?.size ?? bytes?.length ?? number);
    });
  }

  async join(url: string, byPolling: boolean): Promise<void> {
    if (byPolling) {
      this.#polling = await RawPolling.open(url);
      await this.#polling.post(encodePayload(this.#parser.encode(JOIN).frames));
      this.#polls = this.#poll(this.#polling);
    } else {
      this.#websocket = await RawWebSocket.open(url);
      await this.#websocket.next();
      this.#listen(this.#websocket);
      this.send(JOIN);
    }
  }

  /** Sends by WebSocket; `false` if it has none. */
  send(packet: Packet): boolean {
    for (const frame of this.#parser.encode(packet).frames) {
      this.#websocket?.send(frame as string | Uint8Array<ArrayBuffer>);
    }
    return this.#websocket !== undefined;
  }

  async upgrade(url: string): Promise<void> {
    this.#moving = true;
    const sid = this.#polling!.handshake.sid;
    const websocket = await RawWebSocket.open(url, { sid });
    websocket.send("2probe");
    assert.equal(await websocket.next(), "3probe");
    await this.#polls;
    this.#listen(websocket);
    websocket.send("5");
    this.#websocket = websocket;
  }

  async leave(): Promise<void> {
    const left = once(this.socket, "disconnect");
    this.#moving = true;
    if (this.#websocket !== undefined) this.#websocket.socket.close();
    else await this.#polling!.post("1");
    await left;
    await this.#polls;
    await this.#websocket?.closed;
  }

  async #poll(polling: RawPolling): Promise<void> {
    while (!this.#moving) {
      decodePayload(await polling.get(), (type, data) => {
        if (type === EngineType.Message) this.#hear(data);
      });
    }
  }

  #listen({ socket }: RawWebSocket): void {
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") this.#hear(new Uint8Array(data));
      else if (data.startsWith("4")) this.#hear(data.slice(1));
    };
  }

  #hear(frame: string | Uint8Array): void {
    const packet = this.#decoder.decode(frame);
    if (packet?.type !== PacketType.Event) return;
    const [event, number, bytes] = packet.data;
    if (event === "mark") this.marked = true;
    else this.heard.push(bytes === undefined ? number as number : (bytes as Uint8Array).length);
  }
}

/** A walk: what each client hears is to be what a model says, once and in order. */
export function hostileWalk(start: typeof Start): void {
  for (const seed of [1, 2, 3]) {
    it(`everybody hears what is meant for them, once and in order: walk ${seed}`, async () => {
      await using server = await start({ parsers: PARSERS });
      await new Walk(server, numbers(seed)).run();
    });
  }
}

class Walk {
  readonly #server: Started;
  readonly #random: () => number;
  readonly #everybody: Walker[] = [];
  #last = 0;
  // What clients have asked for that the server has not come to yet.
  #asked = 0;

  constructor(server: Started, random: () => number) {
    this.#server = server;
    this.#random = random;
  }

  async run(): Promise<void> {
    for (let i = 0; i < 16; i++) await this.#join();
    for (let round = 0; round < 4; round++) {
      const upgrades: Promise<void>[] = [];
      for (let turn = 0; turn < 60; turn++) {
        await this.#turn(upgrades);
      }
      await Promise.all(upgrades);
      await this.#compare();
      await this.#everybody.splice(this.#index(), 1)[0]!.leave();
      await this.#join();
    }
    for (const walker of this.#everybody) await walker.leave();
    const { adapter } = this.#server.io.sockets;
    assert.deepEqual([adapter.rooms.size, adapter.sids.size], [0, 0]);
  }

  async #turn(upgrades: Promise<void>[]): Promise<void> {
    const one = this.#one();
    // In the middle of a message of a client, frames leave in another way than outside of it.
    if (this.#random() < 0.4) {
      if (one.send({ type: PacketType.Event, nsp: "/", data: ["go"] })) this.#asked++;
    } else for (let i = this.#random() * 10; i > 0; i--) this.#act();
    if (one.polls && this.#random() < 0.2) upgrades.push(one.upgrade(this.#server.url));
    if (this.#random() < 0.7) await new Promise((resolve) => setTimeout(resolve, 0));
  }

  async #join(): Promise<void> {
    const walker = new Walker(PARSERS[Math.floor(this.#random() * PARSERS.length)]!);
    const connection = once<[Socket]>(this.#server.io, "connection");
    await walker.join(this.#server.url, this.#random() < 0.4);
    [walker.socket] = await connection;
    walker.rooms.add(walker.socket.id);
    walker.socket.on("go", () => {
      this.#asked--;
      for (let i = 0; i < 4; i++) this.#act();
    });
    this.#everybody.push(walker);
  }

  /** Does one thing, and notes who is to hear of it. */
  #act(): void {
    const { io } = this.#server;
    const one = this.#one();
    const { socket } = one;
    const room = ROOMS[Math.floor(this.#random() * ROOMS.length)]!;
    const number = ++this.#last;
    // A list of bytes as long as the number, now and then at the end of being read.
    const way = this.#random();
    const args = way < 0.7 ? [number] : [0, this.#bytes(number, way > 0.95)];
    const meant = (to: string | undefined, except?: (walker: Walker) => boolean) => {
      for (const walker of this.#everybody) {
        const isIn = to === undefined || walker.rooms.has(to);
        if (isIn && except?.(walker) !== true) walker.expect(number);
      }
    };
    switch (Math.floor(this.#random() * 10)) {
      case 0:
        socket.join(room);
        return void one.rooms.add(room);
      case 1:
        socket.leave(room);
        return void one.rooms.delete(room);
      case 2:
        return one.watch();
      case 3:
        socket.emit("say", ...args);
        return one.expect(number);
      case 4:
        io.emit("say", ...args);
        return meant(undefined);
      case 5:
        socket.broadcast.emit("say", ...args);
        return meant(undefined, (walker) => walker === one);
      case 6:
        socket.to(room).emit("say", ...args);
        return meant(room, (walker) => walker === one);
      case 7:
        io.to(room).except("b").emit("say", ...args);
        return meant(room, ({ rooms }) => rooms.has("b"));
      default:
        io.to(room).emit("say", ...args);
        return meant(room);
    }
  }

  async #compare(): Promise<void> {
    await until(() => this.#asked === 0, "what the clients have asked for");
    for (const walker of this.#everybody) walker.socket.emit("mark");
    await until(() => this.#everybody.every(({ marked }) => marked), "the end of the round");
    for (const walker of this.#everybody) {
      assert.deepEqual(walker.heard, walker.expected);
      assert.deepEqual(walker.outgoing, walker.expectedOutgoing);
      for (const list of [walker.heard, walker.expected]) list.length = 0;
      for (const list of [walker.outgoing, walker.expectedOutgoing]) list.length = 0;
      walker.marked = false;
    }
  }

  #bytes(length: number, later: boolean): Uint8Array | Blob {
    const bytes = new Uint8Array(length);
    return later ? new Blob([bytes]) : bytes;
  }

  #index(): number {
    return Math.floor(this.#random() * this.#everybody.length);
  }

  #one(): Walker {
    return this.#everybody[this.#index()]!;
  }
}
