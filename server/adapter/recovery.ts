import type { EventPacket, Parser, SendOptions } from "../../parser/mod.ts";
import type {
  AdapterScope,
  Recipient,
  RestoredSession,
  Room,
  Session,
  SocketId,
  Target,
} from "./adapter.ts";
import { Encodings } from "./encodings.ts";
import { LocalAdapter } from "./local.ts";
import { PacketLog } from "./packet_log.ts";
import { RoomHistory } from "./room_history.ts";

/** What the {@linkcode RecoveryAdapter} may spend. */
export interface RecoveryLimits {
  /** Milliseconds that a session is kept after its connection was lost. */
  readonly maxDisconnectionDuration: number;
  /** Bytes of packets that are kept for a namespace. */
  readonly maxBufferedBytes: number;
  /** Milliseconds until a lost connection is noticed: packets sent meanwhile are lost with it. */
  readonly detectionTime: number;
}

interface Kept {
  readonly session: Session;
  readonly history: RoomHistory;
  readonly parser: Parser;
  readonly lostAt: number;
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
 * import { RecoveryAdapter } from "@sockeye/io/adapter";
 * import { equal } from "node:assert/strict";
 *
 * const limits = {
 *   maxDisconnectionDuration: 60_000, // milliseconds
 *   maxBufferedBytes: 1024 * 1024,
 *   detectionTime: 45_000, // milliseconds
 * };
 * const io = new Server({
 *   connectionStateRecovery: true,
 *   adapter: (scope) => new RecoveryAdapter(scope, limits),
 * });
 * equal(io.sockets.adapter.serverCount(), 1);
 * await io.close();
 * ```
 */
export class RecoveryAdapter extends LocalAdapter {
  readonly #limits: RecoveryLimits;
  readonly #log: PacketLog;
  readonly #histories = new Map<SocketId, RoomHistory>();
  // All sessions are kept equally long, so that they expire in the order in which they came.
  readonly #kept = new Map<string, Kept>();
  // Sessions whose clients are on the way in, by the id of the socket.
  readonly #resuming = new Map<SocketId, Kept>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Takes the namespace that it is to work for, and what it may spend. */
  constructor(scope: AdapterScope, limits: RecoveryLimits) {
    super(scope);
    this.#limits = limits;
    const retention = limits.maxDisconnectionDuration + limits.detectionTime;
    this.#log = new PacketLog(retention, limits.maxBufferedBytes);
  }

  /** Whether somebody may come back. */
  get keepsSessions(): boolean {
    return this.#kept.size + this.#resuming.size > 0;
  }

  /** Forgets all sessions and packets. */
  override close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#log.clear();
    this.#kept.clear();
    this.#resuming.clear();
    this.#histories.clear();
  }

  /** Puts a socket into rooms. */
  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void {
    let history = this.#histories.get(id);
    if (history === undefined) {
      history = this.#resuming.get(id)?.history ?? new RoomHistory(id, this.#log.last);
      this.#resuming.delete(id);
      this.#histories.set(id, history);
    }
    for (const room of rooms) history.join(room, this.#log.last);
    super.addAll(id, rooms);
  }

  /** Takes a socket out of a room. */
  override del(id: SocketId, room: Room): void {
    this.#histories.get(id)?.leave(room, this.#log.last, this.#log.oldest);
    super.del(id, room);
  }

  /** Takes a socket out of all its rooms. */
  override delAll(id: SocketId): void {
    this.#histories.delete(id);
    this.#resuming.delete(id);
    super.delAll(id);
  }

  /** Sends an event to the sockets of a target, and keeps it for those that are away. */
  override broadcast(packet: EventPacket, target: Target): void {
    const absent = this.#absent(target);
    const kept = target.flags?.volatile !== true &&
      (absent.length > 0 || this.matching(target).length > 0);
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
    for (const { history } of this.#absent(target)) {
      for (const room of rooms) history.join(room, this.#log.last);
    }
    super.addSockets(target, rooms);
  }

  /** Makes sockets leave rooms, also those that are away. */
  override delSockets(target: Target, rooms: readonly Room[]): void {
    for (const { history } of this.#absent(target)) {
      for (const room of rooms) history.leave(room, this.#log.last, this.#log.oldest);
    }
    super.delSockets(target, rooms);
  }

  /** Ends sockets, also those that are away: their sessions cannot be taken up again. */
  override disconnectSockets(target: Target, close: boolean): void {
    for (const kept of this.#absent(target)) this.#expire(kept);
    super.disconnectSockets(target, close);
  }

  /** Keeps a session from now on. MUST be called before the socket leaves its rooms. */
  persistSession(session: Session, parser: Parser): void {
    const { sid, pid } = session;
    const history = this.#histories.get(sid) ?? this.#resuming.get(sid)?.history;
    if (history === undefined) return;
    this.#histories.delete(sid);
    this.#resuming.delete(sid);
    this.#kept.set(pid, { session, history, parser, lostAt: Date.now() });
    this.#schedule();
  }

  /** Takes up a session, once, with all that was sent to it behind the offset. */
  restoreSession(pid: string, offset: string | undefined): RestoredSession | undefined {
    const kept = this.#kept.get(pid);
    if (kept === undefined || this.#expiry(kept) <= Date.now()) return undefined;
    // Without an offset, or with one from before the session, its history says where it starts.
    const after = offset === undefined ? 0 : this.#numberOf(offset);
    const since = kept.lostAt - this.#limits.detectionTime;
    if (after === undefined || this.#log.hasGap(after, since)) return undefined;
    this.#kept.delete(pid);
    const { session, history } = kept;
    const { sid } = session;
    this.#resuming.set(sid, kept);
    const missed = () => this.#missed(history, after);
    const resuming = this.#resuming;
    return {
      ...session,
      get rooms() {
        return history.rooms;
      },
      get missedPackets() {
        return missed();
      },
      get ended() {
        return resuming.get(sid) !== kept;
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

  #absent(target: Target): Kept[] {
    if (this.#kept.size + this.#resuming.size === 0) return [];
    return [...this.#kept.values(), ...this.#resuming.values()].filter(({ history }) =>
      history.wasMeant(target, Infinity)
    );
  }

  #expiry(kept: Kept): number {
    return kept.lostAt + this.#limits.maxDisconnectionDuration;
  }

  #expire(kept: Kept): void {
    this.#kept.delete(kept.session.pid);
    this.#resuming.delete(kept.session.sid);
    this.scope.sessionExpired({ ...kept.session, rooms: kept.history.rooms });
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const [first] = this.#kept.values();
    const next = Math.min(
      first === undefined ? Infinity : this.#expiry(first),
      this.#log.expiresAt,
    );
    if (next === Infinity) return;
    this.#timer = setTimeout(() => this.#sweep(), Math.max(1, next - Date.now()));
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const kept of this.#kept.values()) {
      if (this.#expiry(kept) > now) break;
      this.#expire(kept);
    }
    this.#log.expire(now);
    this.#schedule();
  }
}
