import { isReservedEvent } from "../../parser/mod.ts";

/**
 * Checks the name of an event that is to be sent.
 *
 * @throws {Error} if it is reserved.
 * @throws {TypeError} if it is neither a text nor a number, such as a constant that is misspelt: no
 * client could read it.
 */
export function checkEventName(event: unknown): void {
  if (typeof event !== "string") {
    if (Number.isFinite(event)) return;
    throw new TypeError(`The name of an event must be a string or a number, not ${String(event)}`);
  }
  if (isReservedEvent(event)) throw new Error(`"${event}" is a reserved event name`);
}
