import type { Frame } from "../../../../parser/engine/mod.ts";
import type { RawSocket, RawSocketHandler, SendResult } from "../../../../server/engine/runtime.ts";

/** A WebSocket that goes nowhere. What is sent in one cork stands in one list of `writes`. */
export class FakeSocket implements RawSocket {
  handler: RawSocketHandler;
  bufferedAmount = 0;
  result: SendResult = "sent";
  readonly writes: Frame[][] = [];
  readonly compressed: boolean[] = [];
  readonly topics: Set<string> = new Set();
  readonly cork?: (send: () => void) => void;
  closed: number | "terminated" | undefined;
  #corked: Frame[] | undefined;

  /** Corks like Bun, or writes at once like Deno. */
  constructor(handler: RawSocketHandler, corks: boolean) {
    this.handler = handler;
    if (!corks) return;
    this.cork = (send) => {
      this.#corked = [];
      send();
      this.writes.push(this.#corked);
      this.#corked = undefined;
    };
  }

  get frames(): Frame[] {
    return this.writes.flat();
  }

  send(frame: Frame, compress: boolean): SendResult {
    if (this.closed !== undefined) return "dropped";
    this.compressed.push(compress);
    if (this.#corked === undefined) this.writes.push([frame]);
    else this.#corked.push(frame);
    return this.result;
  }

  close(code = 1000): void {
    this.closed ??= code;
  }

  terminate(): void {
    this.closed ??= "terminated";
  }

  subscribe(topic: string): void {
    this.topics.add(topic);
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic);
  }
}
