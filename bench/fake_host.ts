/** A runtime without a network: what the server itself costs, and nothing else. */
import type {
  Host,
  RawSocket,
  RawSocketHandler,
  Runtime,
  SendResult,
} from "../server/engine/runtime.ts";
import { BaseServer } from "../server/server.ts";
import type { ServerOptions } from "../server/options.ts";

const URL_OF_PEERS = "http://127.0.0.1/socket.io/?EIO=4&transport=websocket";
const UPGRADE = { headers: { upgrade: "websocket", connection: "upgrade" } };

/** The far end of a WebSocket; it answers pings. */
export class Peer implements RawSocket {
  handler: RawSocketHandler;
  readonly bufferedAmount = 0;
  /** How many frames it got, pings aside. */
  received = 0;
  /** The last frame that it got. */
  last: string | Uint8Array = "";

  /** Takes who is told what it says. */
  constructor(handler: RawSocketHandler) {
    this.handler = handler;
  }

  send(frame: string | Uint8Array): SendResult {
    if (frame === "2") queueMicrotask(() => this.say("3"));
    else {
      this.received++;
      this.last = frame;
    }
    return "sent";
  }

  /** Sends a frame to the server. */
  say(frame: string): void {
    this.handler.message(frame);
  }

  /** Is gone without a word. */
  vanish(): void {
    this.handler.close(1006, "", false);
  }

  close(): void {}

  terminate(): void {}
}

/** A server and its peers. */
export class FakeWorld {
  /** The server. */
  readonly io: BaseServer;
  #peer: Peer | undefined;

  /** Takes the options of the server. */
  constructor(options: ServerOptions = {}) {
    const runtime: Runtime = {
      abortDelay: 0,
      upgrade: (_request, handler) => {
        this.#peer = new Peer(handler);
        handler.open(this.#peer);
        return new Response(null);
      },
    };
    const host: Host = {
      name: "nothing",
      compresses: false,
      debugScopes: () => undefined,
      runtime: () => runtime,
      handlers: () => ({ message() {} }),
      listen: () => Promise.reject(new Error("there is no network")),
    };
    this.io = new BaseServer(options, host);
  }

  /** Connects a peer to the main namespace. */
  connect(): Peer {
    this.io.engine.fetch(new Request(URL_OF_PEERS, UPGRADE));
    const peer = this.#peer;
    if (peer === undefined) throw new Error("the server refused a peer");
    peer.say("40");
    return peer;
  }
}
