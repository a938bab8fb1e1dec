/**
 * Namespaces and sockets, over anything that fits the `Link` port.
 *
 * @module
 */
export { Admission, type Applicant, type Doorkeeper } from "./admission.ts";
export { type Audience, BroadcastOperator, type RemoveLast } from "./broadcast.ts";
export { BroadcastTimeoutError } from "./broadcast_ack.ts";
export { Broadcaster } from "./broadcaster.ts";
export { Connection, type ConnectionContext } from "./connection.ts";
export { Directory, type DirectoryOptions, type NamespaceMatcher } from "./directory.ts";
export { type Ending, endSockets } from "./end_sockets.ts";
export type { Handshake } from "./handshake.ts";
export type { Hook, Next } from "./hook.ts";
export type { Link, LinkHandler, LinkListening, RequestSnapshot } from "./link.ts";
export { Namespace, type NamespaceContext, type NamespaceReservedEvents } from "./namespace.ts";
export { type Sender, SocketOperator } from "./outgoing.ts";
export { ParentNamespace } from "./parent_namespace.ts";
export type {
  Client,
  DisconnectReason,
  ListenerPlace,
  Newcomer,
  PeerEvents,
  SessionRecovery,
  SocketHost,
  SocketNamespace,
  SocketReservedEvents,
  Ticket,
} from "./ports.ts";
export { RemoteSocket, type SingleOperator, type SingleTarget } from "./remote_socket.ts";
export { Socket, type SocketInit } from "./socket.ts";
export { type SocketPlace, SocketSender } from "./socket_sender.ts";
