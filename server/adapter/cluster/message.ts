import type { SocketDetails } from "../mod.ts";

/**
 * What the servers of a cluster tell each other. The numbers are those of npm, with whose servers
 * the cluster may be shared.
 */
export const MessageType = {
  InitialHeartbeat: 1,
  Heartbeat: 2,
  Broadcast: 3,
  SocketsJoin: 4,
  SocketsLeave: 5,
  DisconnectSockets: 6,
  FetchSockets: 7,
  FetchSocketsResponse: 8,
  ServerSideEmit: 9,
  ServerSideEmitResponse: 10,
  BroadcastClientCount: 11,
  BroadcastAck: 12,
  AdapterClose: 13,
} as const;

/** One of the values of the constant of the same name. */
export type MessageType = typeof MessageType[keyof typeof MessageType];

/** A target, as it travels. */
export interface WireTarget {
  /** Whoever is in one of these is meant; everyone, if there is none. */
  readonly rooms: readonly string[];
  /** Whoever is in one of these is left out. */
  readonly except: readonly string[];
  /** The flags of a broadcast. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** An event packet, as it travels. */
export interface WirePacket {
  /** That of an event. */
  readonly type: 2;
  /** The name of the namespace. */
  readonly nsp: string;
  /** The name and the arguments. */
  readonly data: readonly unknown[];
}

/** What each kind of message holds. */
export interface MessageData {
  /** Says that a server is there, and asks the others to say so. */
  readonly [MessageType.InitialHeartbeat]: undefined;
  /** Says that a server is still there. */
  readonly [MessageType.Heartbeat]: undefined;
  /** An event for sockets; with `requestId`, their answers are asked for. */
  readonly [MessageType.Broadcast]: {
    readonly packet: WirePacket;
    readonly opts: WireTarget;
    readonly requestId?: string;
  };
  /** Makes sockets join rooms. */
  readonly [MessageType.SocketsJoin]: {
    readonly opts: WireTarget;
    readonly rooms: readonly string[];
  };
  /** Makes sockets leave rooms. */
  readonly [MessageType.SocketsLeave]: {
    readonly opts: WireTarget;
    readonly rooms: readonly string[];
  };
  /** Ends sockets. */
  readonly [MessageType.DisconnectSockets]: { readonly opts: WireTarget; readonly close: boolean };
  /** Asks which sockets are there. */
  readonly [MessageType.FetchSockets]: { readonly opts: WireTarget; readonly requestId: string };
  /** Answers that. */
  readonly [MessageType.FetchSocketsResponse]: {
    readonly requestId: string;
    readonly sockets: readonly SocketDetails[];
  };
  /** An event for the other servers; with `requestId`, an answer is asked for. */
  readonly [MessageType.ServerSideEmit]: {
    readonly packet: readonly unknown[];
    readonly requestId?: string;
  };
  /** Answers that. */
  readonly [MessageType.ServerSideEmitResponse]: {
    readonly requestId: string;
    readonly packet: unknown;
  };
  /** How many sockets of a server were asked; below 0, how many will not answer any more. */
  readonly [MessageType.BroadcastClientCount]: {
    readonly requestId: string;
    readonly clientCount: number;
  };
  /** The answer of one socket. */
  readonly [MessageType.BroadcastAck]: { readonly requestId: string; readonly packet: unknown };
  /** Says that a server leaves. */
  readonly [MessageType.AdapterClose]: undefined;
}

/** A message of a kind. */
export interface MessageOf<Type extends MessageType> {
  /** Who sent it: the id that an adapter gave itself, or `emitter`. */
  readonly uid: string;
  /** The name of the namespace that it is about. */
  readonly nsp: string;
  /** Tells the messages apart. */
  readonly type: Type;
  /** What it says. */
  readonly data: MessageData[Type];
}

/** What the servers of a cluster tell each other. */
export type ClusterMessage = { readonly [Type in MessageType]: MessageOf<Type> }[MessageType];

/** Whether a message answers a request, and so is for one server only. */
export function isResponse({ type }: { readonly type: MessageType }): boolean {
  return type === MessageType.FetchSocketsResponse ||
    type === MessageType.ServerSideEmitResponse ||
    type === MessageType.BroadcastClientCount ||
    type === MessageType.BroadcastAck;
}

/** The sender of messages that come from no server, but from a program that only emits. */
export const EMITTER_UID = "emitter";
