import { backgroundClock, type Clock, Deadlines } from "./deadlines.ts";

/** What the heartbeat needs to know of a session. */
export interface Beating {
  /** Sends a ping. */
  ping(): void;
  /** The peer has not answered in time. */
  pingTimeout(): void;
}

/**
 * The heartbeat of all sessions of a server: three lists, and no timer for a session alone.
 *
 * A session of protocol 4 waits in `idle` for its next ping, then in `asked` for the pong. One of
 * protocol 3 waits in `passive` for the ping of its client.
 */
export class Heartbeat {
  readonly #idle: Deadlines<Beating>;
  readonly #asked: Deadlines<Beating>;
  readonly #passive: Deadlines<Beating>;
  readonly #clock: Clock;

  /** Takes both durations in milliseconds. */
  constructor(pingInterval: number, pingTimeout: number, clock: Clock = backgroundClock) {
    this.#clock = clock;
    this.#idle = new Deadlines(pingInterval, (session, due) => this.#ping(session, due), clock);
    this.#asked = new Deadlines(pingTimeout, (session) => session.pingTimeout(), clock);
    this.#passive = new Deadlines(
      pingInterval + pingTimeout,
      (session) => session.pingTimeout(),
      clock,
    );
  }

  /** How many sessions beat. */
  get size(): number {
    return this.#idle.size + this.#asked.size + this.#passive.size;
  }

  /** A session of this protocol opened. */
  begin(session: Beating, protocol: number): void {
    if (protocol === 3) this.heard(session);
    else this.alive(session);
  }

  /** A session answered a ping. */
  alive(session: Beating): void {
    this.#asked.delete(session);
    this.#idle.add(session);
  }

  /** A session of protocol 3 sent a ping. */
  heard(session: Beating): void {
    this.#passive.add(session);
  }

  /** A session ended. */
  delete(session: Beating): void {
    if (!this.#idle.delete(session) && !this.#asked.delete(session)) this.#passive.delete(session);
  }

  /** Stops all timers. */
  clear(): void {
    this.#idle.clear();
    this.#asked.clear();
    this.#passive.clear();
  }

  #ping(session: Beating, due: number): void {
    const now = this.#clock.now();
    // Counted from when the ping was due, so that the client, which adds up both durations from
    // its last pong, comes to the same moment; unless this process itself was kept from its timers.
    this.#asked.add(session, now - due > SERIOUS_DELAY ? now : due);
    session.ping();
  }
}

const SERIOUS_DELAY = 500;
