import type { Outgoing } from "./data.ts";
import {
  TOO_BIG,
  type Transport,
  TransportError,
  type TransportHandler,
  type TransportOptions,
  transportUrl,
} from "./transport.ts";

const MESSAGE_TOO_BIG = 1009;

/** A WebSocket. */
export class WebSocketTransport implements Transport {
  /** Whom it works for. */
  declare handler: TransportHandler | undefined;
  /** Whether it can send right now. */
  writable = false;
  readonly #options: TransportOptions;
  #socket: WebSocket | undefined;

  /** Takes the options; {@linkcode WebSocketTransport.open} connects. */
  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** `websocket` */
  get name(): string {
    return "websocket";
  }

  /** Connects. */
  open(): void {
    const failed = (description: unknown) =>
      this.handler?.failed(new TransportError("websocket error", description));
    try {
      const socket = this.#socket = connect(this.#options, this.name);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => {
        this.writable = true;
        this.handler?.opened?.();
      };
      socket.onmessage = ({ data }) =>
        this.handler?.frame(typeof data === "string" ? data : new Uint8Array(data));
      socket.onerror = failed;
      socket.onclose = (context) =>
        this.handler?.closed({
          description: context.code === MESSAGE_TOO_BIG ? TOO_BIG : "websocket connection closed",
          context,
        });
    } catch (error) {
      queueMicrotask(() => failed(error));
    }
  }

  /** Sends what it can take from the queue. */
  flush(queue: Outgoing[]): void {
    for (let first; (first = queue[0]) && !first.ready; queue.shift()) {
      for (const frame of first.frames) {
        this.#socket?.send(frame as string | Uint8Array<ArrayBuffer>);
      }
    }
    this.writable = false;
    queueMicrotask(() => {
      this.writable = true;
      this.handler?.drained?.();
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#socket?.close();
  }
}

function connect(options: TransportOptions, name: string): WebSocket {
  const url = transportUrl(options, "ws", name);
  const { extraHeaders: headers, platform, protocols = [] } = options;
  if (headers || platform) {
    try {
      const list = [protocols].flat();
      // Deno and Bun take headers in the second argument, React Native in the third one, where it
      // warns of all else.
      return new (WebSocket as unknown as HeaderWebSocket)(
        url,
        (globalThis as MaybeNative).navigator?.product === "ReactNative"
          ? list
          : { ...platform, headers, protocols: list },
        { headers },
      );
    } catch {
      // A browser takes the object for the name of a subprotocol, and has no headers.
    }
  }
  return new WebSocket(url, protocols);
}

type HeaderWebSocket = new (url: string, init: unknown, native: unknown) => WebSocket;
type MaybeNative = { navigator?: { product?: string } };
