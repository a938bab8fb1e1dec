import {
  type CloseDetails,
  type CloseReason,
  type Frame,
  Message,
  type PacketType,
} from "../../parser/engine/mod.ts";

/** The ways in which an Engine.IO connection can be carried. */
export type TransportName = "polling" | "websocket" | "webtransport";

/** A message in a queue, and how it is to travel. */
export interface Queued {
  /** The message. */
  readonly message: Message;
  /** Whether it may be compressed. */
  readonly compress: boolean;
  /** Called once the message was handed to the transport. */
  readonly sent: (() => void) | undefined;
}

/** Told what happens on a {@linkcode Transport}. A session is one. */
export interface TransportHandler {
  /** The transport can carry packets from now on. */
  opened(): void;
  /** One packet of the peer. */
  packet(type: PacketType, data: Frame): void;
  /** The transport can take messages again. */
  ready(): void;
  /** The transport took these messages out of the queue. */
  flushed(messages: readonly Queued[]): void;
  /** The transport ended, or did something that ends it. MAY be called more than once. */
  ended(reason: CloseReason, details?: CloseDetails): void;
}

/** What carries a session: one pair of polling requests at a time, one WebSocket, or one stream. */
export interface Transport {
  /** Which one it is. */
  readonly name: TransportName;
  /** Who is told what happens: the session, which takes the place of {@linkcode NOBODY}. */
  handler: TransportHandler;
  /** Whether a message given now leaves at once. */
  readonly writable: boolean;
  /** Sends a message past the queue. Returns `false`, having done nothing, if it cannot. */
  send(message: Message, compress: boolean): boolean;
  /** Takes as much from the front of the queue as can be sent, now or at the end of this turn. */
  flush(queue: Queued[]): void;
  /** Sends at once what it has gathered for the end of this turn. */
  hurry(): void;
  /** Says goodbye to the peer, then calls `done`: at once, or with its next request. */
  finish(done: () => void): void;
  /** Lets go of everything. The handler is told nothing from now on. */
  discard(): void;
  /** Whether what is published to a topic may reach the peer, or could until a moment ago. */
  readonly subscribed?: boolean;
  /** Lets what is published to a topic reach the peer; `false` where that cannot be. */
  subscribe(topic: string): boolean;
  /** Ends `subscribe`. */
  unsubscribe(topic: string): void;
}

/** An upgrade that is under way. */
export interface PendingUpgrade {
  /** Gives up. */
  abort(): void;
}

/** How many messages at the front of a queue can be sent: those that are not still being read. */
export function readyCount(queue: readonly Queued[]): number {
  const waiting = queue.findIndex(({ message }) => message.ready !== undefined);
  return waiting === -1 ? queue.length : waiting;
}

/** The packet that says goodbye. */
export const CLOSE: Queued = queued(new Message(["1"]));
/** The packet that says nothing, for a poll that is to end. */
export const NOOP: Queued = queued(new Message(["6"]));

/** A message of the engine's own: it is not compressed, and nobody asks when it leaves. */
export function queued(message: Message): Queued {
  return { message, compress: false, sent: undefined };
}

/** The handler of a transport that nobody owns any more. */
export const NOBODY: TransportHandler = {
  opened() {},
  packet() {},
  ready() {},
  flushed() {},
  ended() {},
};
