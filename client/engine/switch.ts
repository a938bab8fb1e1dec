import type { Frame } from "../../parser/engine/mod.ts";
import { fromText, type Outgoing, toText } from "./data.ts";
import { Cookies } from "./cookies.ts";
import type { EngineOptions } from "./options.ts";
import { type Timers, timersOf } from "./timers.ts";
import type { Transport, TransportClass, TransportHandler, TransportOptions } from "./transport.ts";
import { timestamp } from "./transport.ts";

/** Probing WebSocket waits this long where WebTransport is offered, milliseconds. */
const HEAD_START = 200;

let webSocketWorked = false;

/**
 * Makes one transport of several: it connects by the first one, and moves to a better one while the
 * connection goes on.
 *
 * ```text
 *   client                        server
 *     │── new transport, same sid ──▶│
 *     │── 2probe ───────────────────▶│
 *     │◀─────────────────── 3probe ──│   and a noop to the waiting poll
 *     │   (poll ends, POST ends)     │
 *     │── 5 ────────────────────────▶│   all further packets go here
 * ```
 */
export function switchBetween(
  kinds: readonly TransportClass[],
  options: EngineOptions,
): TransportClass {
  return class extends Switch {
    constructor(common: TransportOptions) {
      super([...kinds], options, common);
    }
  };
}

class Switch implements Transport {
  declare handler: TransportHandler | undefined;
  declare current: Transport | undefined;
  readonly #kinds: TransportClass[];
  readonly #options: EngineOptions;
  readonly #common: TransportOptions;
  readonly #timers: Timers;
  readonly #cookies = new Cookies();
  readonly #probes = new Set<Transport>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #opened = false;
  // While one transport takes the place of another one.
  #held = false;

  constructor(kinds: TransportClass[], options: EngineOptions, common: TransportOptions) {
    this.#kinds = kinds;
    this.#options = options;
    this.#common = common;
    this.#timers = timersOf(options).timers ?? globalThis;
  }

  get name(): string {
    return this.current?.name ?? "";
  }

  get writable(): boolean {
    return !this.#held && this.current?.writable === true;
  }

  open(): void {
    const first = this.#options.rememberUpgrade && webSocketWorked && this.#find("websocket") ||
      this.#kinds[0];
    this.#use(this.#make(first!)).open();
  }

  flush(queue: Outgoing[], maxPayload?: number): void {
    this.current?.flush(queue, maxPayload);
  }

  settle(): void {
    const { size } = this.#probes;
    this.#giveUp();
    this.#held = false;
    if (size) this.handler?.tell?.("upgradeError", new Error("probe error: closed"));
  }

  close(): void {
    this.settle();
    if (this.current) end(this.current);
  }

  #find(name: string): TransportClass | undefined {
    return this.#kinds.find((kind) => kind.prototype.name === name);
  }

  #make(kind: TransportClass): Transport {
    const { name } = kind.prototype;
    const cookies = this.#cookies;
    const { hostname, query, ...own } = this.#options.transportOptions?.[name] ?? {};
    const options = { ...this.#common, ...own, cookies };
    if (hostname) options.host = options.host.replace(/^.*(?=:)/, hostname);
    if (query) options.query += "&" + new URLSearchParams(query as Record<string, string>);
    if (options.forceBase64) options.query += "&b64=1";
    // Long polling sees to these at each request.
    if (name !== "polling") {
      if (options.timestampRequests) options.query += timestamp(options);
      options.extraHeaders = cookies.addTo(options.extraHeaders);
    }
    const transport = new kind(options);
    if (options.forceBase64 && name === "websocket") sendAsText(transport);
    return transport;
  }

  #use(transport: Transport): Transport {
    if (this.current) this.current.handler = undefined;
    transport.handler = {
      frame: (frame) => this.#frame(typeof frame === "string" ? fromText(frame) : frame),
      drained: () => this.handler?.drained?.(),
      failed: (error) => this.#failed(error),
      closed: (details) => this.handler?.closed(details),
    };
    return this.current = transport;
  }

  #frame(frame: Frame): void {
    const opens = frame[0] === "0";
    if (!this.#opened && !opens) return this.#failed(new SyntaxError("Cannot decode packet"));
    this.#opened = true;
    this.handler?.frame(frame);
    if (!opens) return;
    webSocketWorked = this.name === "websocket";
    // Whoever heard of it may have closed the connection.
    if (this.handler && this.#options.upgrade !== false) {
      this.#upgrade(JSON.parse((frame as string).slice(1)).upgrades);
    }
  }

  #failed(error: Error): void {
    webSocketWorked = false;
    if (!this.#opened && this.#options.tryAllTransports && this.#kinds.length > 1) {
      this.#kinds.shift();
      this.open();
    } else this.handler?.failed(error);
  }

  /** Tries the offered transports beside the present one, and moves to the first that works. */
  #upgrade(names: readonly string[]): void {
    const present = this.current;
    if (!present?.pause || !Array.isArray(names)) return;
    for (const name of new Set(names)) {
      const kind = this.#find(name);
      if (!kind) continue;
      if (name === "websocket" && names.includes("webtransport")) {
        this.#timer = this.#timers.setTimeout(() => this.#probe(kind, present), HEAD_START);
      } else this.#probe(kind, present);
    }
  }

  #probe(kind: TransportClass, present: Transport): void {
    const transport = this.#make(kind);
    const failed = (error: Error) => {
      end(transport);
      this.#probes.delete(transport);
      this.handler?.tell?.("upgradeError", error);
      if (!this.#held) return;
      present.resume?.();
      this.#release();
    };
    // What throws is the platform's, as where the connection has ended meanwhile.
    const send = (frame: string): boolean => {
      try {
        transport.flush([{ frames: [frame] }]);
        return true;
      } catch (error) {
        failed(error as Error);
        return false;
      }
    };
    transport.handler = {
      opened: () => send("2probe"),
      frame: (frame) => {
        if (frame !== "3probe") return failed(new Error("probe error"));
        this.#probes.delete(transport);
        this.#giveUp();
        this.#probes.add(transport);
        this.#held = true;
        this.handler?.tell?.("upgrading", transport);
        present.pause?.(() => {
          // Given up meanwhile.
          if (!this.#probes.delete(transport)) return present.resume?.();
          if (!send("5")) return;
          webSocketWorked = this.#use(transport).name === "websocket";
          this.handler?.tell?.("upgrade", transport);
          this.#release();
        });
      },
      failed,
      closed: ({ description }) => failed(new Error(description)),
    };
    this.#probes.add(transport);
    transport.open();
  }

  #giveUp(): void {
    this.#timers.clearTimeout(this.#timer);
    this.#probes.forEach(end);
    this.#probes.clear();
  }

  #release(): void {
    this.#held = false;
    this.handler?.drained?.();
  }
}

function end(transport: Transport): void {
  transport.handler = undefined;
  transport.close();
}

/** Lets a transport send binary data as text. */
function sendAsText(transport: Transport): void {
  const { flush } = transport;
  transport.flush = (queue, maxPayload) => {
    queue.forEach(({ frames, ready }, at) => {
      if (!ready) queue[at] = { frames: frames.map(toText) };
    });
    flush.call(transport, queue, maxPayload);
  };
}
