import { Encodings, type RestoredSession, type Room, type SocketId } from "../mod.ts";
import type { Recorded } from "./bus.ts";
import { means } from "./in_flight.ts";
import { type MessageOf, MessageType } from "./message.ts";
import { readMessage } from "./read.ts";
import type { SavedSession } from "./saved_session.ts";
import { fromWire, namesIn, packetFromWire } from "./wire.ts";

/**
 * A session on its way to a new socket. Until that is there, what is recorded for the session is
 * collected here, and what is done to it is done here.
 */
export class Arrival implements RestoredSession {
  readonly sid: SocketId;
  readonly pid: string;
  readonly data: unknown;
  readonly auth: unknown;
  /** The offset of the last message before the session began. */
  readonly since: string | undefined;
  readonly #nsp: string;
  readonly #rooms: Set<Room>;
  readonly #patience: number;
  #missed: Encodings[] = [];
  #waited = 0;
  #ended = false;

  /**
   * Takes the session, and the name of its namespace.
   *
   * @param patience how many events may come while it waits; with more it ends, as it would if it
   * was kept.
   */
  constructor(session: SavedSession, nsp: string, patience: number) {
    this.sid = session.sid;
    this.pid = session.pid;
    this.data = session.data;
    this.auth = session.auth;
    this.since = session.since;
    this.#nsp = nsp;
    this.#patience = patience;
    this.#rooms = new Set(session.rooms);
  }

  get rooms(): readonly Room[] {
    return [...this.#rooms];
  }

  get missedPackets(): readonly Encodings[] {
    return this.#missed;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Takes what was recorded behind the offset of the client.
   *
   * @param isAway whether the socket was not there any more at an offset. What was done while it was
   * is not done again.
   */
  catchUp(recorded: readonly Recorded[], isAway: (offset: string) => boolean): void {
    for (const message of recorded) this.#note(message, isAway(message.offset));
  }

  /** Takes what is recorded while it waits for its socket. */
  wait(recorded: Recorded): void {
    const { length } = this.#missed;
    this.#note(recorded, true);
    this.#waited += this.#missed.length - length;
    if (this.#waited > this.#patience) this.#ended = true;
    if (this.#ended) this.#missed = [];
  }

  #note({ offset, message: value }: Recorded, away: boolean): void {
    try {
      const message = readMessage(value);
      if (message.nsp !== this.#nsp) return;
      if (message.type === MessageType.Broadcast) this.#miss(message, offset);
      else if (away) this.#move(message);
    } catch {
      // What cannot be read is told by who receives it.
    }
  }

  #miss({ data }: MessageOf<typeof MessageType.Broadcast>, offset: string): void {
    const target = fromWire(data.opts);
    // Of servers of npm, what asks a single socket for an answer is recorded, too.
    const { id } = data.packet as { readonly id?: unknown };
    const isLost = target.flags?.volatile === true || typeof id === "number";
    if (isLost || data.requestId !== undefined || !means(target, this.#rooms)) return;
    const packet = packetFromWire(data.packet, this.#nsp);
    this.#missed.push(withOffset(packet, offset));
  }

  #move({ type, data }: ReturnType<typeof readMessage>): void {
    switch (type) {
      case MessageType.SocketsJoin:
        if (!means(fromWire(data.opts), this.#rooms)) return;
        for (const room of namesIn(data.rooms)) this.#rooms.add(room);
        return;
      case MessageType.SocketsLeave:
        if (!means(fromWire(data.opts), this.#rooms)) return;
        for (const room of namesIn(data.rooms)) this.#rooms.delete(room);
        return;
      case MessageType.DisconnectSockets:
        if (means(fromWire(data.opts), this.#rooms)) this.#ended = true;
    }
  }
}

/** An event as clients get it that may come back. No message has an offset ahead of the first. */
export function withOffset(packet: Encodings["packet"], offset: string | undefined): Encodings {
  if (offset === undefined) return new Encodings(packet);
  return new Encodings({ ...packet, data: [...packet.data, offset] });
}
