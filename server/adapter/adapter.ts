import type { Emitter } from "../../events/mod.ts";
import type { EventPacket, Message, Parser, SendOptions } from "../../parser/mod.ts";

/** The id of a socket. */
export type SocketId = string;

/** The name of a room. Each socket is in a room named by its own id, unless it left that. */
export type Room = string;

/** How a broadcast is to be made. */
export interface BroadcastFlags {
  /** Drop it for those who cannot take it right now. */
  readonly volatile?: boolean;
  /** Whether transports that can compress may do so; they may by default. */
  readonly compress?: boolean;
  /** Do not pass it to the other servers of a cluster. */
  readonly local?: boolean;
  /** Set on what a socket sends to everyone but itself. */
  readonly broadcast?: boolean;
  /** Milliseconds that answers are awaited. */
  readonly timeout?: number;
  /** One answer is expected, not a list: the target is one socket. */
  readonly expectSingleResponse?: boolean;
}

/** Who is meant: the members of any of the rooms, less the members of any excepted room. */
export interface Target {
  /** Empty means everyone in the namespace. */
  readonly rooms: ReadonlySet<Room>;
  /** Whoever is in one of these is left out. */
  readonly except?: ReadonlySet<Room>;
  /** How, for a broadcast. */
  readonly flags?: BroadcastFlags;
}

/** What can be told of a socket on another server. */
export interface SocketDetails {
  /** The id of the socket. */
  readonly id: SocketId;
  /** The details of the handshake. */
  readonly handshake: unknown;
  /** The rooms that it is in. */
  readonly rooms: Iterable<Room>;
  /** The data that the program attached. */
  readonly data: unknown;
}

/** What an adapter knows of a socket of this server. */
export interface Recipient extends SocketDetails {
  /** Its connection, as {@linkcode AdapterScope.publish} knows it. */
  readonly conn: unknown;
  /** The format that its connection speaks. */
  readonly parser: Parser;
  /** Sends it an encoded packet; the packet itself is for its catch-all listeners. */
  deliver(message: Message, packet: EventPacket, options: SendOptions | undefined): void;
  /**
   * Has `answered` called with the answer to the event of this id, or `gone` if there can be none
   * any more; one of them, once.
   */
  awaitAck(id: number, answered: (response: readonly unknown[]) => void, gone: () => void): void;
  /** Awaits no answer to this id any more. */
  forgetAck(id: number): void;
  /** Ends it, and its connection too if `close` is set. */
  disconnect(close: boolean): void;
  /** Lets it hear a topic, if that is possible now and nothing has to see its packets. */
  subscribe(topic: string): boolean;
  /** Ends {@linkcode Recipient.subscribe}. */
  unsubscribe(topic: string): void;
}

/** The events of an adapter. */
export type AdapterEvents = {
  /** A room got its first member. */
  "create-room": (room: Room) => void;
  /** A room lost its last member. */
  "delete-room": (room: Room) => void;
  /** A socket joined a room. */
  "join-room": (room: Room, id: SocketId) => void;
  /** A socket left a room. */
  "leave-room": (room: Room, id: SocketId) => void;
  /** Something failed that no caller can be told. */
  error: (error: Error) => void;
};

/**
 * Sends a message to all links that subscribed to a topic, but for the link `except` if one is
 * given. Returns `false`, having done nothing, if that one cannot be left out.
 */
export type Publish = (
  topic: string,
  message: Message,
  compress: boolean,
  except?: unknown,
) => boolean;

/** What an adapter needs from the namespace that it works for. */
export interface AdapterScope {
  /** The name of the namespace. */
  readonly name: string;
  /** The sockets of this server, by id. */
  readonly sockets: ReadonlyMap<SocketId, Recipient>;
  /** An id for an event with acknowledgement, unlike that of any other of the namespace. */
  nextAckId(): number;
  /**
   * Sends a frame to all links that subscribed to a topic, where the runtime has a way that is
   * cheaper than one send for each.
   */
  readonly publish: Publish | undefined;
  /** Set where clients may come back to their session; see the option `connectionStateRecovery`. */
  readonly recovery?: {
    /** Milliseconds that a session is to be kept. */
    readonly maxDisconnectionDuration: number;
  } | undefined;
  /** Hands over an event of another server: its name, its arguments, and a function as last one. */
  serverSideEvent(args: readonly unknown[]): void;
  /** Says that a session kept for recovery has come to its end. */
  sessionExpired(session: Session): void;
  /** Says that a listener of the adapter has failed. */
  listenerFailed(error: unknown, event: string | symbol): void;
}

/** What is kept of a socket that lost its connection. */
export interface Session {
  /** The id of the socket. */
  readonly sid: SocketId;
  /** The private id by which the client takes it up again. */
  readonly pid: string;
  /** The rooms that it was in. */
  readonly rooms: readonly Room[];
  /** The data that the program attached. */
  readonly data: unknown;
  /** The credentials that it came with, so that others do not pass for them. */
  readonly auth?: unknown;
}

/** An event that was sent, to be sent again as it was. */
export interface MissedPacket {
  /** The event in the format of a parser. */
  for(parser: Parser): Message;
}

/**
 * A session that is taken up again. Until its socket has joined a room, what happens to the session
 * shows here: rooms, missed events and end are to be read when they are needed.
 */
export interface RestoredSession extends Session {
  /** Whether it was ended after it was asked for. */
  readonly ended?: boolean;
  /** The events that the client missed, oldest first. */
  readonly missedPackets: readonly MissedPacket[];
}

/**
 * Knows who is in which room, and reaches them, on this server and on others. One is made for each
 * namespace.
 *
 * `addAll`, `del` and `delAll` MUST have taken effect for this server when they return. `broadcast`
 * MUST keep the order in which it is called, for each recipient.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { deepEqual } from "node:assert/strict";
 *
 * const io = new Server();
 * const { adapter } = io.of("/chat");
 * const log: string[] = [];
 * adapter.on("create-room", (room) => log.push(`create ${room}`));
 * adapter.on("join-room", (room, id) => log.push(`${id} joins ${room}`));
 * adapter.addAll("an id", new Set(["lobby"])); // what socket.join() does
 * deepEqual(log, ["create lobby", "an id joins lobby"]);
 * deepEqual([...adapter.rooms], [["lobby", new Set(["an id"])]]);
 * deepEqual([...adapter.sids], [["an id", new Set(["lobby"])]]);
 * await io.close();
 * ```
 */
export interface Adapter
  extends Pick<Emitter<Record<never, never>, AdapterEvents>, "on" | "once" | "off"> {
  /** The members of each room. To be read only. */
  readonly rooms: ReadonlyMap<Room, ReadonlySet<SocketId>>;
  /** The rooms of each socket. To be read only. */
  readonly sids: ReadonlyMap<SocketId, ReadonlySet<Room>>;
  /** Called once, before the namespace is used. */
  init(): void | Promise<void>;
  /** Called once, when the namespace is closed. */
  close(): void | Promise<void>;
  /** How many servers share this namespace, this one included. */
  serverCount(): number | Promise<number>;
  /** Puts a socket into rooms. */
  addAll(id: SocketId, rooms: ReadonlySet<Room>): void | Promise<void>;
  /** Takes a socket out of a room. */
  del(id: SocketId, room: Room): void | Promise<void>;
  /** Takes a socket out of all its rooms. */
  delAll(id: SocketId): void | Promise<void>;
  /** Sends an event to a target. */
  broadcast(packet: EventPacket, target: Target): void;
  /**
   * Sends an event to a target and hands over each answer.
   *
   * @param clientCount told how many sockets were asked, once for each server, and -1 for each of
   * them that went without an answer; with a timeout, that may be left out.
   * @param ack told each answer.
   * @returns a function that stops waiting for answers.
   */
  broadcastWithAck(
    packet: EventPacket,
    target: Target,
    clientCount: (count: number) => void,
    ack: (response: readonly unknown[]) => void,
  ): () => void;
  /** The ids of the sockets in any of these rooms; in the whole namespace if there is none. */
  sockets(rooms: ReadonlySet<Room>): Promise<Set<SocketId>>;
  /** The rooms of a socket of this server. */
  socketRooms(id: SocketId): Set<Room> | undefined;
  /** The sockets of a target. */
  fetchSockets(target: Target): Promise<SocketDetails[]>;
  /** Makes the sockets of a target join rooms. */
  addSockets(target: Target, rooms: readonly Room[]): void;
  /** Makes the sockets of a target leave rooms. */
  delSockets(target: Target, rooms: readonly Room[]): void;
  /** Ends the sockets of a target. */
  disconnectSockets(target: Target, close: boolean): void;
  /** Sends an event to the other servers. A function as last argument takes `(error, answers)`. */
  serverSideEmit(args: readonly unknown[]): void;
  /** Called when the way in which a socket can be reached has changed. */
  refresh?(id: SocketId): void;
  /** Sends an event to one socket so that it is not lost if the connection is. */
  sendRecoverable?(recipient: Recipient, packet: EventPacket, options?: SendOptions): void;
  /**
   * Has a function called that sends a socket something, as soon as all that this server has sent
   * before is on its way: at once, where nothing is waiting.
   */
  sendInTurn?(id: SocketId, send: () => void): void;
  /** Sends a socket now what would wait: it is about to be disconnected. */
  flush?(id: SocketId): void;
  /**
   * Called when the server is about to end, while its sockets are still there. The promise resolves
   * when what was sent before is on its way to them, soon in any case; there is none if nothing waits.
   */
  drain?(): Promise<void> | undefined;
  /** Whether sessions are kept for clients that may come back. */
  readonly keepsSessions?: boolean;
  /** Keeps a session for recovery; `parser` is the format that its client speaks. */
  persistSession?(session: Session, parser: Parser): void;
  /** Takes up a session, once. `undefined` if it is unknown or cannot be completed any more. */
  restoreSession?(
    pid: string,
    offset: string | undefined,
  ): RestoredSession | undefined | Promise<RestoredSession | undefined>;
}

/** Makes the adapter of a namespace. */
export type AdapterFactory = (scope: AdapterScope) => Adapter;

/** A class whose instances are adapters. */
export type AdapterClass = new (scope: AdapterScope) => Adapter;
