import type { EventPacket, Parser, SendOptions } from "../../parser/mod.ts";
import { type Absence, Absentees } from "./absentees.ts";
import type {
  AdapterScope,
  Recipient,
  RestoredSession,
  Room,
  Session,
  SocketId,
  Target,
} from "./adapter.ts";
import { later, MAX_DELAY } from "./background.ts";
import { Encodings } from "./encodings.ts";
import { LocalAdapter } from "./local.ts";
import { PacketLog } from "./packet_log.ts";
import type { RecoveryBudget } from "./recovery_budget.ts";
import { RoomHistory } from "./room_history.ts";

/** What the {@linkcode RecoveryAdapter} may spend. */
export interface RecoveryLimits {
  /** Milliseconds that a session is kept after its connection was lost. */
  readonly maxDisconnectionDuration: number;
  /** Milliseconds until a lost connection is noticed: packets sent meanwhile are lost with it. */
  readonly detectionTime: number;
  /** How many bytes may be kept, of which all adapters of a server have their share. */
  readonly budget: RecoveryBudget;
}

const OFFSET = /^[0-9a-z]{1,11}$/;
const RADIX = 36;

/**
 * The in-memory adapter with connection state recovery: it keeps the sessions of sockets that lost
 * their connection, and the packets that they may have missed.
 *
 * Each event without acknowledgement carries an offset as its last argument. A volatile one is not
 * kept; it repeats the last offset, since a client takes any trailing text for an offset.
 *
 * The option `connectionStateRecovery` makes one for each namespace.
 *
 * @example By hand
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { RecoveryAdapter, RecoveryBudget } from "@sockeye/io/adapter";
 * import { equal } from "node:assert/strict";
 *
 * const limits = {
 *   maxDisconnectionDuration: 60_000, // milliseconds
 *   detectionTime: 45_000, // milliseconds
 *   budget: new RecoveryBudget(1024 * 1024), // bytes
 * };
 * const io = new Server({
 *   connectionStateRecovery: true,
 *   adapter: (scope) => new RecoveryAdapter(scope, limits),
 * });
 * equal(await io.sockets.adapter.serverCount(), 1);
 * await io.close();
 * ```
 */
export class RecoveryAdapter extends LocalAdapter {
  readonly #limits: RecoveryLimits;
  readonly #log: PacketLog;
  readonly #histories = new Map<SocketId, RoomHistory>();
  readonly #absentees: Absentees;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // When the timer is due.
  #due = Infinity;

  /** Takes the namespace that it is to work for, and what it may spend. */
  constructor(scope: AdapterScope, limits: RecoveryLimits) {
    super(scope);
    this.#limits = limits;
    const retention = limits.maxDisconnectionDuration + limits.detectionTime;
    this.#log = new PacketLog(retention, limits.budget);
    this.#absentees = new Absentees(limits.budget, (session) => scope.sessionExpired(session));
  }

  /** Whether somebody may come back. */
  get keepsSessions(): boolean {
    return this.#absentees.size > 0;
  }

  /** Forgets all sessions and packets. */
  override close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#log.clear();
    this.#absentees.clear();
    this.#histories.clear();
  }

  /** Puts a socket into rooms. */
  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void {
    const absence = this.#absentees.arriving(id);
    // A middleware may let a socket join before it is let in; until then its session is away.
    const letIn = this.scope.sockets.has(id);
    if (absence !== undefined && !letIn) this.#absentees.join(absence, rooms, this.#log.last);
    else {
      const history = this.#histories.get(id) ?? absence?.history ??
        new RoomHistory(id, this.#log.last);
      this.#histories.set(id, history);
      if (absence !== undefined) this.#absentees.remove(absence);
      for (const room of rooms) history.join(room, this.#log.last);
    }
    super.addAll(id, rooms);
  }

  /** Takes a socket out of a room. */
  override del(id: SocketId, room: Room): void {
    const { last, oldest } = this.#log;
    const absence = this.#absentees.arriving(id);
    if (absence !== undefined) this.#absentees.leave(absence, [room], last, oldest);
    this.#histories.get(id)?.leave(room, last, oldest);
    super.del(id, room);
  }

  /** Takes a socket out of all its rooms. */
  override delAll(id: SocketId): void {
    this.#histories.delete(id);
    const absence = this.#absentees.arriving(id);
    if (absence !== undefined) this.#absentees.remove(absence);
    super.delAll(id);
  }

  /** Sends an event to the sockets of a target, and keeps it for those that are away. */
  override broadcast(packet: EventPacket, target: Target): void {
    const absent = this.#absentees.meantBy(target);
    const kept = target.flags?.volatile !== true && (absent.length > 0 || this.reaches(target));
    const encodings = this.#withOffset(packet, kept);
    this.send(encodings, target);
    if (!kept) return;
    // Whoever is away speaks a format, too: what cannot be encoded is to fail here, not later.
    for (const { parser } of absent) encodings.for(parser);
    this.#keep(encodings, target);
  }

  /** Sends an event to one socket, and keeps it. */
  sendRecoverable(recipient: Recipient, packet: EventPacket, options?: SendOptions): void {
    const kept = options?.volatile !== true;
    const encodings = this.#withOffset(packet, kept);
    recipient.deliver(encodings.for(recipient.parser), encodings.packet, options);
    if (kept) this.#keep(encodings, recipient.id);
  }

  /** Makes sockets join rooms, also those that are away. */
  override addSockets(target: Target, rooms: readonly Room[]): void {
    for (const absence of this.#absentees.meantBy(target)) {
      this.#absentees.join(absence, rooms, this.#log.last);
    }
    super.addSockets(target, rooms);
  }

  /** Makes sockets leave rooms, also those that are away. */
  override delSockets(target: Target, rooms: readonly Room[]): void {
    const { last, oldest } = this.#log;
    for (const absence of this.#absentees.meantBy(target)) {
      this.#absentees.leave(absence, rooms, last, oldest);
    }
    super.delSockets(target, rooms);
  }

  /** Ends sockets, also those that are away: their sessions cannot be taken up again. */
  override disconnectSockets(target: Target, close: boolean): void {
    for (const absence of this.#absentees.meantBy(target)) this.#absentees.end(absence);
    super.disconnectSockets(target, close);
  }

  /** Keeps a session from now on. MUST be called before the socket leaves its rooms. */
  persistSession(session: Session, parser: Parser): void {
    const { sid } = session;
    const absence = this.#absentees.get(sid);
    const history = this.#histories.get(sid) ?? absence?.history;
    if (history === undefined) return;
    this.#histories.delete(sid);
    if (absence !== undefined) this.#absentees.remove(absence);
    this.#absentees.add(session, history, parser);
    this.#schedule(Date.now() + this.#limits.maxDisconnectionDuration);
  }

  /** Takes up a session, once, with all that was sent to it behind the offset. */
  restoreSession(pid: string, offset: string | undefined): RestoredSession | undefined {
    const absence = this.#absentees.find(pid);
    if (absence === undefined || this.#expiry(absence) <= Date.now()) return undefined;
    // Without an offset, or with one from before the session, its history says where it starts.
    const after = offset === undefined ? 0 : this.#numberOf(offset);
    const since = absence.lostAt - this.#limits.detectionTime;
    if (after === undefined || this.#log.hasGap(after, since)) return undefined;
    this.#absentees.reserve(absence);
    const { session, history } = absence;
    const missed = () => this.#missed(history, after);
    return {
      ...session,
      get rooms() {
        return history.rooms;
      },
      get missedPackets() {
        return missed();
      },
      get ended() {
        return absence.ended;
      },
    };
  }

  #missed(history: RoomHistory, after: number): Encodings[] {
    return this.#log.after(after)
      .filter(({ to, number }) =>
        typeof to === "string" ? history.isOf(to) : history.wasMeant(to, number)
      )
      .map(({ encodings }) => encodings);
  }

  #withOffset(packet: EventPacket, kept: boolean): Encodings {
    const number = kept ? this.#log.nextNumber() : this.#log.last;
    return new Encodings({ ...packet, data: [...packet.data, number.toString(RADIX)] });
  }

  #numberOf(offset: string): number | undefined {
    const number = OFFSET.test(offset) ? parseInt(offset, RADIX) : NaN;
    return number <= this.#log.last ? number : undefined;
  }

  #keep(encodings: Encodings, to: Target | SocketId): void {
    const now = Date.now();
    this.#log.expire(now);
    this.#log.add({ number: this.#log.last, encodings, to, at: now });
    this.#schedule();
  }

  #expiry(absence: Absence): number {
    return absence.lostAt + this.#limits.maxDisconnectionDuration;
  }

  /** @param soonest what is to be swept now at the latest, unless the timer is due before. */
  #schedule(soonest = Infinity): void {
    if (this.#timer !== undefined && soonest >= this.#due) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [longest] = this.#absentees.all();
    const next = Math.min(
      longest === undefined ? Infinity : this.#expiry(longest),
      this.#log.expiresAt,
    );
    if (next === Infinity) return;
    this.#due = next;
    const delay = Math.min(Math.max(1, next - Date.now()), MAX_DELAY);
    // A sweep that comes too early starts the next one.
    this.#timer = later(() => this.#sweep(), delay);
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const absence of this.#absentees.all()) {
      if (this.#expiry(absence) > now) break;
      this.#absentees.end(absence);
    }
    this.#log.expire(now);
    this.#schedule();
  }
}
