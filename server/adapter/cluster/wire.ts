import { type EventPacket, PacketType, toPacket } from "../../../parser/mod.ts";
import type { BroadcastFlags, SocketDetails, Target } from "../mod.ts";
import { MAX_DELAY } from "../background.ts";
import { unreadable } from "./error.ts";
import type { WirePacket, WireTarget } from "./message.ts";

/** A target as it travels: `local` says that it does not. */
export function toWire({ rooms, except, flags = {} }: Target): WireTarget {
  return { rooms: [...rooms], except: [...except ?? []], flags: { ...flags } };
}

/** A packet as it travels: without an id, which each server gives by itself. */
export function packetToWire({ nsp, data }: EventPacket): WirePacket {
  return { type: PacketType.Event, nsp, data };
}

/**
 * Reads a packet.
 *
 * @throws {ParseError} if it is no event.
 */
export function packetFromWire({ data }: Pick<WirePacket, "data">, nsp: string): EventPacket {
  return toPacket(PacketType.Event, nsp, data, undefined) as EventPacket;
}

/** What the other servers may know of a socket, which has more members than these. */
export function socketToWire({ id, handshake, rooms, data }: SocketDetails): SocketDetails {
  return { id, handshake, rooms: [...rooms], data };
}

/**
 * Reads a target.
 *
 * @throws {ClusterError} if it is none.
 */
export function fromWire(value: unknown): Target {
  if (!isObject(value)) throw unreadable("it has no target");
  const { flags } = value;
  return {
    rooms: new Set(namesIn(value["rooms"])),
    except: new Set(namesIn(value["except"] ?? [])),
    flags: isObject(flags) ? flagsIn(flags) : {},
  };
}

/**
 * Reads names of rooms; programs without types may have numbers.
 *
 * @throws {ClusterError} if they are no list of names.
 */
export function namesIn(value: unknown): string[] {
  if (!Array.isArray(value)) throw unreadable("its rooms are no list");
  if (!value.every((room) => typeof room === "string" || typeof room === "number")) {
    throw unreadable("one of its rooms has no name");
  }
  return value as string[];
}

/** Whether a value has fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function flagsIn(flags: Readonly<Record<string, unknown>>): BroadcastFlags {
  const { volatile, compress, broadcast, timeout, expectSingleResponse } = flags;
  return {
    ...(volatile === true ? { volatile } : {}),
    ...(typeof compress === "boolean" ? { compress } : {}),
    ...(broadcast === true ? { broadcast } : {}),
    ...(typeof timeout === "number" ? { timeout: Math.min(Math.max(0, timeout), MAX_DELAY) } : {}),
    ...(expectSingleResponse === true ? { expectSingleResponse } : {}),
  };
}
