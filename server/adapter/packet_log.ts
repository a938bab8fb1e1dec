import type { SocketId, Target } from "./adapter.ts";
import type { Encodings } from "./encodings.ts";
import { Queue } from "./queue.ts";
import type { Keepsake, RecoveryBudget } from "./recovery_budget.ts";

/** A packet that somebody may have missed. */
export interface LoggedPacket {
  /** Its number; what the client gets as offset. */
  readonly number: number;
  /** The packet, as it was sent. */
  readonly encodings: Encodings;
  /** Whom it was meant for: a target, or one socket. */
  readonly to: Target | SocketId;
  /** When it was sent, in milliseconds. */
  readonly at: number;
}

// What a packet takes in memory besides what it says.
const PACKET_COST = 768;

class Entry implements LoggedPacket, Keepsake {
  readonly number: number;
  readonly encodings: Encodings;
  readonly to: Target | SocketId;
  readonly at: number;
  position = 0;
  bytes = 0;
  readonly #log: PacketLog;

  constructor({ number, encodings, to, at }: LoggedPacket, log: PacketLog) {
    this.number = number;
    this.encodings = encodings;
    this.to = to;
    this.at = at;
    this.#log = log;
  }

  discard(): void {
    this.#log.lose(this);
  }
}

/** What was sent lately, in order, as long as time and bytes allow. */
export class PacketLog {
  readonly #retention: number;
  readonly #budget: RecoveryBudget;
  readonly #entries = new Queue<Entry>();
  #last = 0;
  #lostAt = -Infinity;
  #lost = 0;

  /** Takes how long packets are kept, in milliseconds, and who counts their bytes. */
  constructor(retention: number, budget: RecoveryBudget) {
    this.#retention = retention;
    this.#budget = budget;
  }

  /** The number of the last packet; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest packet that is kept; that of the next one if there is none. */
  get oldest(): number {
    return this.#first?.number ?? this.#last + 1;
  }

  /** When the oldest packet has to go. */
  get expiresAt(): number {
    const first = this.#first;
    return first === undefined ? Infinity : first.at + this.#retention;
  }

  /** Takes the number of the next packet. */
  nextNumber(): number {
    return ++this.#last;
  }

  /** Keeps a packet. */
  add(packet: LoggedPacket): void {
    const entry = new Entry(packet, this);
    const message = packet.encodings.first;
    this.#entries.push(entry);
    this.#budget.add(entry, sizeOf(entry));
    message?.ready?.then(() => this.#budget.resize(entry, sizeOf(entry)));
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (let entry; (entry = this.#first) !== undefined;) {
      if (entry.at + this.#retention > now) return;
      this.#entries.shift();
      this.#budget.remove(entry);
    }
  }

  /** The packets behind a number. */
  after(number: number): LoggedPacket[] {
    const packets: LoggedPacket[] = [];
    for (let at = this.#positionBehind(number); at < this.#entries.end; at++) {
      const entry = this.#entries.at(at);
      if (entry !== undefined) packets.push(entry);
    }
    return packets;
  }

  /**
   * Whether packets behind a number, sent at this time or later, were dropped for want of room, so
   * that a client that stopped there cannot be told all that it missed.
   */
  hasGap(number: number, time: number): boolean {
    return this.#lost > number && this.#lostAt >= time;
  }

  /** Drops everything. */
  clear(): void {
    for (let entry; (entry = this.#entries.shift()) !== undefined;) this.#budget.remove(entry);
  }

  /** For the oldest packet: there is no room for it any more. */
  lose({ number, at }: LoggedPacket): void {
    this.#entries.shift();
    this.#lost = number;
    this.#lostAt = at;
  }

  get #first(): Entry | undefined {
    return this.#entries.at(this.#entries.first);
  }

  /** The position of the first packet with a higher number. */
  #positionBehind(number: number): number {
    let [low, high] = [this.#entries.first, this.#entries.end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const entry = this.#entries.at(middle);
      if (entry !== undefined && entry.number > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** What a packet takes: its texts are there as they were given, and as they were sent. */
function sizeOf({ encodings }: LoggedPacket): number {
  const frames = encodings.first?.frames ?? [];
  return frames.reduce(
    (sum, frame) => sum + (typeof frame === "string" ? 2 * frame.length : frame.length),
    PACKET_COST,
  );
}
