import type { Room, SocketId, Target } from "./adapter.ts";

// Stands for the set that holds the own id only.
const ALONE = Symbol("in the room of its own id only");

/** The rooms of a socket: a name stands for the set of the own id and that room. */
type Rooms = Set<Room> | Room | typeof ALONE;

const NOBODY: ReadonlySet<SocketId> = new Set();

/**
 * Who is in which room, both ways.
 *
 * Nearly every socket is in the room of its own id, and nearly every such room has no other member.
 * Two sets for each socket would be most of the memory of an idle one, so that this case is implied:
 * a socket in no other room is `ALONE`, one in a single other room has the name of that in place of
 * a set, and the room of an id has no entry in `#rooms` until somebody else joins it.
 */
export class RoomIndex {
  /** The rooms and their members. */
  readonly rooms: ReadonlyMap<Room, ReadonlySet<SocketId>>;
  /** The sockets and their rooms. */
  readonly sids: ReadonlyMap<SocketId, ReadonlySet<Room>>;
  readonly #sids = new Map<SocketId, Rooms>();
  readonly #rooms = new Map<Room, Set<SocketId>>();
  #implied = 0;

  /** Nobody is in any room yet. */
  constructor() {
    this.rooms = new IndexView({
      get: (room) => this.members(room),
      keys: () => this.#roomNames(),
      size: () => this.#rooms.size + this.#implied,
    });
    this.sids = new IndexView({
      get: (id) => this.roomsOf(id),
      keys: () => this.#sids.keys(),
      size: () => this.#sids.size,
    });
  }

  /**
   * Puts a socket into a room. Returns whether it is the first there, or `undefined`, having done
   * nothing, if it was there before.
   */
  add(id: SocketId, room: Room): boolean | undefined {
    const rooms = this.#sids.get(id);
    if (rooms !== undefined && isAmong(room, id, rooms)) return undefined;
    const members = this.#rooms.get(room);
    if (id === room && members === undefined) {
      this.#implied++;
      if (rooms === undefined) this.#sids.set(id, ALONE);
      else this.#open(id, rooms).add(id);
      return true;
    }
    // Programs in plain JavaScript may have numbers: only a text stands for a set.
    if (rooms === ALONE && typeof room === "string") this.#sids.set(id, room);
    else this.#open(id, rooms).add(room);
    return (members ?? this.#openMembers(room)).add(id).size === 1;
  }

  /**
   * Takes a socket out of a room. Returns whether it was the last there, or `undefined`, having done
   * nothing, if it was not there.
   */
  delete(id: SocketId, room: Room): boolean | undefined {
    const rooms = this.#sids.get(id);
    if (rooms === undefined || !isAmong(room, id, rooms)) return undefined;
    this.#open(id, rooms).delete(room);
    return this.#leave(id, room);
  }

  /**
   * Takes a socket out of all rooms and forgets it.
   *
   * @param left told of each room, and whether the socket was the last there.
   */
  deleteAll(id: SocketId, left?: (room: Room, last: boolean) => void): void {
    const rooms = this.#sids.get(id);
    if (rooms === undefined) return;
    this.#sids.delete(id);
    for (const room of expand(id, rooms)) {
      const last = this.#leave(id, room);
      left?.(room, last);
    }
  }

  /** Whether a socket is in the index at all. */
  knows(id: SocketId): boolean {
    return this.#sids.has(id);
  }

  /** Whether a socket is in a room. */
  isIn(id: SocketId, room: Room): boolean {
    const rooms = this.#sids.get(id);
    return rooms !== undefined && isAmong(room, id, rooms);
  }

  /** The rooms of a socket, to be read only. */
  roomsOf(id: SocketId): ReadonlySet<Room> | undefined {
    const rooms = this.#sids.get(id);
    return rooms === undefined ? undefined : expand(id, rooms);
  }

  /** The members of a room, to be read only. */
  members(room: Room): ReadonlySet<SocketId> | undefined {
    return this.#rooms.get(room) ?? (this.isIn(room, room) ? new Set([room]) : undefined);
  }

  /** How many members a room has. */
  count(room: Room): number {
    return this.#rooms.get(room)?.size ?? (this.isIn(room, room) ? 1 : 0);
  }

  /** Whether a target means anybody. */
  reaches(target: Target): boolean {
    const excluded = this.excluded(target);
    const { rooms } = target;
    if (rooms.size === 0) return hasOther(this.#sids.keys(), excluded);
    for (const room of rooms) if (hasOther(this.members(room) ?? NOBODY, excluded)) return true;
    return false;
  }

  /** The sockets of a target, each once. */
  match(target: Target): SocketId[] {
    const ids: SocketId[] = [];
    this.visit(target, (id) => ids.push(id));
    return ids;
  }

  /** Calls `visit` once for each socket of a target. It MUST NOT change who is in a room. */
  visit(target: Target, visit: (id: SocketId) => void): void {
    const excluded = this.excluded(target);
    const { rooms } = target;
    if (rooms.size === 0) {
      for (const id of this.#sids.keys()) if (!excluded.has(id)) visit(id);
    } else if (rooms.size === 1) {
      for (const room of rooms) this.#visitRoom(room, excluded, visit);
    } else {
      const seen = new Set(excluded);
      for (const room of rooms) {
        this.#visitRoom(room, seen, (id) => {
          seen.add(id);
          visit(id);
        });
      }
    }
  }

  /** Who is in an excepted room of a target. */
  excluded({ except }: Target): ReadonlySet<SocketId> {
    if (except === undefined || except.size === 0) return NOBODY;
    const ids = new Set<SocketId>();
    for (const room of except) this.#visitRoom(room, NOBODY, (id) => ids.add(id));
    return ids;
  }

  #visitRoom(
    room: Room,
    without: ReadonlySet<SocketId>,
    visit: (id: SocketId) => void,
  ): void {
    const members = this.#rooms.get(room);
    if (members !== undefined) {
      for (const id of members) if (!without.has(id)) visit(id);
    } else if (!without.has(room) && this.isIn(room, room)) {
      visit(room);
    }
  }

  /** The set of a socket's rooms, made if it was implied. */
  #open(id: SocketId, rooms: Rooms | undefined): Set<Room> {
    if (typeof rooms === "object") return rooms;
    const open = rooms === undefined ? new Set<Room>() : expand(id, rooms);
    this.#sids.set(id, open);
    return open;
  }

  /** The set of a room's members, which were implied. */
  #openMembers(room: Room): Set<SocketId> {
    const implied = this.isIn(room, room);
    if (implied) this.#implied--;
    const open = new Set(implied ? [room] : []);
    this.#rooms.set(room, open);
    return open;
  }

  /** Takes a socket out of the members of a room. Returns whether it was the last. */
  #leave(id: SocketId, room: Room): boolean {
    const members = this.#rooms.get(room);
    if (members === undefined) {
      this.#implied--;
      return true;
    }
    members.delete(id);
    return members.size === 0 && this.#rooms.delete(room);
  }

  *#roomNames(): IterableIterator<Room> {
    yield* this.#rooms.keys();
    for (const id of this.#sids.keys()) {
      if (!this.#rooms.has(id) && this.isIn(id, id)) yield id;
    }
  }
}

function hasOther(ids: Iterable<SocketId>, excluded: ReadonlySet<SocketId>): boolean {
  for (const id of ids) if (!excluded.has(id)) return true;
  return false;
}

function isAmong(room: Room, id: SocketId, rooms: Rooms): boolean {
  return typeof rooms === "object" ? rooms.has(room) : room === id || room === rooms;
}

function expand(id: SocketId, rooms: Rooms): Set<Room> {
  if (typeof rooms === "object") return rooms;
  return new Set(typeof rooms === "string" ? [id, rooms] : [id]);
}

interface Source {
  get(key: string): ReadonlySet<string> | undefined;
  keys(): IterableIterator<string>;
  size(): number;
}

// What the consoles of Node, Deno and Bun ask for what they are to show of an object.
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** One side of the index in the form of a map. */
class IndexView implements ReadonlyMap<string, ReadonlySet<string>> {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  get size(): number {
    return this.#source.size();
  }

  get(key: string): ReadonlySet<string> | undefined {
    return this.#source.get(key);
  }

  has(key: string): boolean {
    return this.#source.get(key) !== undefined;
  }

  keys(): MapIterator<string> {
    return this.#source.keys() as MapIterator<string>;
  }

  *values(): MapIterator<ReadonlySet<string>> {
    for (const [, set] of this) yield set;
  }

  *entries(): MapIterator<[string, ReadonlySet<string>]> {
    for (const key of this.#source.keys()) {
      const set = this.#source.get(key);
      if (set !== undefined) yield [key, set];
    }
  }

  [Symbol.iterator](): MapIterator<[string, ReadonlySet<string>]> {
    return this.entries();
  }

  [INSPECT](): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map(this);
  }

  forEach(
    callback: (
      value: ReadonlySet<string>,
      key: string,
      map: ReadonlyMap<string, ReadonlySet<string>>,
    ) => void,
  ): void {
    for (const [key, set] of this) callback(set, key, this);
  }
}
