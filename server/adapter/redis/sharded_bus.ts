import {
  type ClusterBus,
  type ClusterMessage,
  MessageType,
  type Receiver,
} from "../cluster/mod.ts";
import type { Room } from "../mod.ts";
import type { Clients } from "./clients.ts";
import { attempted, checkOpen } from "./failures.ts";
import { bytesOfText, type Format, read, startsWith, write } from "./format.ts";
import type { SubscriptionMode } from "./options.ts";
import { RoomChannels } from "./room_channels.ts";

/** What a {@linkcode ShardedBus} is made with. */
export interface ShardedSettings extends Clients {
  readonly channelPrefix: string;
  readonly mode: SubscriptionMode;
  readonly format: Format;
}

// That of the ids of sockets, here and in npm's servers, whose rule it is that they are told by it.
const ID_LENGTH = 20;

/**
 * Publishes on channels of shards: `PREFIX#NSP#`, which every server hears, with `UID#` behind it
 * for answers, and with `ROOM#` behind it for rooms that only servers with members hear. The messages
 * are those of a cluster, as JSON or, where they hold bytes, as MessagePack.
 */
export class ShardedBus implements ClusterBus {
  readonly #settings: ShardedSettings;
  readonly #nsp: string;
  readonly #channel: string;
  readonly #rooms: RoomChannels;
  readonly #ends: (() => Promise<void> | void)[] = [];
  #receiver: Receiver | undefined;
  // What the own messages begin with, which come back.
  #own: Uint8Array = new Uint8Array();

  constructor(settings: ShardedSettings, nsp: string) {
    const { sub, channelPrefix } = settings;
    this.#settings = settings;
    this.#nsp = nsp;
    this.#channel = `${channelPrefix}#${nsp}#`;
    this.#rooms = new RoomChannels({
      subscribe: (room) =>
        sub.ssubscribe(this.#channelOf(room), this.#receive)
          .catch((error) => this.#receiver?.failed(error)),
      unsubscribe: (room) => sub.sunsubscribe(this.#channelOf(room), this.#receive),
    });
  }

  async open(receiver: Receiver): Promise<void> {
    const { pub, sub } = this.#settings;
    this.#receiver = receiver;
    this.#own = bytesOfText(`{"uid":${JSON.stringify(receiver.uid)},`);
    const failed = (error: Error) => receiver.failed(error);
    this.#ends.push(pub.onError(failed), sub.onError(failed));
    const channels = [this.#channel, this.#channelOf(receiver.uid)];
    for (const channel of channels) {
      this.#ends.push(() => sub.sunsubscribe(channel, this.#receive));
    }
    // A client that is connected later hears, too.
    const heard = Promise.all(channels.map((channel) => sub.ssubscribe(channel, this.#receive)));
    heard.catch(() => {});
    checkOpen(this.#settings);
    await heard;
  }

  publish(message: ClusterMessage, binary: boolean): Promise<void> {
    const { type } = message;
    const isEvent = type === MessageType.Broadcast || type === MessageType.ServerSideEmit;
    const what = isEvent ? "an event" : "a request";
    return this.#publish(this.#channelFor(message), message, binary, what);
  }

  respond(uid: string, message: ClusterMessage, binary: boolean): Promise<void> {
    return this.#publish(this.#channelOf(uid), message, binary, "an answer");
  }

  serverCount(): Promise<number> {
    const { pub } = this.#settings;
    return attempted(`count the servers of namespace ${this.#nsp}`, pub.shardnumsub(this.#channel));
  }

  async hears(uid: string): Promise<boolean> {
    const channel = this.#channelOf(uid);
    return await attempted(`look for server ${uid}`, this.#settings.pub.shardnumsub(channel)) > 0;
  }

  roomCreated(room: Room): void {
    if (this.#hasChannel(room)) this.#rooms.created(room);
  }

  roomDeleted(room: Room): void {
    this.#rooms.deleted(room);
  }

  /** Resolves as soon as these rooms are heard; nothing if they are. */
  settled(rooms: Iterable<Room>): Promise<void> | undefined {
    return this.#rooms.settled(rooms);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ends.map((end) => end()), this.#rooms.close()]);
  }

  #publish(
    channel: string,
    message: ClusterMessage,
    binary: boolean,
    what: string,
  ): Promise<void> {
    const { pub, format } = this.#settings;
    const sent = pub.spublish(channel, write(message, binary, format));
    return attempted(`publish ${what} of namespace ${this.#nsp}`, sent);
  }

  /** Answers are counted by all servers, so all have to be asked for them. */
  #channelFor({ type, data }: ClusterMessage): string {
    if (type !== MessageType.Broadcast || data.requestId !== undefined) return this.#channel;
    const [room, ...more] = data.opts.rooms;
    return room !== undefined && more.length === 0 && this.#hasChannel(room)
      ? this.#channelOf(room)
      : this.#channel;
  }

  #hasChannel(room: Room): boolean {
    const { mode } = this.#settings;
    // A number, which programs in plain JavaScript may have, has no length.
    return mode === "dynamic-private" || mode === "dynamic" && room.length !== ID_LENGTH;
  }

  #channelOf(name: string): string {
    return `${this.#channel}${name}#`;
  }

  readonly #receive = (bytes: Uint8Array): void => {
    const receiver = this.#receiver;
    if (receiver === undefined || startsWith(bytes, this.#own)) return;
    try {
      receiver.receive(read(bytes, this.#settings.format));
    } catch (error) {
      receiver.failed(error);
    }
  };
}
