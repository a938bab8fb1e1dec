import { connect as connectTcp, type Socket as TcpSocket } from "node:net";
import { assert, it } from "../harness/mod.ts";
import { once, until, within } from "../harness/once.ts";
import { engineUrl, RawWebSocket } from "../harness/raw.ts";
import type { start as Start, Started } from "../harness/started.ts";

const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9 } as const;
const MORE = 0x00;
const LAST = 0x80;
const MASKED = 0x80;

/** A WebSocket frame by its first byte, masked by zeros. */
function frame(first: number, payload: string | number[], announced?: number): Uint8Array {
  const data = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const length = announced ?? data.length;
  const head = length < 126
    ? [MASKED | length]
    : length < 65_536
    ? [MASKED | 126, length >> 8, length & 0xff]
    : [
      MASKED | 127,
      0,
      0,
      0,
      0,
      length >>> 24,
      length >> 16 & 0xff,
      length >> 8 & 0xff,
      length & 0xff,
    ];
  return Uint8Array.from([first, ...head, 0, 0, 0, 0, ...data]);
}

const BAD: Readonly<Record<string, Uint8Array>> = {
  "the first reserved bit": frame(LAST | 0x40 | Opcode.Text, "40"),
  "all reserved bits": frame(LAST | 0x70 | Opcode.Text, "40"),
  "an unknown opcode": frame(LAST | 3, "40"),
  "an unknown control opcode": frame(LAST | 11, ""),
  "text that is not UTF-8": frame(LAST | Opcode.Text, [0x34, 0xff, 0xfe]),
  "a ping of 126 bytes": frame(LAST | Opcode.Ping, "x".repeat(126)),
  "a ping in parts": frame(MORE | Opcode.Ping, "x"),
  "a continuation of nothing": frame(LAST | Opcode.Continuation, "x"),
  "text in the middle of text": Uint8Array.from([
    ...frame(MORE | Opcode.Text, "4"),
    ...frame(LAST | Opcode.Text, "0"),
  ]),
  "an announced gigabyte": frame(LAST | Opcode.Text, "40", 2 ** 30),
  "an impossible length": Uint8Array.from([
    LAST | Opcode.Text,
    0xff,
    ...Array(8).fill(0xff),
    0,
    0,
    0,
    0,
  ]),
  "half a close code": frame(LAST | Opcode.Close, "x"),
  "a close code that nobody may send": frame(LAST | Opcode.Close, [3, 231]),
  "empty text": frame(LAST | Opcode.Text, ""),
  "empty binary data": frame(LAST | Opcode.Binary, []),
  "an unknown packet": frame(LAST | Opcode.Text, "9"),
  "a ping of the wrong side": frame(LAST | Opcode.Text, "2"),
};

const LONG = " ,".repeat(3500);
const HEADERS = [
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Extensions",
  "Cookie",
  "Accept-Encoding",
  "Upgrade",
  "Connection",
];

function upgradeRequest(url: string, header = ""): string {
  const path = engineUrl(url, { transport: "websocket" }).slice(url.length);
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
    `${header}\r\n`;
}

async function connect({ url }: Started): Promise<TcpSocket> {
  const socket = connectTcp(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {}); // a reset is as good an end as any
  await once(socket, "connect");
  return socket;
}

/** Bytes that no WebSocket client sends. */
export function hostileFrames(start: typeof Start): void {
  async function nobodyElseNotices(server: Started, witness: RawWebSocket): Promise<void> {
    await until(() => server.io.engine.clientsCount === 1, "the offender to be gone");
    witness.send('421["ask"]');
    assert.equal(await witness.next(), '431["served"]');
  }

  async function withWitness(run: (server: Started, witness: RawWebSocket) => Promise<void>) {
    await using server = await start();
    server.io.on("connection", (socket) => void socket.on("ask", (done) => done("served")));
    const witness = await RawWebSocket.connect(server.url);
    await run(server, witness);
    await nobodyElseNotices(server, witness);
  }

  const LOSSES: Record<string, (socket: TcpSocket) => void> = {
    "the end of the stream": (socket) => socket.end(),
    "a reset": (socket) => socket.resetAndDestroy(),
    "the end within a frame": (socket) => socket.end(frame(LAST | Opcode.Text, "4", 100)),
  };
  for (const [what, lose] of Object.entries(LOSSES)) {
    it(`a client that is lost by ${what} has closed its transport`, async () => {
      await using server = await start();
      const ended = new Promise<unknown>((resolve) => {
        server.io.engine.once("connection", (session) => void session.once("close", resolve));
      });
      const socket = await connect(server);
      socket.write(upgradeRequest(server.url));
      await once(socket, "data");
      lose(socket);
      assert.equal(await within(ended, "the end of the session"), "transport close");
      socket.destroy();
    });
  }

  it("each of these right behind the request ends its sender, and nobody else", async () => {
    await withWitness(async (server, witness) => {
      for (const [what, bytes] of Object.entries(BAD)) {
        let ended = 0;
        server.io.engine.once("connection", (session) => void session.once("close", () => ended++));
        const socket = await connect(server);
        socket.resume();
        socket.write(Uint8Array.from([
          ...new TextEncoder().encode(upgradeRequest(server.url)),
          ...bytes,
        ]));
        await until(() => ended === 1, `the end of who sent ${what}`);
        socket.destroy();
        await nobodyElseNotices(server, witness);
      }
    });
  });

  it("100,000 empty continuations are nothing", async () => {
    await withWitness(async (server) => {
      const opened = once(server.io.engine, "connection");
      const socket = await connect(server);
      socket.write(upgradeRequest(server.url));
      await opened;
      socket.resume();
      socket.write(frame(MORE | Opcode.Text, "4"));
      const empty = frame(MORE | Opcode.Continuation, "");
      const many = new Uint8Array(10_000 * empty.length);
      for (let at = 0; at < many.length; at += empty.length) many.set(empty, at);
      for (let i = 0; i < 10; i++) socket.write(many);
      const joined = once(server.io, "connection");
      socket.write(frame(LAST | Opcode.Continuation, "0"));
      await joined;
      socket.destroy();
    });
  });

  it("headers of 7,000 blanks and commas are answered at once", async () => {
    await withWitness(async (server) => {
      for (const header of HEADERS) {
        const socket = await connect(server);
        const answer = once<[Uint8Array]>(socket, "data");
        socket.write(upgradeRequest(server.url, `${header}: ${LONG}\r\n`));
        assert.match(new TextDecoder().decode((await answer)[0]), /^HTTP\/1.1 (101|400)/, header);
        socket.destroy();
      }
    });
  });
}
