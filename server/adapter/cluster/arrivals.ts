import type { SocketId } from "../mod.ts";
import { Arrival } from "./arrival.ts";
import type { Recorded } from "./bus.ts";
import type { SavedSession } from "./saved_session.ts";

/** A session that was found. */
export interface Find {
  readonly session: SavedSession;
  /** The offset of the last message that its client got. */
  readonly after: string;
  /** What was recorded behind that. */
  readonly recorded: readonly Recorded[];
}

/** The sessions that are being taken up on this server. */
export class Arrivals {
  readonly #byId = new Map<SocketId, Arrival>();
  // What was recorded since somebody asks for a session that is not found yet.
  readonly #searches = new Set<Recorded[]>();

  /** The session of a socket that is to come. */
  get(sid: SocketId): Arrival | undefined {
    return this.#byId.get(sid);
  }

  /** Takes what is recorded now. */
  note(recorded: Recorded): void {
    for (const meanwhile of this.#searches) meanwhile.push(recorded);
    for (const arrival of this.#byId.values()) arrival.note(recorded, true);
  }

  /**
   * Looks for a session, and for what it missed; nothing is lost in between.
   *
   * @param find resolves to what there is, or to `undefined`.
   */
  async search(
    nsp: string,
    find: () => Promise<Find | undefined>,
  ): Promise<Arrival | undefined> {
    const meanwhile: Recorded[] = [];
    this.#searches.add(meanwhile);
    try {
      const found = await find();
      if (found === undefined) return undefined;
      const { session, after, recorded } = found;
      const arrival = new Arrival(session, nsp);
      // Of what came meanwhile, the client or the record has all up to this one. If it did not come
      // meanwhile, it came before.
      const last = recorded.at(-1)?.offset ?? after;
      const rest = meanwhile.slice(meanwhile.findIndex(({ offset }) => offset === last) + 1);
      arrival.catchUp([...recorded, ...rest], session.lostAt);
      this.#byId.set(session.sid, arrival);
      return arrival;
    } finally {
      this.#searches.delete(meanwhile);
    }
  }

  /** A session has its socket, or has none any more. */
  end(sid: SocketId): void {
    this.#byId.delete(sid);
  }

  /** Forgets them all. */
  clear(): void {
    this.#byId.clear();
  }
}
