import type { Room, SocketId } from "../mod.ts";
import {
  type ClusterBus,
  type ClusterMessage,
  MessageType,
  type Receiver,
} from "../cluster/mod.ts";
import { unreadable } from "../cluster/error.ts";
import { isObject } from "../cluster/wire.ts";
import type { Payload } from "./client/mod.ts";
import type { Clients } from "./clients.ts";
import { attempted, checkOpen } from "./failures.ts";
import { bytesOfText, decode, type Format, read, startsWith, write } from "./format.ts";
import { Questions } from "./questions.ts";
import { RoomChannels } from "./room_channels.ts";
import { Seen } from "./seen.ts";
import {
  type Fields,
  fromBroadcast,
  fromRequest,
  fromResponse,
  type Query,
  RequestType,
  toRequest,
  toResponse,
} from "./wire.ts";

/** What a {@linkcode ClassicBus} is made with. */
export interface ClassicSettings extends Clients {
  readonly key: string;
  readonly format: Format;
  /** Whether it is MessagePack. */
  readonly isDefaultFormat: boolean;
  readonly onlyAsker: boolean;
  readonly requestsTimeout: number;
}

const GLOB = /[*?[\]\\]/g;
const ARRAY_OF_3 = 0x93;
// Of how many questions an answering server knows at least that it had them.
const REMEMBERED = 5000;

/**
 * Publishes on channels that every server hears: `KEY#NSP#` for broadcasts, with `ROOM#` behind it
 * where there is one room, `KEY-request#NSP#`, and `KEY-response#NSP#` with `UID#` behind it. The
 * messages are those of npm's adapter.
 */
export class ClassicBus implements ClusterBus {
  readonly #settings: ClassicSettings;
  readonly #questions: Questions;
  readonly #rooms: RoomChannels | undefined;
  readonly #seen = new Seen(REMEMBERED);
  readonly #nsp: string;
  readonly #broadcasts: string;
  readonly #requests: string;
  readonly #responses: string;
  readonly #ends: (() => Promise<void> | void)[] = [];
  #receiver: Receiver | undefined;
  // What the own broadcasts begin with, which come back.
  #own: Uint8Array | undefined;

  constructor(settings: ClassicSettings, nsp: string) {
    const { key, sub, requestsTimeout } = settings;
    this.#settings = settings;
    this.#nsp = nsp;
    this.#broadcasts = `${key}#${nsp}#`;
    this.#requests = `${key}-request#${nsp}#`;
    this.#responses = `${key}-response#${nsp}#`;
    this.#questions = new Questions(requestsTimeout);
    if (sub.hasPatterns) return;
    this.#rooms = new RoomChannels({
      subscribe: (room) =>
        sub.subscribe(this.#channelOf(room), this.#broadcast)
          .catch((error) => this.#receiver?.failed(error)),
      unsubscribe: (room) => sub.unsubscribe(this.#channelOf(room), this.#broadcast),
    });
  }

  async open(receiver: Receiver): Promise<void> {
    const { pub, sub, format, isDefaultFormat } = this.#settings;
    this.#receiver = receiver;
    if (isDefaultFormat) {
      const uid = format.encode(receiver.uid);
      const bytes = typeof uid === "string" ? bytesOfText(uid) : uid;
      this.#own = new Uint8Array([ARRAY_OF_3, ...bytes]);
    }
    const failed = (error: Error) => receiver.failed(error);
    this.#ends.push(pub.onError(failed), sub.onError(failed));
    // A client that is connected later hears, too.
    const heard = Promise.all([
      this.#hear(this.#requests, this.#request),
      this.#hear(this.#responses, this.#response),
      this.#hear(`${this.#responses}${receiver.uid}#`, this.#response),
      sub.hasPatterns ? this.#hearAll() : this.#hear(this.#broadcasts, this.#broadcast),
    ]);
    heard.catch(() => {});
    checkOpen(this.#settings);
    await heard;
  }

  publish(message: ClusterMessage, binary: boolean): Promise<void> | void {
    const { format } = this.#settings;
    if (message.type === MessageType.Broadcast && message.data.requestId === undefined) {
      const { packet, opts } = message.data;
      const [room] = opts.rooms;
      const channel = opts.rooms.length === 1 ? this.#channelOf(room as Room) : this.#broadcasts;
      return this.#publish(channel, format.encode([message.uid, packet, opts]), "an event");
    }
    const request = toRequest(message, (requestId) => `${message.uid}.${requestId}`);
    if (request === undefined) return;
    // Servers of npm read both; events are always written so.
    const asBytes = binary || message.type === MessageType.Broadcast;
    const isEvent = message.type === MessageType.Broadcast ||
      message.type === MessageType.ServerSideEmit;
    const payload = write(request, asBytes, format);
    return this.#publish(this.#requests, payload, isEvent ? "an event" : "a request");
  }

  respond(uid: string, message: ClusterMessage, binary: boolean): Promise<void> | void {
    const response = toResponse(message);
    if (response !== undefined) return this.#answer(uid, response, binary);
  }

  serverCount(): Promise<number> {
    const { pub } = this.#settings;
    return attempted(`count the servers of namespace ${this.#nsp}`, pub.numsub(this.#requests));
  }

  async hears(uid: string): Promise<boolean> {
    const channel = `${this.#responses}${uid}#`;
    return await attempted(`look for server ${uid}`, this.#settings.pub.numsub(channel)) > 0;
  }

  roomCreated(room: Room): void {
    this.#rooms?.created(room);
  }

  roomDeleted(room: Room): void {
    this.#rooms?.deleted(room);
  }

  /** Resolves as soon as these rooms are heard; nothing if they are. */
  settled(rooms: Iterable<Room>): Promise<void> | undefined {
    return this.#rooms?.settled(rooms);
  }

  /** The rooms of all servers. */
  async allRooms(): Promise<Set<Room>> {
    const { uid = "", rooms } = this.#receiver ?? {};
    const found = new Set(rooms?.keys());
    const countOthers = async () => await this.serverCount() - 1;
    await this.#questions.ask(countOthers, "allRooms", (requestId) => {
      const request = { uid, requestId: `${uid}.${requestId}`, type: RequestType.AllRooms };
      return this.#publish(this.#requests, JSON.stringify(request), "a question");
    }, (room) => found.add(room));
    return found;
  }

  async close(): Promise<void> {
    this.#questions.close();
    await Promise.all([...this.#ends.map((end) => end()), this.#rooms?.close()]);
  }

  #channelOf(room: Room): string {
    return `${this.#broadcasts}${room}#`;
  }

  #hear(channel: string, listener: (bytes: Uint8Array) => void): Promise<void> {
    const { sub } = this.#settings;
    this.#ends.push(() => sub.unsubscribe(channel, listener));
    return sub.subscribe(channel, listener);
  }

  #hearAll(): Promise<void> {
    const { sub } = this.#settings;
    const pattern = this.#broadcasts.replace(GLOB, "\\$&") + "*";
    this.#ends.push(() => sub.punsubscribe(pattern, this.#broadcast));
    return sub.psubscribe(pattern, this.#broadcast);
  }

  readonly #broadcast = (bytes: Uint8Array, channel: string = this.#broadcasts): void => {
    this.#attempt((receiver) => {
      if (this.#own !== undefined && startsWith(bytes, this.#own)) return;
      const room = channel.slice(this.#broadcasts.length, -1);
      if (room !== "" && !hasRoom(receiver.rooms, room)) return;
      receiver.receive(fromBroadcast(decode(bytes, this.#settings.format)));
    });
  };

  readonly #request = (bytes: Uint8Array): void => {
    this.#attempt((receiver) => {
      const request = fromRequest(read(bytes, this.#settings.format), receiver.nsp);
      if (request.uid === receiver.uid || !this.#isNew(request)) return;
      if ("ask" in request) this.#reply(receiver, request as Query);
      else receiver.receive(request);
    });
  };

  /** Who asks counts answers, which do not say whose they are: each question is answered once. */
  #isNew(request: Query | Fields): boolean {
    const { requestId } = "ask" in request || !isObject(request["data"])
      ? request
      : request["data"];
    return typeof requestId !== "string" || requestId === "" ||
      this.#seen.add(`${request.uid} ${requestId}`);
  }

  readonly #response = (bytes: Uint8Array): void => {
    this.#attempt((receiver) => {
      const response = read(bytes, this.#settings.format);
      if (!isObject(response)) throw unreadable("it has no fields");
      // The answers to all others are heard, too.
      const [uid, requestId] = String(response["requestId"]).split(".", 2);
      if (uid !== receiver.uid || requestId === undefined) return;
      if (this.#questions.answer(requestId, response["rooms"])) return;
      receiver.receive(fromResponse(response, requestId, receiver.nsp));
    });
  };

  #reply(receiver: Receiver, query: Query): void {
    const { rooms, sids } = receiver;
    const { ask, uid, requestId, message } = query;
    if (ask === "move") {
      if (!sids.has(query.sid as SocketId)) return;
      receiver.receive(message);
      return this.#tell(uid, { requestId });
    }
    if (ask === "allRooms") return this.#tell(uid, { requestId, rooms: [...rooms.keys()] });
    const sockets = query.rooms.length === 0
      ? sids.keys()
      : new Set(query.rooms.flatMap((room) => [...rooms.get(room) ?? []]));
    this.#tell(uid, { requestId, sockets: [...sockets] });
  }

  #tell(uid: string, response: Fields): void {
    this.#answer(uid, response, false).catch((error) => this.#receiver?.failed(error));
  }

  #answer(uid: string, response: Fields, binary: boolean): Promise<void> {
    const { format, onlyAsker } = this.#settings;
    const channel = onlyAsker ? `${this.#responses}${uid}#` : this.#responses;
    return this.#publish(channel, write(response, binary, format), "an answer");
  }

  #publish(channel: string, payload: Payload, what: string): Promise<void> {
    const { pub } = this.#settings;
    return attempted(
      `publish ${what} of namespace ${this.#nsp}`,
      pub.publish(channel, payload),
    );
  }

  #attempt(work: (receiver: Receiver) => void): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    try {
      work(receiver);
    } catch (error) {
      receiver.failed(error);
    }
  }
}

/** Programs in plain JavaScript may have numbers. */
function hasRoom(rooms: Receiver["rooms"], name: string): boolean {
  return rooms.has(name) || name.trim() !== "" && rooms.has(Number(name) as unknown as Room);
}
