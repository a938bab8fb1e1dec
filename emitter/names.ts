import { isReservedEvent } from "../parser/mod.ts";

/** A room, or several. */
export type Rooms = string | readonly string[];

// Listeners of a server hear these from the server itself.
const RESERVED_SERVER_SIDE: ReadonlySet<unknown> = new Set([
  "connect",
  "connection",
  "new_namespace",
  "session_expired",
]);

/**
 * Checks an event for clients.
 *
 * @throws {Error} if its name is reserved.
 * @throws {TypeError} if its name is neither a text nor a number, or an answer is asked for.
 */
export function checkEvent([event, ...args]: readonly unknown[]): void {
  checkName(event);
  if (isReservedEvent(event as string)) throw reserved(event);
  checkArguments(args);
}

/**
 * Checks an event for servers.
 *
 * @throws {Error} if its name is reserved.
 * @throws {TypeError} if its name is neither a text nor a number, or an answer is asked for.
 */
export function checkServerSideEvent([event, ...args]: readonly unknown[]): void {
  checkName(event);
  if (RESERVED_SERVER_SIDE.has(event)) throw reserved(event);
  checkArguments(args);
}

/**
 * The name of a namespace, which begins with a slash.
 *
 * @throws {TypeError} if it is no text.
 */
export function namespaceName(name: unknown): string {
  if (typeof name !== "string") {
    throw new TypeError(`The name of a namespace must be a string, not ${String(name)}`);
  }
  return name.startsWith("/") ? name : `/${name}`;
}

/** The rooms that are meant: those of an array or a `Set`, or a single one. */
export function listRooms(rooms: Rooms): readonly string[] {
  const given: unknown = rooms;
  if (given instanceof Set) return [...given];
  return typeof rooms === "string" || !Array.isArray(rooms) ? [rooms as string] : [...rooms];
}

function checkName(event: unknown): void {
  if (typeof event === "string" || Number.isFinite(event)) return;
  throw new TypeError(`The name of an event must be a string or a number, not ${String(event)}`);
}

function checkArguments(args: readonly unknown[]): void {
  if (typeof args.at(-1) !== "function") return;
  throw new TypeError("Cannot send a function: acknowledgements are not supported by emitters");
}

function reserved(event: unknown): Error {
  return new Error(`${JSON.stringify(event)} is a reserved event name`);
}
