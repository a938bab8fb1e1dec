import { Emitter } from "../../../../events/mod.ts";
import { createJsonParser, type Message, type SendOptions } from "../../../../parser/mod.ts";
import { type AdapterFactory, LocalAdapter } from "../../../../server/adapter/mod.ts";
import {
  Connection,
  Directory,
  type Link,
  type LinkHandler,
  type ListenerPlace,
} from "../../../../server/namespace/mod.ts";

/** A low-level connection without a transport. */
export class FakeLink extends Emitter implements Link {
  readonly id = "secret";
  readonly protocol: number;
  readonly remoteAddress = "10.0.0.1";
  readonly request = {
    url: "http://host/socket.io/?EIO=4&transport=polling&a=1",
    method: "GET",
    headers: { host: "host", origin: "https://page.example" },
  };
  readonly transport = { name: "polling" };
  readonly readyState = "open";
  writable = true;
  handler: LinkHandler | undefined;
  /** The frames that were sent and not looked at yet, without the Engine.IO prefix. */
  sent: (string | Uint8Array)[] = [];
  readonly options: (SendOptions | undefined)[] = [];
  closed: (boolean | undefined)[] = [];

  constructor(protocol = 4) {
    super();
    this.protocol = protocol;
  }

  send(message: Message, options?: SendOptions): void {
    if (options?.volatile && !this.writable) return;
    this.options.push(options);
    for (const frame of message.frames) {
      this.sent.push(typeof frame === "string" ? frame.slice(1) : frame);
    }
  }

  close(discard?: boolean): void {
    this.closed.push(discard);
  }

  subscribe(): boolean {
    return false;
  }

  unsubscribe(): void {}

  /** A frame of the client. */
  receive(...frames: (string | Uint8Array)[]): this {
    for (const frame of frames) this.handler?.message(frame);
    return this;
  }

  /** What was sent since the last look. */
  take(): (string | Uint8Array)[] {
    const { sent } = this;
    this.sent = [];
    return sent;
  }
}

/** The namespaces of a server, without one. */
export class FakeServer {
  readonly reported: (ListenerPlace & { readonly error: unknown })[] = [];
  readonly settled: Connection[] = [];
  readonly directory: Directory;
  #ids = 0;

  constructor(
    maxEmpty: number = Infinity,
    createAdapter: AdapterFactory = (scope) => new LocalAdapter(scope),
    recovery?: { readonly skipMiddlewares: boolean },
  ) {
    this.directory = new Directory({
      maxEmpty,
      context: {
        createAdapter,
        newId: () => `id${++this.#ids}`,
        reportError: (error, place) => this.reported.push({ error, ...place }),
        publish: undefined,
        recovery: recovery && { ...recovery, maxDisconnectionDuration: 60_000 },
      },
    });
  }

  /** A new connection; its packets come by `receive`. */
  link(protocol = 4): FakeLink {
    const link = new FakeLink(protocol);
    link.handler = new Connection(link, {
      directory: this.directory,
      parsers: [createJsonParser()],
      maxNamespaces: 100,
      maxHeldBytes: 1_000_000,
      settled: (connection) => this.settled.push(connection),
    }, true);
    return link;
  }

  /** A connection that is in the main namespace. */
  joined(): FakeLink {
    const link = this.link().receive("0");
    link.take();
    return link;
  }
}
