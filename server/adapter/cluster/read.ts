import { unreadable } from "./error.ts";
import { type ClusterMessage, MessageType } from "./message.ts";
import { isObject } from "./wire.ts";

/** Which fields the data of a message must have. What is in them is read where it is used. */
const FIELDS: Readonly<Record<MessageType, Readonly<Record<string, (value: unknown) => boolean>>>> =
  {
    [MessageType.InitialHeartbeat]: {},
    [MessageType.Heartbeat]: {},
    [MessageType.Broadcast]: { packet: isPacket, opts: isObject, requestId: isIdOrNone },
    [MessageType.SocketsJoin]: { opts: isObject, rooms: Array.isArray },
    [MessageType.SocketsLeave]: { opts: isObject, rooms: Array.isArray },
    [MessageType.DisconnectSockets]: { opts: isObject },
    [MessageType.FetchSockets]: { opts: isObject, requestId: isId },
    [MessageType.FetchSocketsResponse]: { requestId: isId, sockets: isListOfSockets },
    [MessageType.ServerSideEmit]: { packet: isEvent, requestId: isIdOrNone },
    [MessageType.ServerSideEmitResponse]: { requestId: isId },
    [MessageType.BroadcastClientCount]: { requestId: isId, clientCount: Number.isSafeInteger },
    [MessageType.BroadcastAck]: { requestId: isId },
    [MessageType.AdapterClose]: {},
  };

/**
 * Reads what came from another server.
 *
 * @throws {ClusterError} if no server would have sent it.
 */
export function readMessage(value: unknown): ClusterMessage {
  if (!isObject(value)) throw unreadable("it has no fields");
  const { uid, nsp, type, data } = value;
  if (!isId(uid)) throw unreadable("nobody sent it");
  if (typeof nsp !== "string") throw unreadable("it is about no namespace");
  const fields = Object.hasOwn(FIELDS, String(type)) ? FIELDS[type as MessageType] : undefined;
  if (fields === undefined || typeof type !== "number") {
    throw unreadable(`its type ${JSON.stringify(type)} is unknown`);
  }
  const given = isObject(data) ? data : {};
  for (const [name, fits] of Object.entries(fields)) {
    if (!fits(given[name])) throw unreadable(`"${name}" of its type ${type} is missing or wrong`);
  }
  // MessagePack makes `null` of what is not there.
  const { requestId, ...rest } = given;
  const read = requestId === null ? rest : given;
  return { uid, nsp, type, data: read } as unknown as ClusterMessage;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isIdOrNone(value: unknown): boolean {
  return value === undefined || value === null || isId(value);
}

function isPacket(value: unknown): boolean {
  return isObject(value) && Array.isArray(value["data"]);
}

function isEvent(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isListOfSockets(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((socket) =>
      isObject(socket) && isId(socket["id"]) && Array.isArray(socket["rooms"])
    );
}
