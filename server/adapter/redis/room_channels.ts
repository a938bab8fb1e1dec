import type { Room } from "../mod.ts";

/** How a channel is heard. */
export interface Channels {
  /** Starts to hear a room. Never rejects. */
  subscribe(room: Room): Promise<void>;
  /** Stops. Never rejects. */
  unsubscribe(room: Room): Promise<void>;
}

/** The rooms that are heard by a channel of their own while they have members. */
export class RoomChannels {
  readonly #channels: Channels;
  readonly #pending = new Map<Room, Promise<void>>();
  readonly #rooms = new Set<Room>();
  #closed = false;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  /** A room has its first member. */
  created(room: Room): void {
    if (this.#closed) return;
    this.#rooms.add(room);
    const pending = this.#channels.subscribe(room).then(() => {
      if (this.#pending.get(room) === pending) this.#pending.delete(room);
    });
    this.#pending.set(room, pending);
  }

  /** A room has lost its last one. */
  deleted(room: Room): void {
    if (this.#rooms.delete(room)) this.#channels.unsubscribe(room);
  }

  /** Resolves as soon as these rooms are heard; nothing if they are. */
  settled(rooms: Iterable<Room>): Promise<void> | undefined {
    if (this.#pending.size === 0) return undefined;
    const pending = [...rooms].flatMap((room) => this.#pending.get(room) ?? []);
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => {});
  }

  /** Stops to hear all. */
  async close(): Promise<void> {
    this.#closed = true;
    const rooms = [...this.#rooms];
    this.#rooms.clear();
    await Promise.all(rooms.map((room) => this.#channels.unsubscribe(room)));
  }
}
