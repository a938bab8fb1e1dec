import type { Room, SocketId } from "../mod.ts";
import type { ClusterMessage } from "./message.ts";

/** The adapter of a namespace, as its bus knows it. */
export interface Receiver {
  /** The id that it gave itself; no other of the cluster has it. */
  readonly uid: string;
  /** The name of the namespace. */
  readonly nsp: string;
  /** The rooms of the sockets of this server. */
  readonly rooms: ReadonlyMap<Room, ReadonlySet<SocketId>>;
  /** The rooms of each of them. */
  readonly sids: ReadonlyMap<SocketId, ReadonlySet<Room>>;
  /**
   * Takes what a server has sent, read from the wire but not checked. Never throws.
   *
   * @param offset where it is recorded, with a {@linkcode RecordingBus}.
   */
  receive(message: unknown, offset?: string): void;
  /** Told of what went wrong and has no caller. */
  failed(error: unknown): void;
}

/**
 * How the messages of one namespace travel between the servers of a cluster, by a broker for
 * instance.
 *
 * What is published MUST arrive in the order in which `publish` was called, as far as it arrives.
 * A server MAY get its own messages back.
 */
export interface ClusterBus {
  /** Starts to receive. Called once, first; resolves as soon as nothing is missed any more. */
  open(receiver: Receiver): void | Promise<void>;
  /**
   * Sends a message to all other servers.
   *
   * @param binary whether it may hold bytes, which JSON does not carry.
   * @throws {TypeError} if it holds what cannot travel.
   */
  publish(message: ClusterMessage, binary: boolean): void | Promise<unknown>;
  /** Sends an answer to the server of this id; others MAY get it, too. */
  respond(uid: string, message: ClusterMessage, binary: boolean): void | Promise<unknown>;
  /** How many servers receive, this one included, where the broker knows; if not, they count themselves. */
  serverCount?(): Promise<number>;
  /**
   * Whether the server of this id receives, where the broker knows; without it, where servers do not
   * count themselves, one that is gone is noticed only if it had not answered at all.
   */
  hears?(uid: string): Promise<boolean>;
  /** Told that a room has its first member on this server. */
  roomCreated?(room: Room): void;
  /** Told that a room has lost its last member on this server. */
  roomDeleted?(room: Room): void;
  /** Stops to receive. Called once, last, also if `open` was not. */
  close(): void | Promise<void>;
}

/** A message of the record. */
export interface Recorded {
  /** Where it is: a text that no message of another place has, in this namespace or not. */
  readonly offset: string;
  /** The message, read from the wire but not checked. */
  readonly message: unknown;
}

/**
 * A bus that records what is published, so that a client that comes back to another server gets what
 * it missed; and that keeps sessions for all servers.
 *
 * Of what is published it MUST record, each with its offset, all but what is to be answered. Each
 * recorded message MUST reach the receivers of all servers, that of its sender included, in the order
 * of the record.
 */
export interface RecordingBus extends ClusterBus {
  /** Roughly how many messages the record holds. */
  readonly capacity: number;
  /** The offset behind which `receive` was given everything. Read once `open` has resolved. */
  readonly start: string;
  /** Sends a message to all servers. Of what is recorded, resolves to the offset. */
  publish(message: ClusterMessage, binary: boolean): Promise<unknown>;
  /**
   * Whether one offset is another, or behind it.
   *
   * @throws {ClusterError} if one of them is none.
   */
  isReached(offset: string, other: string): boolean;
  /** Resolves as soon as `receive` was given what is at an offset, or it was dropped before. */
  received(offset: string): Promise<void>;
  /**
   * The messages of this namespace behind an offset, oldest first; `undefined` if the record does not
   * reach back so far, or the offset, which comes from a client, is none. MUST NOT resolve before
   * `receive` was given all of them.
   *
   * @param since where the session began of the client: it gets nothing from before that.
   */
  recordedAfter(
    offset: string,
    since: string | undefined,
  ): Promise<readonly Recorded[] | undefined>;
  /**
   * Keeps a session.
   *
   * @param duration for how many milliseconds.
   * @throws {TypeError} if it holds what cannot be kept.
   */
  saveSession(pid: string, session: Readonly<Record<string, unknown>>, duration: number): void;
  /** Hands out a session, to one caller of the cluster; `undefined` if there is none. */
  takeSession(pid: string): Promise<unknown>;
}
