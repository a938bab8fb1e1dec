import type { SocketId, Target } from "./adapter.ts";
import type { Encodings } from "./encodings.ts";

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

interface Entry extends LoggedPacket {
  bytes: number;
}

/** What was sent lately, in order, as long as time and bytes allow. */
export class PacketLog {
  readonly #retention: number;
  readonly #maxBytes: number;
  #entries: Entry[] = [];
  #bytes = 0;
  #last = 0;
  #lostAt = -Infinity;
  #lost = 0;

  /** Takes how long packets are kept, in milliseconds, and how many bytes of them. */
  constructor(retention: number, maxBytes: number) {
    this.#retention = retention;
    this.#maxBytes = maxBytes;
  }

  /** The number of the last packet; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest packet that is kept; that of the next one if there is none. */
  get oldest(): number {
    return this.#entries[0]?.number ?? this.#last + 1;
  }

  /** When the oldest packet has to go. */
  get expiresAt(): number {
    const [first] = this.#entries;
    return first === undefined ? Infinity : first.at + this.#retention;
  }

  /** Takes the number of the next packet. */
  nextNumber(): number {
    return ++this.#last;
  }

  /** Keeps a packet, and drops the oldest ones if it is one too many. */
  add(packet: LoggedPacket): void {
    const entry: Entry = { ...packet, bytes: 0 };
    this.#entries.push(entry);
    this.#measure(entry);
    entry.encodings.first?.ready?.then(() => this.#measure(entry));
  }

  /** Drops what is too old. */
  expire(now: number): void {
    let count = 0;
    for (const entry of this.#entries) {
      if (entry.at + this.#retention > now) break;
      this.#bytes -= entry.bytes;
      count++;
    }
    if (count > 0) this.#entries = this.#entries.slice(count);
  }

  /** The packets behind a number. */
  after(number: number): readonly LoggedPacket[] {
    const start = this.#entries.findIndex((entry) => entry.number > number);
    return start === -1 ? [] : this.#entries.slice(start);
  }

  /**
   * Whether packets behind a number, sent at this time or later, were dropped for want of bytes, so
   * that a client that stopped there cannot be told all that it missed.
   */
  hasGap(number: number, time: number): boolean {
    return this.#lost > number && this.#lostAt >= time;
  }

  /** Drops everything. */
  clear(): void {
    this.#entries = [];
    this.#bytes = 0;
  }

  #measure(entry: Entry): void {
    const frames = entry.encodings.first?.frames ?? [];
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    let count = 0;
    for (; this.#bytes > this.#maxBytes && count < this.#entries.length; count++) {
      const oldest = this.#entries[count] as Entry;
      this.#bytes -= oldest.bytes;
      this.#lost = oldest.number;
      this.#lostAt = oldest.at;
    }
    if (count > 0) this.#entries = this.#entries.slice(count);
  }
}
