import type {
  AckResult,
  AnyListener,
  EventNames,
  EventNamesWithAck,
  EventParams,
  EventsMap,
  ServerSideParams,
} from "../../events/mod.ts";
import type { Message, Packet, Parser, SendOptions } from "../../parser/mod.ts";
import type { Adapter, Recipient, Session, SocketId } from "../adapter/mod.ts";
import type { RemoveLast } from "./broadcast.ts";
import type { Broadcaster } from "./broadcaster.ts";
import type { CloseDetails, CloseReason } from "../../parser/engine/mod.ts";
import type { Next } from "./hook.ts";
import type { Link } from "./link.ts";

/** Why a socket left its namespace, in the words of the reference implementation. */
export type DisconnectReason =
  | CloseReason
  | "forced server close"
  | "client namespace disconnect"
  | "server namespace disconnect";

/** The events that every socket has besides those of the user. */
export type SocketReservedEvents = {
  /** The socket is about to end; it is still in its rooms. */
  disconnecting: (reason: DisconnectReason, details?: CloseDetails) => void;
  /** The socket has ended, and is in no room any more. */
  disconnect: (reason: DisconnectReason, details?: CloseDetails) => void;
  /** A middleware refused an event; or the client sent what is no packet, and the socket will end. */
  error: (error: Error) => void;
};

/** A socket that has just been let in. */
export interface Newcomer {
  /** Tells the listeners of the namespace. */
  announce(): void;
  /** Has the adapter look anew at how the socket can be reached. */
  refresh(): void;
}

/** A connection as its sockets see it; `socket.client` for the user. */
export interface Client {
  /** The id of the low-level connection. */
  readonly id: string;
  /** The low-level connection. */
  readonly conn: Link;
  /** The format that the peer speaks. */
  readonly parser: Parser;
  /** Encodes and sends a packet. */
  sendPacket(packet: Packet): void;
  /** Sends a message. */
  send(message: Message, options?: SendOptions): void;
  /** Lets what is published to a topic reach the connection; `false` where it cannot. */
  subscribe(topic: string): boolean;
  /**
   * Announces a new socket. What the listeners send leaves in a turn of its own, as with the
   * reference: there are clients that begin to listen when they have read the answer to CONNECT,
   * and miss what came in the same chunk. The socket is refreshed when all goes its normal way again.
   */
  greet(newcomer: Newcomer): void;
  /**
   * Notes that so many more bytes are kept of what the client sent, or, below 0, fewer. Ends the
   * connection if that is too much.
   */
  hold(bytes: number): void;
  /** Forgets a socket that has left; `asked` if the peer does not know of it yet. */
  forget(namespace: string, asked: boolean): void;
  /** Ends all sockets of the connection as if each were disconnected, then the connection. */
  disconnect(): void;
}

/** The events that every namespace has besides those that other servers send. */
export type PeerEvents<Peer> = {
  /** A client has joined. */
  connect: (socket: Peer) => void;
  /** A client has joined. */
  connection: (socket: Peer) => void;
  /** A session kept for recovery was not taken up in time, had to make room, or was ended. */
  session_expired: (session: Session) => void;
};

/** A namespace as its sockets, each a `Peer`, show it to the user. */
export interface SocketNamespace<
  EmitEvents extends EventsMap,
  ServerSideEvents extends EventsMap,
  SocketData,
  Peer,
> extends Broadcaster<ServerSideEvents, EmitEvents, PeerEvents<Peer>, SocketData> {
  /** The name, such as `/chat`. */
  readonly name: string;
  /** See `Namespace.server`. */
  readonly server: unknown;
  /** Who knows the rooms. */
  readonly adapter: Adapter;
  /** The sockets, by id. */
  readonly sockets: ReadonlyMap<SocketId, Peer>;
  /** See `Namespace.use`. */
  use(middleware: (socket: Peer, next: Next) => unknown): this;
  /** See `Namespace.serverSideEmit`. */
  serverSideEmit<Event extends EventNames<ServerSideEvents>>(
    event: Event,
    ...args: ServerSideParams<ServerSideEvents, Event>
  ): boolean;
  /** See `Namespace.serverSideEmitWithAck`. */
  serverSideEmitWithAck<Event extends EventNamesWithAck<ServerSideEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<ServerSideEvents, Event>>
  ): Promise<AckResult<ServerSideEvents, Event>[]>;
}

/** With what a client can take up its session again. */
export interface Ticket {
  /** The private id. */
  readonly pid: string;
  /** The credentials that were given for it. */
  readonly auth: unknown;
  /** Whether the client came with it. */
  readonly recovered: boolean;
}

/** How clients may take up their sessions again. */
export interface SessionRecovery {
  /** Whether the middlewares are skipped for those who come with the same credentials. */
  readonly skipMiddlewares: boolean;
  /** Milliseconds that a session is kept. */
  readonly maxDisconnectionDuration: number;
}

/** A namespace as its sockets use it. */
export interface SocketHost {
  /** The name. */
  readonly name: string;
  /** Who knows the rooms. */
  readonly adapter: Adapter;
  /** An id for an event with acknowledgement. */
  nextAckId(): number;
  /** Tells the listeners of a socket that has been let in. */
  announce(socket: Recipient): void;
  /** Forgets a socket that has left, or was not let in. */
  release(id: SocketId, pid: string | undefined): void;
  /** Calls the acknowledgement of a broadcast; what it throws is reported. */
  acknowledge(ack: AnyListener, args: readonly unknown[], event: string | symbol): void;
  /** Reports what a listener of a socket threw. */
  reportError(error: unknown, event: string, id: SocketId): void;
}

/** Where a listener was called that failed. */
export interface ListenerPlace {
  /** The event. */
  readonly event: string;
  /** The namespace. */
  readonly namespace: string;
  /** The id of the socket, where it was a listener of one. */
  readonly socket?: string;
}
