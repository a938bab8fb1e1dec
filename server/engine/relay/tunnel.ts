import type { Frame } from "../../../parser/engine/mod.ts";
import type { RawSocket, RawSocketHandler, SendResult } from "../runtime.ts";

/** The way back to the server that has the WebSocket. */
export interface TunnelEnd {
  /** Sends a frame. */
  send(number: number, data: Frame, compress: boolean): void;
  /** Closes the WebSocket: `now`, or once it has sent what it has. */
  close(code: number | undefined, reason: string | undefined, now: boolean): void;
  /** The WebSocket is open. */
  opened(): void;
  /** The tunnel is no more. */
  ended(): void;
}

/** A WebSocket that another server has. */
export class Tunnel implements RawSocket {
  handler: RawSocketHandler;
  bufferedAmount = 0;
  readonly #end: TunnelEnd;
  #state: "new" | "open" | "over" = "new";
  #sent = 0;
  #received = 0;

  constructor(handler: RawSocketHandler, end: TunnelEnd) {
    this.handler = handler;
    this.#end = end;
  }

  send(frame: Frame, compress: boolean): SendResult {
    if (this.#state !== "open") return "dropped";
    this.#end.send(this.#sent++, frame, compress);
    return this.bufferedAmount > 0 ? "queued" : "sent";
  }

  close(code?: number, reason?: string): void {
    this.#close(code, reason, false);
  }

  terminate(): void {
    this.#close(undefined, undefined, true);
  }

  /** The WebSocket is open. */
  opened(): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    this.#end.opened();
    this.handler.open(this);
  }

  /** The WebSocket has received a frame. */
  received(number: number, data: Frame): void {
    if (this.#state !== "open") return;
    if (number === this.#received) {
      this.#received++;
      return this.handler.message(data);
    }
    // Something was lost between the servers. The client comes back, and nothing is out of order.
    this.fail("frames were lost between servers");
  }

  /** So many bytes wait for the client. */
  buffered(bytes: number): void {
    this.bufferedAmount = bytes;
  }

  /** The WebSocket is closed. */
  closed(code: number, reason: string, failed: boolean): void {
    if (this.#state === "over") return;
    this.#over();
    this.handler.close(code, reason, failed);
  }

  /** Ends the connection, and says so. */
  fail(why: string): void {
    if (this.#state === "over") return;
    this.#close(undefined, undefined, true);
    this.handler.close(1006, why, true);
  }

  #close(code: number | undefined, reason: string | undefined, now: boolean): void {
    if (this.#state === "over") return;
    this.#over();
    this.#end.close(code, reason, now);
  }

  #over(): void {
    this.#state = "over";
    this.#end.ended();
  }
}
