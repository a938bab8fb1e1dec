import type { EventPacket } from "../../../parser/mod.ts";
import type { Room, SocketId, Target } from "../mod.ts";

/** What this server has sent, or has done to sockets. */
export interface Doing {
  /** Whom it is for. */
  readonly target: Target;
  /** The event, if it is one. */
  readonly packet?: EventPacket | undefined;
  /** The rooms that sockets are to join. */
  readonly joined?: readonly Room[] | undefined;
  /** The rooms that sockets are to leave. */
  readonly left?: readonly Room[] | undefined;
}

/** Who is concerned by what is done in its turn, if a flush is to do it ahead of that. */
export type Concern = { readonly id: SocketId } | Doing;

/** A doing, and who has got it ahead of the others, because it was about to leave. */
interface Shared {
  readonly doing: Doing;
  served?: Set<SocketId>;
}

interface Waiting {
  readonly id?: SocketId;
  readonly shared?: Shared;
  readonly work: () => void;
}

interface Entry extends Shared {
  readonly alone: (error: unknown) => void;
  /** Makes the reason why it does not come back, once it is known that it does not. */
  why?: () => unknown;
  readonly behind: Waiting[];
}

/**
 * The messages that this server has published and not received again. What it sends otherwise waits
 * behind them, so that everything keeps its order.
 */
export class InFlight {
  readonly #failed: (error: unknown) => void;
  // By number, in order.
  readonly #entries = new Map<number, Entry>();
  #latest: Entry | undefined;

  /** Takes who is told of what fails while nobody waits for it. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Whether nothing has to wait. */
  get isEmpty(): boolean {
    return this.#latest === undefined;
  }

  /**
   * Notes a message by its number, which is higher than those before.
   *
   * @param alone called with the reason if it takes effect on this server only.
   */
  add(number: number, doing: Doing, alone: (error: unknown) => void): void {
    this.#latest = { doing, alone, behind: [] };
    this.#entries.set(number, this.#latest);
  }

  /** Has something done as soon as all messages are back: at once, if none is missing. */
  inTurn(work: () => void, concern?: Concern): void {
    if (this.#latest === undefined) return work();
    this.#latest.behind.push({
      work,
      ...(concern === undefined ? {} : "id" in concern ? concern : { shared: { doing: concern } }),
    });
  }

  /**
   * All ahead of a message that are still missing will not come back: they take effect here, now.
   *
   * @param why makes the reason, if there is any.
   */
  overtaken(number: number, why: () => unknown): void {
    for (const [own, { alone }] of this.#entries) {
      if (own >= number) return;
      this.#land(own, () => alone(why()));
    }
  }

  /** A message has come back: `deliver` is called if it was awaited. */
  landed(number: number, deliver: () => void): void {
    this.#land(number, deliver);
    this.#release();
  }

  /** A message will not come back: it takes effect here, when all ahead of it have. */
  failed(number: number, why: () => unknown): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    entry.why = why;
    this.#release();
  }

  /**
   * Hands out what waits for a socket in these rooms, in order, and does what waits behind. What it
   * has got it does not get again.
   */
  flush(id: SocketId, rooms: ReadonlySet<Room>, deliver: (packet: EventPacket) => void): void {
    const own = new Set(rooms);
    for (const entry of this.#entries.values()) {
      this.#serve(entry, id, own, deliver);
      const { behind } = entry;
      for (const waiting of [...behind]) {
        if (waiting.shared !== undefined) this.#serve(waiting.shared, id, own, deliver);
        if (waiting.id !== id) continue;
        behind.splice(behind.indexOf(waiting), 1);
        this.#try(waiting.work);
      }
    }
  }

  /** Expects nothing any more. */
  clear(): void {
    this.#entries.clear();
    this.#latest = undefined;
  }

  #release(): void {
    for (const [number, { alone, why }] of this.#entries) {
      if (why === undefined) return;
      this.#land(number, () => alone(why()));
    }
  }

  #land(number: number, deliver: () => void): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    this.#entries.delete(number);
    if (this.#latest === entry) this.#latest = undefined;
    this.#try(deliver);
    for (const { work } of entry.behind) this.#try(work);
  }

  #serve(
    shared: Shared,
    id: SocketId,
    own: Set<Room>,
    deliver: (packet: EventPacket) => void,
  ): void {
    const { target, packet, joined = [], left = [] } = shared.doing;
    if (!means(target, own)) return;
    for (const room of joined) own.add(room);
    for (const room of left) own.delete(room);
    if (packet === undefined || shared.served?.has(id)) return;
    (shared.served ??= new Set()).add(id);
    this.#try(() => deliver(packet));
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** Whether a target means who is in these rooms. */
export function means({ rooms, except }: Target, own: ReadonlySet<Room>): boolean {
  for (const room of except ?? []) if (own.has(room)) return false;
  if (rooms.size === 0) return true;
  for (const room of rooms) if (own.has(room)) return true;
  return false;
}
