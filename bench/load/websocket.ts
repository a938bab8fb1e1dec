/** The client's side of a WebSocket, made by hand: text frames only, and nothing checked twice. */
import { Buffer } from "node:buffer";
import { Tcp, type TcpHandler } from "./tcp.ts";

/** Told the payload of each text frame: the bytes from `start` to `end`, valid within the call. */
export type OnText = (bytes: Buffer, start: number, end: number) => void;

const TEXT = 0x81;
const CLOSE = 0x88;
const MASKED = 0x80;
const HEAD_END = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);

/**
 * A text frame ready to be sent, as often as one likes. The masking key is zero: the server has the
 * same work with it, and the frame need not be made anew.
 */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126
    ? Buffer.from([TEXT, MASKED | length, 0, 0, 0, 0])
    : Buffer.from([TEXT, MASKED | 126, length >> 8, length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** One WebSocket connection. */
export class WebSocketConnection implements TcpHandler {
  /** Told each text frame. */
  onText: OnText = () => {};
  /** Told that the server has ended the connection. */
  onClose: (reason: string) => void = () => {};
  #tcp: Tcp | undefined;
  #rest: Buffer = NOTHING;
  // What is sent while frames are being handled leaves at once: a client with several events under
  // way sends them in a burst.
  #corked: Buffer[] | undefined;
  #opened: { resolve(): void; reject(error: Error): void } | undefined;

  /** Connects, and settles when the server has agreed. */
  async open(port: number, path: string): Promise<void> {
    this.#tcp = await Tcp.connect(port, this);
    const opened = new Promise<void>((resolve, reject) => this.#opened = { resolve, reject });
    this.#tcp.write(Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
        `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    ));
    await opened;
  }

  /** Sends a frame that {@linkcode textFrame} made. */
  send(frame: Buffer): void {
    if (this.#corked === undefined) this.#tcp?.write(frame);
    else this.#corked.push(frame);
  }

  /** Closes the connection. */
  end(): void {
    this.#tcp?.end();
  }

  /** Part of {@linkcode TcpHandler}. */
  data(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const corked: Buffer[] = this.#corked = [];
    const end = this.#opened === undefined ? this.#frames(all, 0) : this.#answer(all);
    this.#corked = undefined;
    const [first] = corked;
    if (first !== undefined) this.#tcp?.write(corked.length === 1 ? first : Buffer.concat(corked));
    this.#rest = end === all.length ? NOTHING : Buffer.from(all.subarray(end));
  }

  /** Part of {@linkcode TcpHandler}. */
  closed(): void {
    this.#opened?.reject(new Error("closed during the handshake"));
    this.onClose("the connection was closed");
  }

  #answer(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) return 0;
    const opened = this.#opened;
    this.#opened = undefined;
    const head = bytes.toString("latin1", 0, end);
    if (head.startsWith("HTTP/1.1 101")) opened?.resolve();
    else opened?.reject(new Error(`no upgrade: ${head.slice(0, 60)}`));
    return this.#frames(bytes, end + HEAD_END.length);
  }

  /** Hands on all frames that are complete and returns where they end. */
  #frames(bytes: Buffer, start: number): number {
    let at = start;
    while (at + 2 <= bytes.length) {
      const short = bytes[at + 1] ?? 0;
      let payload = at + 2;
      let length = short;
      if (short === 126) {
        if (at + 4 > bytes.length) break;
        length = bytes.readUInt16BE(at + 2);
        payload = at + 4;
      } else if (short > 126) throw new Error("a masked or very long frame");
      const end = payload + length;
      if (end > bytes.length) break;
      if (bytes[at] === TEXT) this.onText(bytes, payload, end);
      else if (bytes[at] === CLOSE) this.onClose("a close frame");
      else throw new Error(`an unexpected frame, first byte ${bytes[at]}`);
      at = end;
    }
    return at;
  }
}
