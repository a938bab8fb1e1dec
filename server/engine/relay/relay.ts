import { randomId } from "../id.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Runtime } from "../runtime.ts";
import type { RelayBus, RelayReceiver } from "./bus.ts";
import { Front } from "./front.ts";
import { Mail } from "./mail.ts";
import { readBatch } from "./message.ts";
import { type Answering, Owner } from "./owner.ts";
import type { Refuse } from "./pending.ts";

const ID_LENGTH = 8;
const TAKEN = "Cannot use relay: it belongs to another server; call createRelay() for each";

// The buses that are open.
const taken = new WeakSet<RelayBus>();
// Nothing else goes to a bus, whatever clients make up.
const MARKED = /.[\w-]{8}$/;

/** The server that is part of a cluster. */
export interface RelayHost extends Answering {
  /** Answers a request that is refused. */
  refuse: Refuse;
}

/**
 * Lets a request of a session come to any of several servers: the id of a session ends with that of
 * the server which has it, and other servers hand its requests on.
 */
export class Relay implements RelayReceiver {
  /** The id of this server. */
  readonly id: string = randomId().slice(0, ID_LENGTH);
  readonly #bus: RelayBus;
  readonly #options: ResolvedOptions;
  readonly #mail: Mail;
  readonly #front: Front;
  readonly #owner: Owner;
  // Unless another server has the bus.
  #isOpen = false;
  #opened: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Takes the way to the other servers, and how this one answers. */
  constructor(bus: RelayBus, options: ResolvedOptions, host: RelayHost) {
    this.#bus = bus;
    this.#options = options;
    this.#mail = new Mail(this.id, bus, (error) => this.failed(error));
    this.#front = new Front(this.#mail, options, (...refused) => host.refuse(...refused));
    this.#owner = new Owner(this.#mail, host, options);
  }

  /** How many requests and WebSockets are handed on, or come from other servers. */
  get size(): number {
    return this.#front.size + this.#owner.size;
  }

  /** Starts to receive, unless that was done. */
  start(): void {
    this.#opened ??= this.#open();
  }

  /** The id of a new session, made of one that is known here alone. */
  mark(id: string): string {
    return id + this.id;
  }

  /** Whether a session of this id belongs to another server, or to none. */
  isElsewhere(sid: string | undefined): sid is string {
    return sid !== undefined && !sid.endsWith(this.id) && MARKED.test(sid);
  }

  /** Has another server answer a request. */
  forward(request: Request, runtime: Runtime, sid: string): Response | Promise<Response> {
    this.start();
    return this.#front.forward(request, runtime, sid.slice(-ID_LENGTH));
  }

  receive(message: unknown): void {
    try {
      const { from, asked, answered } = readBatch(message);
      for (const item of asked) this.#guarded(() => this.#owner.receive(from, item));
      for (const item of answered) this.#guarded(() => this.#front.receive(from, item));
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    this.#options.reportError(error, { event: "relay" });
  }

  /** Has waiting polls answered, whose sessions go on elsewhere. Resolves within a second. */
  async release(): Promise<void> {
    await this.#front.release();
  }

  /** Lets go of the requests of other servers, and stops to receive. */
  async close(): Promise<void> {
    const opened = this.#opened;
    if (opened !== undefined) {
      this.#opened = undefined;
      this.#front.close();
      this.#owner.close();
      this.#closing = this.#close(opened);
    }
    await this.#closing;
  }

  async #close(opened: Promise<void>): Promise<void> {
    await this.#owner.settled();
    await this.#mail.flush();
    await opened;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#bus.close();
    } catch (error) {
      this.failed(error);
    }
    taken.delete(this.#bus);
  }

  async #open(): Promise<void> {
    // A bus is opened again only once it is closed.
    if (this.#closing !== undefined) await this.#closing;
    if (taken.has(this.#bus)) return this.failed(new Error(TAKEN));
    taken.add(this.#bus);
    this.#isOpen = true;
    try {
      await this.#bus.open(this.id, this);
    } catch (error) {
      this.failed(error);
    }
  }

  /** A listener that throws must not keep the rest from being handled. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failed(error);
    }
  }
}
