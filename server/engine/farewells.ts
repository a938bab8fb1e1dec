import type { ErrorReporter } from "../../events/mod.ts";
import { PacketType } from "../../parser/engine/mod.ts";
import { type Clock, Deadlines, systemClock } from "./deadlines.ts";
import { tellSent } from "./report.ts";
import { endPauses } from "./send_queue.ts";
import type { PendingUpgrade, Queued, Transport, TransportHandler } from "./transport.ts";

/** For how long the last messages may be on their way, in milliseconds. */
const GRACE = 1000;

/**
 * The transports of sessions that have ended with their server, as long as something waits for their
 * clients: a poll that has yet to come, or a message that is still being read. All have one second.
 */
export class Farewells {
  readonly #over: (id: string) => void;
  readonly #reportError: ErrorReporter;
  readonly #leaving = new Map<string, Farewell>();
  readonly #deadlines: Deadlines<Farewell>;
  #emptied: (() => void)[] = [];

  /**
   * @param over told the id of each session whose client had to be waited for, and is gone.
   * @param reportError told of callbacks that fail.
   */
  constructor(over: (id: string) => void, reportError: ErrorReporter, clock: Clock = systemClock) {
    this.#over = over;
    this.#reportError = reportError;
    this.#deadlines = new Deadlines(GRACE, (farewell) => farewell.ended(), clock);
  }

  /** How many there are. */
  get size(): number {
    return this.#leaving.size;
  }

  /** Whether something waits for the client of a session. */
  has(id: string | undefined): boolean {
    return id !== undefined && this.#leaving.has(id);
  }

  /**
   * Ends the transport of a session: at once, or, if there is something to send, behind that. An
   * upgrade goes on as long: its client may have left polling already, and would get nothing.
   */
  part(
    id: string,
    transport: Transport,
    upgrade: PendingUpgrade | undefined,
    last: Queued[] = [],
  ): void {
    if (last.length === 0) {
      upgrade?.abort();
      transport.finish(() => {});
      return transport.discard();
    }
    const farewell = new Farewell(transport, upgrade, last, {
      gone: () => this.#gone(id, farewell),
      reportError: this.#reportError,
    });
    farewell.begin();
    if (farewell.over) return;
    this.#leaving.set(id, farewell);
    this.#deadlines.add(farewell);
  }

  /** The client has completed its upgrade. */
  adopt(id: string, transport: Transport): void {
    this.#leaving.get(id)?.adopt(transport);
  }

  /** Settles once all are gone. */
  async settled(): Promise<void> {
    if (this.size > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  #gone(id: string, farewell: Farewell): void {
    // Not there yet if all has left at once.
    if (!this.#leaving.delete(id)) return;
    this.#deadlines.delete(farewell);
    this.#over(id);
    if (this.size > 0) return;
    this.#deadlines.clear();
    for (const resolve of this.#emptied.splice(0)) resolve();
  }
}

/** Whom a farewell belongs to. */
interface FarewellOwner {
  readonly reportError: ErrorReporter;
  gone(): void;
}

/** Takes the place of a session that has ended, until its last messages have left. */
class Farewell implements TransportHandler {
  #transport: Transport;
  #upgrade: PendingUpgrade | undefined;
  readonly #last: Queued[];
  readonly #owner: FarewellOwner;
  over = false;

  constructor(
    transport: Transport,
    upgrade: PendingUpgrade | undefined,
    last: Queued[],
    owner: FarewellOwner,
  ) {
    this.#transport = transport;
    this.#upgrade = upgrade;
    this.#last = last;
    this.#owner = owner;
  }

  begin(): void {
    this.#transport.handler = this;
    for (const { message } of this.#last) message.ready?.then(() => this.ready());
    this.ready();
  }

  adopt(transport: Transport): void {
    this.#upgrade = undefined;
    this.#transport.discard();
    this.#transport = transport;
    transport.handler = this;
    if (this.#last.length > 0) this.ready();
    else transport.finish(() => this.ended());
  }

  opened(): void {}

  packet(type: PacketType): void {
    if (type === PacketType.Close) this.ended();
  }

  ready(): void {
    if (this.over || this.#last.length === 0) return;
    this.#transport.flush(this.#last);
    this.#transport.hurry();
  }

  flushed(messages: readonly Queued[]): void {
    tellSent(messages, this.#owner.reportError);
    if (this.#last.length === 0) this.#transport.finish(() => this.ended());
  }

  ended(): void {
    if (this.over) return;
    this.over = true;
    endPauses(this.#last);
    this.#upgrade?.abort();
    this.#transport.discard();
    this.#owner.gone();
  }
}
