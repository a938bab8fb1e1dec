import type { Message, Parser, SendOptions } from "../../parser/mod.ts";
import type { AdapterScope, Recipient, Room, SocketId } from "./adapter.ts";
import type { Encodings } from "./encodings.ts";
import type { RoomIndex } from "./rooms.ts";

// Below this number of members a loop costs no more than a topic.
const MIN_MEMBERS = 3;
// Each one left out costs two calls into the runtime; past this number a loop is as good.
const MAX_EXCLUDED = 16;

// A runtime has one set of topics for all servers that share its port.
let made = 0;

/** The topic of a room: who hears it, less those who have to be sent to one by one. */
interface Topic {
  readonly name: string;
  readonly room: Room | undefined;
  readonly parser: Parser;
  readonly others: Set<SocketId>;
}

/**
 * The fast road of a broadcast to a room, on runtimes that can publish a frame to many connections
 * with one call (Bun). A room gets a topic with its first broadcast; its members are subscribed
 * from then on, and those that cannot be (long polling, another format, catch-all listeners) are
 * sent to one by one. The order against direct sends is kept by the runtime.
 */
export class Topics {
  readonly #scope: AdapterScope;
  readonly #index: RoomIndex;
  readonly #prefix = `sockeye ${++made}`;
  readonly #topics = new Map<Room | undefined, Topic>();

  /** Takes the namespace and its rooms. */
  constructor(scope: AdapterScope, index: RoomIndex) {
    this.#scope = scope;
    this.#index = index;
  }

  /** Notes that a socket joined a room, or the namespace (`undefined`). */
  joined(room: Room | undefined, id: SocketId): void {
    const topic = this.#topics.get(room);
    if (topic !== undefined) this.#subscribe(topic, id);
  }

  /** Notes that a socket left a room, or the namespace (`undefined`). */
  left(room: Room | undefined, id: SocketId, empty: boolean): void {
    const topic = this.#topics.get(room);
    if (topic === undefined) return;
    if (!topic.others.delete(id)) this.#scope.sockets.get(id)?.unsubscribe(topic.name);
    if (empty) this.#topics.delete(room);
  }

  /** Looks anew at how a socket can be reached. */
  refresh(id: SocketId): void {
    const rooms = this.#index.roomsOf(id);
    if (rooms === undefined) return;
    for (const room of [undefined, ...rooms]) {
      const topic = this.#topics.get(room);
      if (topic === undefined) continue;
      this.#scope.sockets.get(id)?.unsubscribe(topic.name);
      this.#subscribe(topic, id);
    }
  }

  /**
   * Sends to a room, or to the whole namespace (`undefined`). Returns `false` if it has done
   * nothing, because a loop over the members is the better way.
   */
  publish(
    room: Room | undefined,
    excluded: ReadonlySet<SocketId>,
    encodings: Encodings,
    options: SendOptions | undefined,
  ): boolean {
    const publish = this.#scope.publish;
    if (publish === undefined || options?.volatile || excluded.size > MAX_EXCLUDED) return false;
    const topic = this.#topics.get(room) ?? this.#open(room);
    if (topic === undefined) return false;
    const message = encodings.for(topic.parser);
    if (message.ready !== undefined) return false;
    this.#publishWithout(topic, excluded, message, options?.compress !== false);
    for (const id of topic.others) {
      if (excluded.has(id)) continue;
      const recipient = this.#scope.sockets.get(id);
      recipient?.deliver(encodings.for(recipient.parser), encodings.packet, options);
    }
    return true;
  }

  #publishWithout(
    topic: Topic,
    excluded: ReadonlySet<SocketId>,
    message: Message,
    compress: boolean,
  ): void {
    const { sockets, publish } = this.#scope;
    const away: Recipient[] = [];
    for (const id of excluded) {
      const recipient = sockets.get(id);
      if (recipient !== undefined && this.#hears(topic, id)) away.push(recipient);
    }
    // Nearly always it is the sender alone, which the runtime can leave out by itself.
    const [only] = away;
    if (away.length === 1 && publish?.(topic.name, message, compress, only?.conn)) return;
    for (const recipient of away) recipient.unsubscribe(topic.name);
    publish?.(topic.name, message, compress);
    for (const recipient of away) {
      if (!recipient.subscribe(topic.name)) topic.others.add(recipient.id);
    }
  }

  /** Whether a socket is subscribed. An excluded one need not be a member at all. */
  #hears({ room, others }: Topic, id: SocketId): boolean {
    return !others.has(id) && (room === undefined || this.#index.isIn(id, room));
  }

  #open(room: Room | undefined): Topic | undefined {
    const members = room === undefined ? this.#index.sids : this.#index.members(room);
    if (members === undefined || members.size < MIN_MEMBERS) return undefined;
    const [first] = members.keys();
    const parser = this.#scope.sockets.get(first ?? "")?.parser;
    if (parser === undefined) return undefined;
    const name = room === undefined ? this.#prefix : `${this.#prefix} ${room}`;
    const topic = { name, room, parser, others: new Set<SocketId>() };
    this.#topics.set(room, topic);
    for (const id of members.keys()) this.#subscribe(topic, id);
    return topic;
  }

  #subscribe(topic: Topic, id: SocketId): void {
    const recipient = this.#scope.sockets.get(id);
    const heard = recipient?.parser === topic.parser && recipient.subscribe(topic.name);
    if (heard) topic.others.delete(id);
    else topic.others.add(id);
  }
}
