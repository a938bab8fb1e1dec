import { Emitter } from "../../events/mod.ts";
import type { EventPacket, SendOptions } from "../../parser/mod.ts";
import type {
  Adapter,
  AdapterEvents,
  AdapterScope,
  BroadcastFlags,
  Recipient,
  Room,
  SocketDetails,
  SocketId,
  Target,
} from "./adapter.ts";
import { Encodings } from "./encodings.ts";
import { RoomIndex } from "./rooms.ts";
import { Topics } from "./topics.ts";

/**
 * The adapter of a single server: everything is in memory, and there is nobody else to tell. The
 * base for adapters that also reach other servers.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { LocalAdapter } from "@sockeye/io/adapter";
 * import { deepEqual } from "node:assert/strict";
 *
 * const sent: unknown[] = [];
 * class AuditedAdapter extends LocalAdapter {
 *   override broadcast(...args: Parameters<LocalAdapter["broadcast"]>) {
 *     const [packet, { rooms }] = args;
 *     sent.push([this.scope.name, packet.data, [...rooms]]);
 *     super.broadcast(...args);
 *   }
 * }
 *
 * const io = new Server({ adapter: AuditedAdapter });
 * io.of("/news").to("sports").emit("score", 2, 1);
 * deepEqual(sent, [["/news", ["score", 2, 1], ["sports"]]]);
 * await io.close();
 * ```
 */
export class LocalAdapter extends Emitter<Record<never, never>, AdapterEvents> implements Adapter {
  /** The namespace that this adapter works for. */
  readonly scope: AdapterScope;
  readonly #index = new RoomIndex();
  readonly #topics: Topics;

  /** Takes the namespace that it is to work for. */
  constructor(scope: AdapterScope) {
    super();
    this.scope = scope;
    this.#topics = new Topics(scope, this.#index);
  }

  /** The members of each room. */
  get rooms(): ReadonlyMap<Room, ReadonlySet<SocketId>> {
    return this.#index.rooms;
  }

  /** The rooms of each socket. */
  get sids(): ReadonlyMap<SocketId, ReadonlySet<Room>> {
    return this.#index.sids;
  }

  /** Says where a listener failed. */
  override listenerFailed(error: unknown, event: string | symbol): void {
    this.scope.listenerFailed(error, event);
  }

  /** Has nothing to prepare. */
  init(): void {}

  /** Has nothing to release. */
  close(): void {}

  /** Always 1. */
  serverCount(): Promise<number> {
    return Promise.resolve(1);
  }

  /** Puts a socket into rooms. */
  addAll(id: SocketId, rooms: ReadonlySet<Room>): void {
    const isNew = !this.#index.knows(id);
    rooms.forEach((room) => {
      const first = this.#index.add(id, room);
      if (first !== undefined) this.#joined(room, id, first);
    });
    if (isNew) this.#topics.joined(undefined, id);
  }

  /** Takes a socket out of a room. */
  del(id: SocketId, room: Room): void {
    const last = this.#index.delete(id, room);
    if (last !== undefined) this.#left(room, id, last);
  }

  /** Takes a socket out of all its rooms. */
  delAll(id: SocketId): void {
    this.#index.deleteAll(id, (room, last) => this.#left(room, id, last));
    this.#topics.left(undefined, id, this.#index.sids.size === 0);
  }

  /** Looks anew at how a socket can be reached. */
  refresh(id: SocketId): void {
    this.#topics.refresh(id);
  }

  /** Sends an event to the sockets of a target. */
  broadcast(packet: EventPacket, target: Target): void {
    this.send(new Encodings(packet), target);
  }

  /** Sends an event to the sockets of a target, encoding it where it is not yet. */
  send(encodings: Encodings, target: Target): void {
    const options = sendOptions(target.flags);
    if (target.rooms.size < 2 && this.#publish(target, encodings, options)) return;
    const { sockets } = this.scope;
    this.#index.visit(target, (id) => {
      const recipient = sockets.get(id);
      recipient?.deliver(encodings.for(recipient.parser), encodings.packet, options);
    });
  }

  /** Sends an event to the sockets of a target and hands over each answer. */
  broadcastWithAck(
    packet: EventPacket,
    target: Target,
    clientCount: (count: number) => void,
    ack: (response: readonly unknown[]) => void,
  ): () => void {
    const id = this.scope.nextAckId();
    const encodings = new Encodings({ ...packet, id });
    const options = sendOptions(target.flags);
    const recipients = this.#index.match(target).flatMap((id) => this.scope.sockets.get(id) ?? []);
    const gone = () => clientCount(-1);
    clientCount(recipients.length);
    for (const recipient of recipients) {
      const message = encodings.for(recipient.parser);
      recipient.awaitAck(id, ack, gone);
      recipient.deliver(message, encodings.packet, options);
    }
    return () => {
      for (const recipient of recipients) recipient.forgetAck(id);
    };
  }

  /** The ids of the sockets in any of these rooms. */
  sockets(rooms: ReadonlySet<Room>): Promise<Set<SocketId>> {
    return Promise.resolve(new Set(this.#index.match({ rooms })));
  }

  /** The rooms of a socket. */
  socketRooms(id: SocketId): Set<Room> | undefined {
    const rooms = this.#index.roomsOf(id);
    return rooms === undefined ? undefined : new Set(rooms);
  }

  /** The sockets of a target. */
  fetchSockets(target: Target): Promise<SocketDetails[]> {
    return Promise.resolve(this.matching(target));
  }

  /** Makes the sockets of a target join rooms. */
  addSockets(target: Target, rooms: readonly Room[]): void {
    const set = new Set(rooms);
    for (const id of this.#index.match(target)) this.addAll(id, set);
  }

  /** Makes the sockets of a target leave rooms. */
  delSockets(target: Target, rooms: readonly Room[]): void {
    for (const id of this.#index.match(target)) {
      for (const room of rooms) this.del(id, room);
    }
  }

  /** Ends the sockets of a target. */
  disconnectSockets(target: Target, close: boolean): void {
    for (const recipient of this.matching(target)) recipient.disconnect(close);
  }

  /** There is no other server: warns, and answers with an empty list. */
  serverSideEmit(args: readonly unknown[]): void {
    console.warn(
      "serverSideEmit() reaches nobody: the in-memory adapter does not know other servers",
    );
    const ack = args.at(-1);
    if (typeof ack === "function") ack(null, []);
  }

  /** Whether a target means any socket of this server. */
  reaches(target: Target): boolean {
    return this.#index.reaches(target);
  }

  /** The sockets of this server that a target means. */
  matching(target: Target): Recipient[] {
    return this.#index.match(target).flatMap((id) => this.scope.sockets.get(id) ?? []);
  }

  /** Told that a room has its first member. */
  protected roomCreated(_room: Room): void {}

  /** Told that a room has lost its last member. */
  protected roomDeleted(_room: Room): void {}

  #joined(room: Room, id: SocketId, created: boolean): void {
    if (typeof room === "string") this.#topics.joined(room, id);
    if (created) {
      this.roomCreated(room);
      this.dispatch("create-room", [room]);
    }
    this.dispatch("join-room", [room, id]);
  }

  #left(room: Room, id: SocketId, deleted: boolean): void {
    if (typeof room === "string") this.#topics.left(room, id, deleted);
    this.dispatch("leave-room", [room, id]);
    if (!deleted) return;
    this.roomDeleted(room);
    this.dispatch("delete-room", [room]);
  }

  #publish(target: Target, encodings: Encodings, options: SendOptions | undefined): boolean {
    if (this.scope.publish === undefined) return false;
    const [room] = target.rooms;
    // Only a text has a topic: `undefined` must not stand for everybody, nor 42 for "42".
    if (target.rooms.size > 0 && typeof room !== "string") return false;
    return this.#topics.publish(room, this.#index.excluded(target), encodings, options);
  }
}

/** What of the flags of a broadcast concerns those who send it. */
export function sendOptions(flags: BroadcastFlags | undefined): SendOptions | undefined {
  if (flags === undefined) return undefined;
  const { volatile, compress } = flags;
  if (volatile === undefined && compress === undefined) return undefined;
  return { volatile: volatile === true, compress: compress !== false };
}
