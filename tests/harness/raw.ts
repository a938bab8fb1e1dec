import { within } from "./once.ts";

/** The JSON of an open packet. */
export interface Handshake {
  readonly sid: string;
  readonly upgrades: string[];
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly maxPayload: number;
}

/** The address of the engine with a query, `EIO=4` unless it says otherwise. */
export function engineUrl(
  url: string,
  query: Record<string, string>,
  path = "/socket.io/",
): string {
  return `${url}${path}?${new URLSearchParams({ EIO: "4", ...query })}`;
}

/** Engine.IO over HTTP long-polling, spoken by hand: bodies go and come as they are. */
export class RawPolling {
  readonly handshake: Handshake;
  readonly url: string;

  constructor(url: string, handshake: Handshake) {
    this.url = url;
    this.handshake = handshake;
  }

  /** Opens a session. */
  static async open(url: string, init?: RequestInit): Promise<RawPolling> {
    const response = await fetch(engineUrl(url, { transport: "polling" }), init);
    const body = await response.text();
    if (!response.ok || !body.startsWith("0")) throw new Error(`${response.status} ${body}`);
    const handshake = JSON.parse(body.slice(1)) as Handshake;
    const query = { transport: "polling", sid: handshake.sid };
    return new RawPolling(engineUrl(url, query), handshake);
  }

  /** Opens a session and enters the main namespace. Resolves to the answer of the server. */
  static async connect(url: string): Promise<RawPolling> {
    const polling = await RawPolling.open(url);
    await polling.post("40");
    await polling.get();
    return polling;
  }

  /** One poll: the body of the answer. */
  async get(init?: RequestInit): Promise<string> {
    return (await within(fetch(this.url, init), "the answer to a poll")).text();
  }

  /** The packets of one poll. */
  async packets(): Promise<string[]> {
    return (await this.get()).split("\x1e");
  }

  /** Sends a body: the status and the body of the answer. */
  async post(body: BodyInit, init?: RequestInit): Promise<{ status: number; body: string }> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "text/plain;charset=UTF-8" },
      body,
      ...init,
    });
    return { status: response.status, body: await response.text() };
  }
}

/** How a WebSocket ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket whose frames are read one by one: text as a string, binary as bytes. */
export class RawWebSocket implements AsyncDisposable {
  /** Resolves when the socket has ended. */
  readonly closed: Promise<Closed>;
  readonly socket: WebSocket;
  readonly #frames: (string | Uint8Array)[] = [];
  readonly #readers: ((frame: string | Uint8Array) => void)[] = [];
  readonly #opened: Promise<void>;

  constructor(url: string) {
    this.socket = new WebSocket(url.replace(/^http/, "ws"));
    this.socket.binaryType = "arraybuffer";
    this.#opened = new Promise((resolve, reject) => {
      this.socket.onopen = () => resolve();
      this.socket.onerror = () => reject(new Error(`No WebSocket at ${url}`));
    });
    this.#opened.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
    this.socket.onmessage = ({ data }) => {
      const frame = typeof data === "string" ? data : new Uint8Array(data);
      const reader = this.#readers.shift();
      if (reader === undefined) this.#frames.push(frame);
      else reader(frame);
    };
  }

  /** Opens a WebSocket without a session, or one that is to take over a session. */
  static async open(
    url: string,
    query: Record<string, string> = {},
    path?: string,
  ): Promise<RawWebSocket> {
    const socket = new RawWebSocket(engineUrl(url, { transport: "websocket", ...query }, path));
    await within(socket.#opened, "a WebSocket to open");
    return socket;
  }

  /** Opens a session over WebSocket and enters the main namespace. */
  static async connect(url: string): Promise<RawWebSocket> {
    const socket = await RawWebSocket.open(url);
    await socket.next();
    socket.send("40");
    await socket.next();
    return socket;
  }

  /** The next frame that is no ping; a ping is answered. */
  async next(): Promise<string | Uint8Array> {
    for (;;) {
      const frame = await this.nextFrame();
      if (frame !== "2") return frame;
      this.send("3");
    }
  }

  /** The next frame, whatever it is. */
  nextFrame(): Promise<string | Uint8Array> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return within(new Promise((resolve) => this.#readers.push(resolve)), "a WebSocket frame");
  }

  /** Sends one frame. */
  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.socket.send(frame);
  }

  /** Ends the socket and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
