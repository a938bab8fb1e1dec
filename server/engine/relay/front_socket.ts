import type { Frame } from "../../../parser/engine/mod.ts";
import { backgroundClock, Deadlines } from "../deadlines.ts";
import type { RawSocket, RawSocketHandler } from "../runtime.ts";
import { isLonger } from "../websocket.ts";

/** The way to the server that has the session. */
export interface FrontSocketEnd {
  /** The socket is open. */
  opened(): void;
  /** The client has sent a frame. */
  frame(number: number, data: Frame): void;
  /** So many bytes wait for the client. */
  buffered(bytes: number): void;
  /** The socket is closed. */
  closed(code: number, reason: string, failed: boolean): void;
}

/** What all of an engine have in common. */
export interface FrontSocketSettings {
  /** The largest frame of a client, in bytes. */
  readonly maxPayload: number;
  /** The most that may wait for one client, in bytes. */
  readonly maxBackpressure: number;
  /** The sockets whose client has not read all that was sent. */
  readonly slow: Deadlines<FrontSocket>;
}

const CHECK_INTERVAL = 50;

/** Looks again and again at sockets whose client has not read all, until it has. */
export function watchSlow(): Deadlines<FrontSocket> {
  return new Deadlines<FrontSocket>(CHECK_INTERVAL, (socket) => socket.check(), backgroundClock);
}

/** A WebSocket of a client whose session another server has. */
export class FrontSocket implements RawSocketHandler {
  readonly #end: FrontSocketEnd;
  readonly #settings: FrontSocketSettings;
  #socket: RawSocket | undefined;
  #state: "new" | "open" | "over" = "new";
  #sent = 0;
  #received = 0;
  #buffered = 0;

  constructor(end: FrontSocketEnd, settings: FrontSocketSettings) {
    this.#end = end;
    this.#settings = settings;
  }

  open(socket: RawSocket): void {
    if (this.#state === "over") return socket.close();
    this.#state = "open";
    this.#socket = socket;
    this.#end.opened();
  }

  message(data: Frame): void {
    if (this.#state !== "open") return;
    if (!isLonger(data, this.#settings.maxPayload)) return this.#end.frame(this.#received++, data);
    this.#socket?.close(1009);
    this.close(1009, "message too big", true);
  }

  close(code: number, reason: string, failed: boolean): void {
    if (this.#state === "over") return;
    this.#over();
    this.#end.closed(code, reason, failed);
  }

  /** Sends a frame of the session. */
  send(number: number, data: Frame, compress: boolean): void {
    const socket = this.#socket;
    if (this.#state !== "open" || socket === undefined) return;
    if (number !== this.#sent++) return this.fail("frames were lost between servers");
    if (socket.send(data, compress) === "queued") this.check();
  }

  /** The session has closed its WebSocket: `now`, or once it has sent what it has. */
  end(code: number | undefined, reason: string | undefined, now: boolean): void {
    const socket = this.#socket;
    this.#over();
    if (now) socket?.terminate();
    else socket?.close(code, reason);
  }

  /** Ends the connection, and says so. */
  fail(why: string): void {
    this.#socket?.terminate();
    this.close(1006, why, true);
  }

  /** Looks at what waits for the client, and tells the session of it. */
  check(): void {
    if (this.#state !== "open") return;
    const bytes = this.#socket?.bufferedAmount ?? 0;
    const { slow, maxBackpressure } = this.#settings;
    if (bytes > maxBackpressure) return this.fail("too much is waiting for the client");
    if (bytes > 0) slow.add(this);
    if (bytes !== this.#buffered) this.#end.buffered(this.#buffered = bytes);
  }

  #over(): void {
    this.#state = "over";
    this.#socket = undefined;
    this.#settings.slow.delete(this);
  }
}
