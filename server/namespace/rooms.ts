import type { Room } from "../adapter/mod.ts";

/**
 * The rooms that are meant: those of an array or a `Set`, or a single one. As in the reference that
 * is whatever a program in plain JavaScript gives, and stays what it is: 42 is not "42".
 */
export function listRooms(rooms: Room | readonly Room[]): Iterable<Room> {
  const isList = Array.isArray(rooms) || (rooms as unknown) instanceof Set;
  return isList ? rooms : [rooms as Room];
}

/** A set of the rooms that are meant. */
export function setOfRooms(rooms: Room | readonly Room[]): Set<Room> {
  return typeof rooms === "string" ? new Set<Room>().add(rooms) : new Set(listRooms(rooms));
}
