import type { Parser } from "../../parser/mod.ts";
import type { Room, Session, SocketId, Target } from "./adapter.ts";
import type { Keepsake, RecoveryBudget } from "./recovery_budget.ts";
import type { RoomHistory } from "./room_history.ts";
import { RoomIndex } from "./rooms.ts";
import { weightOf } from "./weight.ts";

// What a session takes in memory besides its credentials and rooms.
const SESSION_COST = 1024;

/** A session whose client is away, or on the way in. */
export class Absence implements Keepsake {
  /** The session, as it was when its client was lost. */
  readonly session: Session;
  /** The rooms that it is in. */
  readonly history: RoomHistory;
  /** The format that its client spoke. */
  readonly parser: Parser;
  /** When its client was lost, in milliseconds. */
  readonly lostAt: number = Date.now();
  /** Whether it was ended, so that nobody can take it up any more. */
  ended = false;
  position = 0;
  bytes = 0;
  readonly #absentees: Absentees;

  /** Takes what is kept, and where. */
  constructor(session: Session, history: RoomHistory, parser: Parser, absentees: Absentees) {
    this.session = session;
    this.history = history;
    this.parser = parser;
    this.#absentees = absentees;
  }

  discard(): void {
    this.#absentees.end(this);
  }
}

/** The sessions of those who lost their connection, in the order in which they did. */
export class Absentees {
  readonly #budget: RecoveryBudget;
  readonly #expired: (session: Session) => void;
  // A session that is being taken up is known by its socket alone: nobody else can take it up.
  readonly #byId = new Map<SocketId, Absence>();
  readonly #byPid = new Map<string, Absence>();
  // The same as in their histories: a broadcast must not have to ask each of them.
  readonly #rooms = new RoomIndex();

  /** Takes who counts the bytes, and who is told of a session that nobody can take up any more. */
  constructor(budget: RecoveryBudget, expired: (session: Session) => void) {
    this.#budget = budget;
    this.#expired = expired;
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** All of them, the one that has been away for longest first. */
  all(): IterableIterator<Absence> {
    return this.#byId.values();
  }

  /** Keeps a session from now on. */
  add(session: Session, history: RoomHistory, parser: Parser): void {
    const { sid, pid, auth } = session;
    const absence = new Absence(session, history, parser, this);
    this.#byId.set(sid, absence);
    this.#byPid.set(pid, absence);
    // In the index even if it is in no room: a broadcast to everyone is for it as well.
    this.#rooms.add(sid, sid);
    for (const room of history.rooms) this.#rooms.add(sid, room);
    if (!history.wasIn(sid, Infinity)) this.#rooms.delete(sid, sid);
    const weight = auth === undefined ? 0 : weightOf(auth);
    this.#budget.add(absence, SESSION_COST + weight + history.bytes);
  }

  /** The session of a private id, if somebody can take it up. */
  find(pid: string): Absence | undefined {
    return this.#byPid.get(pid);
  }

  /** The session of a socket. */
  get(sid: SocketId): Absence | undefined {
    return this.#byId.get(sid);
  }

  /** The session of a socket, if it is being taken up. */
  arriving(sid: SocketId): Absence | undefined {
    const absence = this.#byId.get(sid);
    return absence !== undefined && this.#byPid.get(absence.session.pid) !== absence
      ? absence
      : undefined;
  }

  /** Notes that a session is being taken up, so that nobody else does so. */
  reserve({ session }: Absence): void {
    this.#byPid.delete(session.pid);
  }

  /** Keeps a session no longer. */
  remove(absence: Absence): void {
    const { sid, pid } = absence.session;
    if (this.#byId.get(sid) !== absence) return;
    this.#byId.delete(sid);
    this.#byPid.delete(pid);
    this.#rooms.deleteAll(sid);
    this.#budget.remove(absence);
  }

  /** Ends a session, and tells of it. */
  end(absence: Absence): void {
    if (absence.ended) return;
    absence.ended = true;
    this.remove(absence);
    this.#expired({ ...absence.session, rooms: absence.history.rooms });
  }

  /** Puts a session into rooms for all packets after number `last`. */
  join({ session, history }: Absence, rooms: Iterable<Room>, last: number): void {
    for (const room of rooms) {
      history.join(room, last);
      this.#rooms.add(session.sid, room);
    }
  }

  /** Takes a session out of rooms for all packets after number `last`. */
  leave(
    { session, history }: Absence,
    rooms: Iterable<Room>,
    last: number,
    oldest: number,
  ): void {
    for (const room of rooms) {
      history.leave(room, last, oldest);
      this.#rooms.delete(session.sid, room);
    }
  }

  /** The sessions that a target means. */
  meantBy(target: Target): Absence[] {
    if (this.#byId.size === 0) return [];
    return this.#rooms.match(target).flatMap((sid) => this.#byId.get(sid) ?? []);
  }

  /** Forgets them all. */
  clear(): void {
    for (const absence of [...this.#byId.values()]) this.remove(absence);
  }
}
