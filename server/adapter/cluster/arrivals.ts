import type { SocketId } from "../mod.ts";
import { Arrival } from "./arrival.ts";
import { later } from "../background.ts";
import type { ClusterBus, Recorded, RecordingBus } from "./bus.ts";
import { ClusterError } from "./error.ts";
import { readSaved, type SavedSession } from "./saved_session.ts";

/** What is needed to look for sessions. */
export interface ArrivalsContext {
  /** The name of the namespace. */
  readonly nsp: string;
  /** Where sessions are kept. */
  readonly bus: Omit<RecordingBus, keyof ClusterBus>;
  /** Milliseconds to look for one: a broker that does not answer must not keep a client from coming. */
  readonly timeout: number;
}

/** A session that was found. */
interface Find {
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
  readonly #context: ArrivalsContext;
  readonly #byId = new Map<SocketId, Arrival>();
  readonly #searches = new Set<Search>();

  /** Takes where to look for them. */
  constructor(context: ArrivalsContext) {
    this.#context = context;
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
   * @throws {ClusterError} (rejects) if the time for that is over.
   */
  async search(pid: string, offset: string | undefined): Promise<Arrival | undefined> {
    const over = Promise.withResolvers<undefined>();
    const search: Search = { meanwhile: [], end: () => over.resolve(undefined) };
    const timer = later(() => {
      over.reject(new ClusterError("Cannot find a session: the broker does not answer"));
    }, this.#context.timeout);
    this.#searches.add(search);
    try {
      const found = await Promise.race([this.#find(pid, offset), over.promise]);
      return found && this.#arrive(found, search.meanwhile);
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

  async #find(pid: string, offset: string | undefined): Promise<Find | undefined> {
    const { nsp, bus } = this.#context;
    const saved = await bus.takeSession(pid);
    if (saved === undefined) return undefined;
    const session = readSaved(saved, pid);
    // In another namespace, the same names of rooms mean something else.
    if ((session.nsp ?? nsp) !== nsp) return undefined;
    // Without an offset, it has got nothing since the session began.
    const after = offset ?? session.since;
    if (after === undefined) return undefined;
    const recorded = await bus.recordedAfter(after, session.since);
    return recorded && { session, after, recorded };
  }

  #arrive({ session, after, recorded }: Find, meanwhile: Recorded[]): Arrival {
    const { nsp, bus } = this.#context;
    const arrival = new Arrival(session, nsp, bus.capacity);
    // Of what came meanwhile, the client or the record has all up to the last one, and what is not
    // behind the start of the session is not for it. All may be offsets of other namespaces.
    const { since, lostAt } = session;
    const isBehind = (offset: string, other: string) => !bus.isReached(other, offset);
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
