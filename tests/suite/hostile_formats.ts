import { jsonParser, type Packet, PacketType, type Parser } from "../../parser/mod.ts";
import { cborParser } from "../../parser/cbor/mod.ts";
import { msgpackParser } from "../../parser/msgpack/mod.ts";
import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { once } from "../harness/once.ts";
import { RawWebSocket } from "../harness/raw.ts";
import type { start as Start, Started } from "../harness/started.ts";

const PARSERS: Readonly<Record<string, Parser>> = {
  json: jsonParser,
  msgpack: msgpackParser,
  cbor: cborParser,
};

/** A client of one format. */
class FormatPeer {
  readonly #socket: RawWebSocket;
  readonly #parser: Parser;

  constructor(socket: RawWebSocket, parser: Parser) {
    this.#socket = socket;
    this.#parser = parser;
  }

  static async open(url: string, parser: Parser): Promise<FormatPeer> {
    const socket = await RawWebSocket.open(url);
    await socket.next();
    return new FormatPeer(socket, parser);
  }

  send(packet: Packet): void {
    for (const frame of this.#parser.encode(packet).frames) {
      this.#socket.send(frame as string | Uint8Array<ArrayBuffer>);
    }
  }

  async packet(): Promise<Packet> {
    const decoder = this.#parser.decoder();
    for (;;) {
      const frame = await this.#socket.next();
      const packet = decoder.decode(typeof frame === "string" ? frame.slice(1) : frame);
      if (packet !== undefined) return packet;
    }
  }

  async lose(): Promise<void> {
    await this.#socket[Symbol.asyncDispose]();
  }
}

/** What clients of each format can try beyond what `hostile` shows. */
export function hostileFormats(start: typeof Start): void {
  const options = { parsers: Object.values(PARSERS) };

  for (const [name, parser] of Object.entries(PARSERS)) {
    it(`${name}: a namespace of 900,000 characters is refused by its name`, async () => {
      await using server = await start(options);
      const peer = await FormatPeer.open(server.url, parser);
      const nsp = "/" + "a".repeat(900_000);
      peer.send({ type: PacketType.Connect, nsp });
      const answer = await peer.packet();
      assert.deepEqual([answer.type, answer.nsp === nsp], [PacketType.ConnectError, true]);
    });
  }

  const CREDENTIALS: Record<string, [Record<string, unknown>, Record<string, unknown>]> = {
    "big integers": [{ token: 1n }, { token: 2n }],
    maps: [{ token: new Map([["a", 1]]) }, { token: new Map([["a", 2]]) }],
    sets: [{ token: new Set(["a"]) }, { token: new Set(["b"]) }],
  };
  for (const [what, [auth, other]] of Object.entries(CREDENTIALS)) {
    it(`cbor: the middlewares see who comes back with other ${what} as credentials`, async () => {
      await using server = await start({ ...options, connectionStateRecovery: true });
      const seen: unknown[] = [];
      server.io.use((socket, next) => {
        seen.push(socket.handshake.auth["token"]);
        next();
      });
      const peer = await FormatPeer.open(server.url, cborParser);
      const connection = once<[Socket]>(server.io, "connection");
      peer.send({ type: PacketType.Connect, nsp: "/", data: auth });
      const { data } = await peer.packet() as { data: { sid: string; pid: string } };
      const left = once((await connection)[0], "disconnect");
      await peer.lose();
      await left;
      const back = await FormatPeer.open(server.url, cborParser);
      back.send({ type: PacketType.Connect, nsp: "/", data: { ...other, pid: data.pid } });
      const answer = await back.packet() as { data: { sid: string } };
      assert.equal(answer.data.sid, data.sid);
      assert.deepEqual(seen, [auth["token"], other["token"]]);
      await back.lose();
    });
  }

  it("an answer of as many arguments as there may be settles its question", async () => {
    await using server = await start();
    const { client, answer, id } = await asked(server);
    client.send(`43${id}[${"7,".repeat(31_999)}7]`);
    assert.equal(await answer, 7);
    await client[Symbol.asyncDispose]();
  });

  it("an answer or an event of more arguments than a call can take is a parse error", async () => {
    await using server = await start();
    for (const head of ["43", "42"]) {
      const { client, answer, id, left } = await asked(server);
      client.send(`${head}${id}["e",${"7,".repeat(200_000)}7]`);
      await assert.rejects(answer, /disconnected/);
      assert.equal((await left)[0], "parse error");
      await client.closed;
    }
  });
}

/** A client that the server waits for an answer of. */
async function asked(server: Started) {
  const connection = once<[Socket]>(server.io, "connection");
  const client = await RawWebSocket.connect(server.url);
  const [socket] = await connection;
  const left = once<[string]>(socket, "disconnect");
  const answer: Promise<unknown> = socket.emitWithAck("ask");
  const id = /^42(\d+)/.exec(String(await client.next()))?.[1];
  return { client, answer, id, left };
}
