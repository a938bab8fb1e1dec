/** The Socket.IO packet types. The text format has two more on the wire, for binary. */
export const PacketType = {
  Connect: 0,
  Disconnect: 1,
  Event: 2,
  Ack: 3,
  ConnectError: 4,
} as const;

/** On the wire, an event or ack with attachments: a type of its own, 3 above the plain one. */
export const BINARY_EVENT = 5;
/** See {@linkcode BINARY_EVENT}. */
export const BINARY_ACK = 6;
/** See {@linkcode BINARY_EVENT}. */
export const BINARY_OFFSET = 3;

/** One of the values of the constant of the same name. */
export type PacketType = typeof PacketType[keyof typeof PacketType];

/** The name of an event, then its arguments. */
export type EventData = readonly [event: string | number, ...args: unknown[]];

/** Asks to join a namespace, or says that it is joined. */
export interface ConnectPacket {
  /** Tells the packets apart. */
  readonly type: typeof PacketType.Connect;
  /** The name of the namespace, with its slash. */
  readonly nsp: string;
  /** From the client its credentials, from the server `{ sid, pid? }`. */
  readonly data?: unknown;
}

/** Leaves a namespace. */
export interface DisconnectPacket {
  /** Tells the packets apart. */
  readonly type: typeof PacketType.Disconnect;
  /** The name of the namespace, with its slash. */
  readonly nsp: string;
}

/** An event, which asks for an acknowledgement if it has an id. */
export interface EventPacket {
  /** Tells the packets apart. */
  readonly type: typeof PacketType.Event;
  /** The name of the namespace, with its slash. */
  readonly nsp: string;
  /** The name and the arguments. */
  readonly data: EventData;
  /** Returned by the acknowledgement. A whole number from 0, or none if nobody waits for one. */
  readonly id?: number | undefined;
}

/** Answers the event of the same id. */
export interface AckPacket {
  /** Tells the packets apart. */
  readonly type: typeof PacketType.Ack;
  /** The name of the namespace, with its slash. */
  readonly nsp: string;
  /** The arguments. */
  readonly data: readonly unknown[];
  /** The id of the event. */
  readonly id: number;
}

/** Refuses to let a client join a namespace. */
export interface ConnectErrorPacket {
  /** Tells the packets apart. */
  readonly type: typeof PacketType.ConnectError;
  /** The name of the namespace, with its slash. */
  readonly nsp: string;
  /** `{ message, data? }`; clients of protocol 3 get a text or any other JSON value. */
  readonly data: unknown;
}

/** A decoded Socket.IO packet. */
export type Packet =
  | ConnectPacket
  | DisconnectPacket
  | EventPacket
  | AckPacket
  | ConnectErrorPacket;

/** Whether a name belongs to the library, so that it may not be emitted nor come from a peer. */
export function isReservedEvent(event: unknown): boolean {
  // Asked for each event that arrives; unlike a Set this need not hash the name.
  switch (event) {
    case "connect":
    case "connect_error":
    case "disconnect":
    case "disconnecting":
    case "newListener":
    case "removeListener":
      return true;
    default:
      return false;
  }
}
