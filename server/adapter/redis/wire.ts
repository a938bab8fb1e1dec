import { type ClusterMessage, EMITTER_UID, type MessageData, MessageType } from "../cluster/mod.ts";
import { unreadable } from "../cluster/error.ts";
import { isObject } from "../cluster/wire.ts";
import { PacketType } from "../../../parser/mod.ts";

/** What servers ask each other by npm's adapter. */
export const RequestType = {
  Sockets: 0,
  AllRooms: 1,
  RemoteJoin: 2,
  RemoteLeave: 3,
  RemoteDisconnect: 4,
  RemoteFetch: 5,
  ServerSideEmit: 6,
  Broadcast: 7,
  BroadcastClientCount: 8,
  BroadcastAck: 9,
} as const;

/** Packets of this type are events with bytes, for emitters in other languages. */
const BINARY_EVENT = 5;

/** What has fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a server asks of the others in a way that the messages of a cluster do not have. */
export interface Query {
  readonly ask: "sockets" | "allRooms" | "move";
  readonly uid: string;
  readonly requestId: unknown;
  /** For `sockets`. */
  readonly rooms: readonly string[];
  /** For `move`: what is to be obeyed if the socket is here. */
  readonly sid?: unknown;
  readonly message?: unknown;
}

/**
 * A message as a request of npm's adapter; `undefined` if it has none.
 *
 * @param tag makes an id of a request one that only this server has.
 */
export function toRequest(
  { uid, type, data }: ClusterMessage,
  tag: (requestId: string) => string,
): Fields | undefined {
  switch (type) {
    case MessageType.SocketsJoin:
      return { uid, type: RequestType.RemoteJoin, opts: data.opts, rooms: data.rooms };
    case MessageType.SocketsLeave:
      return { uid, type: RequestType.RemoteLeave, opts: data.opts, rooms: data.rooms };
    case MessageType.DisconnectSockets:
      return { uid, type: RequestType.RemoteDisconnect, opts: data.opts, close: data.close };
    case MessageType.FetchSockets: {
      const requestId = tag(data.requestId);
      return { uid, requestId, type: RequestType.RemoteFetch, opts: data.opts };
    }
    case MessageType.ServerSideEmit: {
      const asked = data.requestId === undefined ? {} : { requestId: tag(data.requestId) };
      return { uid, ...asked, type: RequestType.ServerSideEmit, data: data.packet };
    }
    case MessageType.Broadcast: {
      const { packet, opts, requestId = "" } = data;
      return { uid, requestId: tag(requestId), type: RequestType.Broadcast, packet, opts };
    }
    default:
      return undefined;
  }
}

/**
 * An answer as npm's adapter has it; `undefined` if it is none. Those of sockets say in addition whose
 * sockets they are.
 */
export function toResponse({ uid, type, data }: ClusterMessage): Fields | undefined {
  switch (type) {
    case MessageType.FetchSocketsResponse:
      return { requestId: data.requestId, sockets: data.sockets };
    case MessageType.ServerSideEmitResponse: {
      const { requestId, packet } = data;
      return { type: RequestType.ServerSideEmit, requestId, data: packet };
    }
    case MessageType.BroadcastClientCount: {
      const { requestId, clientCount } = data;
      return { type: RequestType.BroadcastClientCount, requestId, clientCount, uid };
    }
    case MessageType.BroadcastAck:
      return {
        type: RequestType.BroadcastAck,
        requestId: data.requestId,
        packet: data.packet,
        uid,
      };
    default:
      return undefined;
  }
}

/**
 * Reads a broadcast, `[uid, packet, opts]`, as servers and the emitters of many languages have it.
 * What is in it is checked by whoever receives the message.
 *
 * @throws {ClusterError} if it is none.
 */
export function fromBroadcast(value: unknown): Fields {
  if (!Array.isArray(value)) throw unreadable("it is no list");
  const [uid, packet, opts] = value;
  if (!isObject(packet)) throw unreadable("it has no packet");
  if (packet["type"] !== PacketType.Event && packet["type"] !== BINARY_EVENT) {
    throw unreadable(`its packet is no event, but has the type ${JSON.stringify(packet["type"])}`);
  }
  return {
    uid: uidOf(uid),
    nsp: packet["nsp"] ?? "/",
    type: MessageType.Broadcast,
    data: { packet, opts: targetOf(opts) },
  };
}

/**
 * Reads a request.
 *
 * @throws {ClusterError} if it is none.
 */
export function fromRequest(value: unknown, nsp: string): Query | Fields {
  if (!isObject(value)) throw unreadable("it has no fields");
  const { type, requestId, rooms, data, close, packet } = value;
  const uid = uidOf(value["uid"]);
  const of = (type: MessageType, data: Fields) => ({ uid, nsp, type, data });
  const opts = isObject(value["opts"]) ? targetOf(value["opts"]) : undefined;
  const move = (type: MessageType, more: Fields): Query | Fields => {
    if (opts !== undefined) return of(type, { opts, ...more });
    const { sid, room } = value;
    const message = of(type, { ...more, opts: { rooms: [sid], except: [] }, rooms: [room] });
    return { ask: "move", uid, requestId, rooms: [], sid, message };
  };
  switch (type) {
    case RequestType.Sockets:
      return { ask: "sockets", uid, requestId, rooms: Array.isArray(rooms) ? rooms : [] };
    case RequestType.AllRooms:
      return { ask: "allRooms", uid, requestId, rooms: [] };
    case RequestType.RemoteJoin:
      return move(MessageType.SocketsJoin, { rooms });
    case RequestType.RemoteLeave:
      return move(MessageType.SocketsLeave, { rooms });
    case RequestType.RemoteDisconnect:
      return move(MessageType.DisconnectSockets, { close });
    case RequestType.RemoteFetch:
      return of(MessageType.FetchSockets, { opts, requestId });
    case RequestType.ServerSideEmit:
      return of(MessageType.ServerSideEmit, { packet: data, requestId });
    case RequestType.Broadcast:
      // One without an id would be a broadcast that asks for nothing.
      return of(MessageType.Broadcast, { packet, opts, requestId: requestId ?? "" });
    default:
      throw unreadable(`its request type ${JSON.stringify(type)} is unknown`);
  }
}

/**
 * Reads an answer to a question of this server.
 *
 * @param requestId the id by which it was asked.
 * @throws {ClusterError} if it is none.
 */
export function fromResponse(value: Fields, requestId: string, nsp: string): Fields {
  const { type, sockets, data, clientCount, packet } = value;
  // Servers of npm do not say who answers.
  const uid = uidOf(value["uid"]);
  const of = (type: MessageType, data: Fields) => ({ uid, nsp, type, data });
  switch (type) {
    case RequestType.ServerSideEmit:
      return of(MessageType.ServerSideEmitResponse, { requestId, packet: data });
    case RequestType.BroadcastClientCount:
      return of(MessageType.BroadcastClientCount, { requestId, clientCount });
    case RequestType.BroadcastAck:
      return of(MessageType.BroadcastAck, { requestId, packet });
    case undefined:
    case null:
    case RequestType.RemoteFetch:
      return of(MessageType.FetchSocketsResponse, { requestId, sockets });
    default:
      throw unreadable(`its response type ${JSON.stringify(type)} is unknown`);
  }
}

/** Emitters leave out what they do not need. */
function targetOf(opts: unknown): MessageData[typeof MessageType.FetchSockets]["opts"] | unknown {
  if (opts !== undefined && opts !== null && !isObject(opts)) throw unreadable("it has no target");
  const { rooms, except, flags } = opts ?? {};
  return { rooms: rooms ?? [], except: except ?? [], flags: flags ?? {} };
}

/** Emitters have the same name all, or none. */
function uidOf(uid: unknown): string {
  return typeof uid === "string" && uid !== "" ? uid : EMITTER_UID;
}
