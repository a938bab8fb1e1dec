import type { Session, SocketId } from "../mod.ts";
import { Arrival } from "./arrival.ts";
import type { RecordingBus } from "./bus.ts";
import { ClusterError } from "./error.ts";
import { reasonOf } from "./reason.ts";
import { toSaved } from "./saved_session.ts";

/** What a keeper of sessions works with. */
export interface KeeperContext {
  /** The name of the namespace. */
  readonly nsp: string;
  /** Where sessions are kept. */
  readonly bus: Pick<RecordingBus, "saveSession">;
  /** For how many milliseconds. */
  readonly duration: number;
  /** Told of sessions that cannot be kept. */
  failed(error: unknown): void;
}

/** Keeps the sessions of the sockets of this server, and knows since when they last. */
export class SessionKeeper {
  readonly #context: KeeperContext;
  // The last offset when each of them began; it is not known of sessions of npm.
  readonly #since = new Map<SocketId, string | undefined>();
  // Of clients that were lost before this server heard the others.
  #early: Session[] | undefined = [];

  /** Takes where to keep them, and how. */
  constructor(context: KeeperContext) {
    this.#context = context;
  }

  /** Notes since when a session lasts, as far as that is known. Only the first call counts. */
  began(id: SocketId, since: string | undefined): void {
    if (!this.#since.has(id)) this.#since.set(id, since);
  }

  /** Forgets that. */
  ended(id: SocketId): void {
    this.#since.delete(id);
  }

  /** The server hears the others from now on; without an offset, it never will. */
  started(offset: string | undefined): void {
    // No session could be taken up before: whoever is here came ahead of the first message.
    for (const [id, since] of this.#since) if (since === undefined) this.#since.set(id, offset);
    for (const session of this.#early ?? []) this.#save(session, offset, offset);
    this.#early = undefined;
  }

  /** Keeps a session whose client is lost, as soon as it is known since when it lasts. */
  keep(session: Session, lostAt: string | undefined): void {
    if (session instanceof Arrival) return this.#save(session, session.since, lostAt);
    const since = this.#since.get(session.sid);
    if (since === undefined && this.#early !== undefined) this.#early.push(session);
    else this.#save(session, since, lostAt);
  }

  /** Keeps nothing back any more. */
  close(): void {
    this.started(undefined);
    this.#since.clear();
  }

  #save(session: Session, since: string | undefined, lostAt: string | undefined): void {
    const { nsp, bus, duration, failed } = this.#context;
    const { sid, pid } = session;
    try {
      bus.saveSession(pid, toSaved(nsp, session, since, lostAt), duration);
    } catch (cause) {
      failed(new ClusterError(`Cannot keep the session of ${sid}: ${reasonOf(cause)}`, { cause }));
    }
  }
}
