import type { Frame } from "../../parser/engine/mod.ts";
import type { Deadlines } from "./deadlines.ts";
import { debug } from "./log.ts";
import type { RawSocket, RawSocketHandler } from "./runtime.ts";
import type { Session } from "./session.ts";
import type { PendingUpgrade } from "./transport.ts";
import type { WebSocketTransport } from "./websocket.ts";

/*
 * How a session moves from long polling to a WebSocket, or in the same way to WebTransport, where
 * the sid comes with the first packet:
 *
 *   client                       server
 *     | -- WebSocket with the sid --> |   the session goes on by polling
 *     | -- 2probe ------------------> |   anything else: the WebSocket is closed
 *     | <------------------ 3probe -- |
 *     |                               |   soon, and every 100 ms, if a poll waits:
 *     | <------- poll: messages or 6 -|
 *     |   (no further poll, no post)  |
 *     | -- 5 -----------------------> |   the session adopts the WebSocket
 *     | <--------- what still waits --|
 *
 * Messages sent meanwhile leave with a poll or wait for the WebSocket; both keep the order. If the
 * WebSocket fails or takes longer than `upgradeTimeout`, polling goes on as if nothing had been.
 */

/** What all upgrades of an engine have in common. */
export interface UpgradeSettings {
  /** The upgrades that have not been completed yet. */
  readonly timeouts: Deadlines<Upgrade>;
  /**
   * The upgrades that have just been probed. A client that does not wait for the answer says "5"
   * within this time, and its poll is refused then instead of being answered.
   */
  readonly probed: Deadlines<Upgrade>;
  /** The upgrades whose client is to be let off its poll. */
  readonly releases: Deadlines<Upgrade>;
}

/** One attempt of a session to move to a WebSocket or to WebTransport. */
export class Upgrade implements RawSocketHandler, PendingUpgrade {
  readonly #session: Session;
  readonly #release: () => void;
  readonly #settings: UpgradeSettings;
  readonly #transport: WebSocketTransport;
  #socket: RawSocket | undefined;
  #state: "opening" | "asked" | "probed" | "over" = "opening";

  /**
   * Made before the request is upgraded.
   *
   * @param transport what the session will move to.
   * @param release answers a poll that waits.
   */
  constructor(
    session: Session,
    transport: WebSocketTransport,
    release: () => void,
    settings: UpgradeSettings,
  ) {
    this.#session = session;
    this.#release = release;
    this.#settings = settings;
    this.#transport = transport;
  }

  open(socket: RawSocket): void {
    this.#socket = socket;
    if (this.#state === "over") return socket.close();
    this.#state = "asked";
  }

  message(data: Frame): void {
    if (this.#state === "asked" && data === "2probe") this.#probed();
    else if (this.#state === "probed" && data === "5") this.#complete();
    else if (this.#state !== "over") this.fail();
  }

  close(): void {
    this.fail();
  }

  /** Gives up: closes the WebSocket and lets the session go on by polling. */
  fail(): void {
    if (this.#state === "over") return;
    this.abort();
    if (debug.enabled) this.#log("did not complete its move to");
    this.#session.endUpgrade();
  }

  abort(): void {
    this.#over();
    const socket = this.#socket;
    if (socket === undefined) return;
    // Whoever is slow to close must not keep the session in memory.
    socket.handler = refusedSocket;
    socket.close();
  }

  /** Lets the client off its poll, again and again: it may send one more before it pauses. */
  release(): void {
    this.#release();
    this.#settings.releases.add(this);
  }

  #probed(): void {
    this.#state = "probed";
    this.#socket?.send("3probe", false);
    this.#settings.probed.add(this);
    // Last, since a listener may end the session.
    this.#session.emit("upgrading", this.#transport);
  }

  #complete(): void {
    const socket = this.#socket;
    this.#over();
    if (socket === undefined) return;
    socket.handler = this.#transport;
    this.#transport.attach(socket);
    if (debug.enabled) this.#log("moved to");
    this.#session.adopt(this.#transport);
  }

  #log(what: string): void {
    debug.log(`${this.#session.remoteAddress} ${what} ${this.#transport.name}`);
  }

  #over(): void {
    this.#state = "over";
    this.#settings.probed.delete(this);
    this.#settings.timeouts.delete(this);
    this.#settings.releases.delete(this);
  }
}

/** Takes a WebSocket that nobody wants, and closes it: some clients expect no HTTP error here. */
export const refusedSocket: RawSocketHandler = {
  open: (socket) => socket.close(),
  message() {},
  close() {},
};
