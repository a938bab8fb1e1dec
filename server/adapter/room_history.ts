import type { Room, SocketId, Target } from "./adapter.ts";

// As many ended stays at least are collected before those are dropped that nobody can ask for.
const FEW_ENDED = 64;
// What a stay and a room take in memory.
const STAY_COST = 48;
const ROOM_COST = 192;

/** From when to when a socket was in a room, by the numbers of the packets sent meanwhile. */
interface Stay {
  readonly from: number;
  to: number;
}

/**
 * When one socket was in which room. What a client missed depends on where it was when an event was
 * sent, not on where it is when it comes back.
 */
export class RoomHistory {
  readonly #id: SocketId;
  readonly #after: number;
  // In order, and none overlaps the next.
  readonly #stays = new Map<Room, Stay[]>();
  #ended = 0;
  #mostEnded = FEW_ENDED;

  /** Takes the id of the socket, and the number of the last packet before it came. */
  constructor(id: SocketId, last: number) {
    this.#id = id;
    this.#after = last;
  }

  /** The rooms that the socket is in now. */
  get rooms(): Room[] {
    return [...this.#stays.keys()].filter((room) => this.wasIn(room, Infinity));
  }

  /** Roughly how many bytes of memory it takes. */
  get bytes(): number {
    let bytes = 0;
    for (const [room, stays] of this.#stays) {
      bytes += ROOM_COST + 2 * String(room).length + STAY_COST * stays.length;
    }
    return bytes;
  }

  /** Notes that the socket is in a room for all packets after number `last`. */
  join(room: Room, last: number): void {
    const stays = this.#stays.get(room);
    if (stays === undefined) this.#stays.set(room, [{ from: last + 1, to: Infinity }]);
    else if (stays.at(-1)?.to !== Infinity) stays.push({ from: last + 1, to: Infinity });
  }

  /** Notes that the socket is out of a room for all packets after number `last`. */
  leave(room: Room, last: number, oldest: number): void {
    const stays = this.#stays.get(room);
    const stay = stays?.at(-1);
    if (stays === undefined || stay?.to !== Infinity) return;
    if (stay.from <= last) {
      stay.to = last;
      if (++this.#ended > this.#mostEnded) this.#forget(oldest);
      return;
    }
    // Nothing was sent meanwhile.
    stays.pop();
    if (stays.length === 0) this.#stays.delete(room);
  }

  /** Whether the socket was in a room when a packet was sent. */
  wasIn(room: Room, packet: number): boolean {
    const stays = this.#stays.get(room);
    if (stays === undefined) return false;
    let [low, high] = [0, stays.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((stays[middle] as Stay).to < packet) low = middle + 1;
      else high = middle;
    }
    const stay = stays[low];
    return stay !== undefined && stay.from <= packet;
  }

  /** Whether a target meant the socket when a packet was sent. */
  wasMeant({ rooms, except }: Target, packet: number): boolean {
    if (packet <= this.#after) return false;
    if (except !== undefined) {
      for (const room of except) if (this.wasIn(room, packet)) return false;
    }
    if (rooms.size === 0) return true;
    for (const room of rooms) if (this.wasIn(room, packet)) return true;
    return false;
  }

  /** Whether this is the history of the socket with this id. */
  isOf(id: SocketId): boolean {
    return this.#id === id;
  }

  #forget(oldest: number): void {
    this.#ended = 0;
    for (const [room, stays] of this.#stays) {
      const rest = stays.filter(({ to }) => to >= oldest);
      this.#ended += rest.filter(({ to }) => to !== Infinity).length;
      if (rest.length > 0) this.#stays.set(room, rest);
      else this.#stays.delete(room);
    }
    // Those that cannot be dropped yet are not to be looked at each time.
    this.#mostEnded = Math.max(FEW_ENDED, 2 * this.#ended);
  }
}
