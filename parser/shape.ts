import { ParseError } from "./engine/mod.ts";
import { type EventData, isReservedEvent, type Packet, PacketType } from "./packet.ts";

/**
 * The most arguments of an event, with its name, or of an acknowledgement. A listener gets them by a
 * call, and V8 may have no room on its stack for twice as many. Parsers do not write more, either:
 * what a server passes on may have grown, and would end the connections of those who get it.
 */
export const MAX_ARGUMENTS = 32_000;

const TOO_MANY = `more than ${MAX_ARGUMENTS} arguments`;

/**
 * Makes a packet of decoded fields, which may be anything. A decoder that ends with it
 * returns what it MUST return.
 *
 * @throws {ParseError} if they have not the shape of a packet of that type.
 */
export function toPacket(
  type: unknown,
  nsp: unknown,
  data: unknown,
  id: unknown,
): Packet {
  if (typeof nsp !== "string" || !isNamespace(nsp)) {
    throw failure("illegal namespace");
  }
  if (id !== undefined && !isId(id)) {
    throw failure("the id is not a whole number");
  }
  if (
    id !== undefined && type !== PacketType.Event && type !== PacketType.Ack
  ) {
    throw failure("only events and acknowledgements have an id");
  }
  switch (type) {
    case PacketType.Event:
      return id === undefined
        ? { type, nsp, data: toEventData(data) }
        : { type, nsp, data: toEventData(data), id };
    case PacketType.Ack:
      if (id === undefined) throw failure("an acknowledgement has no id");
      if (!Array.isArray(data)) throw failure("invalid payload");
      if (data.length > MAX_ARGUMENTS) throw failure(TOO_MANY);
      return { type, nsp, data, id };
    case PacketType.Connect:
      if (data === undefined) return { type, nsp };
      if (!isRecord(data)) throw failure("invalid payload");
      return { type, nsp, data };
    case PacketType.ConnectError:
      if (typeof data !== "string" && !isRecord(data)) {
        throw failure("invalid payload");
      }
      return { type, nsp, data };
    case PacketType.Disconnect:
      if (data !== undefined) throw failure("invalid payload");
      return { type, nsp };
    default:
      throw failure("unknown type");
  }
}

/**
 * Checks that a decoded value is the name and the arguments of an event.
 *
 * @throws {ParseError} if it has no name, or one that belongs to the library, or too many arguments.
 */
export function toEventData(data: unknown): EventData {
  if (!Array.isArray(data)) throw failure("invalid payload");
  if (data.length > MAX_ARGUMENTS) throw failure(TOO_MANY);
  const name: unknown = data[0];
  if (typeof name === "string") {
    if (isReservedEvent(name)) {
      throw failure(`${JSON.stringify(name)} is a reserved event name`);
    }
  } else if (!Number.isFinite(name)) {
    throw failure("an event has no name");
  }
  return data as unknown as EventData;
}

/** Whether a decoded value is an object with fields, not an array, nor bytes or a date. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The error for a frame that is not a packet. */
export function failure(what: string, cause?: unknown): ParseError {
  return new ParseError(
    `Cannot decode packet: ${what}`,
    cause === undefined ? undefined : { cause },
  );
}

/** The error for an event or an acknowledgement that the peer would refuse. */
export function tooManyArguments(): TypeError {
  return new TypeError(`Cannot encode packet: ${TOO_MANY}`);
}

/** The text format could not carry any other name, and other clients must not see one. */
function isNamespace(nsp: string): boolean {
  return nsp === "/" || nsp.startsWith("/") && !nsp.includes(",");
}

function isId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0;
}
