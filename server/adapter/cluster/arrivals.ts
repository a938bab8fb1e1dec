import type { SocketId } from "../mod.ts";
import { Arrival } from "./arrival.ts";
import { later } from "./background.ts";
import type { Recorded, RecordingBus } from "./bus.ts";
import { ClusterError } from "./error.ts";
import type { SavedSession } from "./saved_session.ts";

/** A session that was found. */
export interface Find {
  readonly session: SavedSession;
  /** The offset of the last message that its client got. */
  readonly after: string;
  /** What was recorded behind that. */
  readonly recorded: readonly Recorded[];
}

interface Search {
  /** What was recorded since it began. */
  readonly meanwhile: Recorded[];
  end(): void;
}

/** The sessions that are being taken up on this server. */
export class Arrivals {
  readonly #bus: Pick<RecordingBus, "isReached" | "capacity">;
  readonly #byId = new Map<SocketId, Arrival>();
  readonly #searches = new Set<Search>();

  /** Takes what knows the order of offsets, and how many messages may be kept. */
  constructor(bus: Pick<RecordingBus, "isReached" | "capacity">) {
    this.#bus = bus;
  }

  /** The session of a socket that is to come. */
  get(sid: SocketId): Arrival | undefined {
    return this.#byId.get(sid);
  }

  /** Takes what is recorded now. */
  note(recorded: Recorded): void {
    for (const { meanwhile } of this.#searches) meanwhile.push(recorded);
    for (const [sid, arrival] of this.#byId) {
      arrival.wait(recorded);
      if (arrival.ended) this.#byId.delete(sid);
    }
  }

  /**
   * Looks for a session, and for what it missed; nothing is lost in between.
   *
   * @param timeout for how many milliseconds: a broker that does not answer must not keep a client
   * from coming.
   * @throws {ClusterError} (rejects) if that is over.
   */
  async search(
    nsp: string,
    timeout: number,
    find: () => Promise<Find | undefined>,
  ): Promise<Arrival | undefined> {
    const over = Promise.withResolvers<undefined>();
    const search: Search = { meanwhile: [], end: () => over.resolve(undefined) };
    const timer = later(() => {
      over.reject(new ClusterError("Cannot find a session: the broker does not answer"));
    }, timeout);
    this.#searches.add(search);
    try {
      const found = await Promise.race([find(), over.promise]);
      return found && this.#arrive(found, nsp, search.meanwhile);
    } finally {
      clearTimeout(timer);
      this.#searches.delete(search);
    }
  }

  /** A session has its socket, or has none any more. */
  end(sid: SocketId): void {
    this.#byId.delete(sid);
  }

  /** Forgets them all, and finds none any more. */
  clear(): void {
    this.#byId.clear();
    for (const { end } of this.#searches) end();
  }

  #arrive({ session, after, recorded }: Find, nsp: string, meanwhile: Recorded[]): Arrival {
    const arrival = new Arrival(session, nsp, this.#bus.capacity);
    // Of what came meanwhile, the client or the record has all up to the last one, and what is not
    // behind the start of the session is not for it. All may be offsets of other namespaces.
    const { since, lostAt } = session;
    const isBehind = (offset: string, other: string) => !this.#bus.isReached(other, offset);
    const last = recorded.at(-1)?.offset ?? after;
    const rest = meanwhile.filter(({ offset }) =>
      isBehind(offset, last) && (since === undefined || isBehind(offset, since))
    );
    // Where it is not known when the client was lost, nothing is done again.
    const isAway = (offset: string) => lostAt !== undefined && isBehind(offset, lostAt);
    arrival.catchUp([...recorded, ...rest], isAway);
    if (!arrival.ended) this.#byId.set(session.sid, arrival);
    return arrival;
  }
}
