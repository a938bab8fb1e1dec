import type { EventPacket } from "../../../parser/mod.ts";
import type { Room, SocketId, Target } from "../mod.ts";

/** What this server has published, as long as it has not come back. */
export interface InFlightMessage {
  /** Whom it is for. */
  readonly target: Target;
  /** The event, if it is one. */
  readonly packet: EventPacket | undefined;
}

interface Entry extends InFlightMessage {
  // Those that a socket got ahead of the others, because it was about to leave.
  readonly behind: { readonly id: SocketId | undefined; readonly work: () => void }[];
}

/**
 * The messages that this server has published and not received again. What it sends otherwise waits
 * behind them, so that everything keeps its order.
 */
export class InFlight {
  readonly #failed: (error: unknown) => void;
  readonly #entries = new Map<number, Entry>();
  #latest: Entry | undefined;

  /** Takes who is told of what fails while nobody waits for it. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Notes a message by its number. */
  add(number: number, message: InFlightMessage): void {
    this.#latest = { ...message, behind: [] };
    this.#entries.set(number, this.#latest);
  }

  /**
   * Has something done as soon as all messages are back: at once, if none is missing.
   *
   * @param id the socket that gets it, if it is for one.
   */
  inTurn(id: SocketId | undefined, work: () => void): void {
    if (this.#latest === undefined) work();
    else this.#latest.behind.push({ id, work });
  }

  /** A message has come back, or never will: `deliver` is called if it was awaited. */
  landed(number: number, deliver: (message: InFlightMessage) => void): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    this.#entries.delete(number);
    if (this.#latest === entry) this.#latest = undefined;
    this.#try(() => deliver(entry));
    for (const { work } of entry.behind) this.#try(work);
  }

  /** Hands out what waits for a socket in these rooms, in order, and does what waits behind. */
  flush(id: SocketId, rooms: ReadonlySet<Room>, deliver: (packet: EventPacket) => void): void {
    for (const { packet, target, behind } of this.#entries.values()) {
      if (packet !== undefined && means(target, rooms)) this.#try(() => deliver(packet));
      for (let i = 0; i < behind.length;) {
        if (behind[i]?.id !== id) i++;
        else for (const { work } of behind.splice(i, 1)) this.#try(work);
      }
    }
  }

  /** Expects nothing any more. */
  clear(): void {
    this.#entries.clear();
    this.#latest = undefined;
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
