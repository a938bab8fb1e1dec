import { later } from "../background.ts";

/** How the servers of a cluster notice each other. */
export interface HeartbeatOptions {
  /** Milliseconds after which a server that had nothing to say says that it is there; 5,000. */
  readonly heartbeatInterval?: number;
  /** Milliseconds without a word after which a server counts as gone; 10,000. */
  readonly heartbeatTimeout?: number;
}

/** What is told of the other servers. */
export interface MembersHandler {
  /** It is time to say that this server is there. */
  beat(): void;
  /** A server has left; `farewell` if it said so, and was not just silent for too long. */
  left(uid: string, farewell: boolean): void;
}

/** Knows which other servers are there: those that were heard of lately. */
export class Members {
  readonly #handler: MembersHandler;
  readonly #interval: number;
  readonly #timeout: number;
  // When each was heard last.
  readonly #heard = new Map<string, number>();
  #sentAt = 0;
  // When the timer is due.
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(handler: MembersHandler, options: HeartbeatOptions) {
    this.#handler = handler;
    this.#interval = options.heartbeatInterval ?? 5000;
    this.#timeout = options.heartbeatTimeout ?? 10_000;
  }

  /** The others. */
  get uids(): Iterable<string> {
    return this.#heard.keys();
  }

  /** How many others there are. */
  get size(): number {
    return this.#heard.size;
  }

  /** Starts to beat. */
  start(): void {
    this.#wait(this.#interval);
  }

  /** This server has said something, which does for a heartbeat. */
  spoke(): void {
    this.#sentAt = Date.now();
  }

  /** A server has said something. */
  heard(uid: string): void {
    this.#heard.set(uid, Date.now());
  }

  /** A server has said that it leaves. */
  remove(uid: string): void {
    if (this.#heard.delete(uid)) this.#handler.left(uid, true);
  }

  /** Stops, and forgets all. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#heard.clear();
  }

  #wait(delay: number): void {
    this.#due = Date.now() + delay;
    this.#timer = later(() => this.#tick(), delay);
  }

  #tick(): void {
    const now = Date.now();
    // A server that was busy itself has not read yet what the others have said meanwhile.
    if (now - this.#due > this.#interval / 2) this.#heard.forEach((_, uid) => this.heard(uid));
    for (const [uid, at] of this.#heard) {
      if (now - at <= this.#timeout) continue;
      this.#heard.delete(uid);
      this.#handler.left(uid, false);
    }
    const due = this.#sentAt + this.#interval - now;
    // Clocks of the system may be set back.
    if (due <= 0 || due > this.#interval) this.#handler.beat();
    this.#wait(due <= 0 || due > this.#interval ? this.#interval : due);
  }
}
