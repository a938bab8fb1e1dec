// One expression, where the parsers of the server ask by a switch: it has to be small here.
const RESERVED = /^(connect(_error)?|disconnect(ing)?|(new|remove)Listener)$/;

/** Whether a name belongs to the library, so that it may not be emitted nor come from a server. */
export function isReserved(event: unknown): boolean {
  return RESERVED.test(String(event));
}

/**
 * Refuses what cannot be sent as the name of an event: a server would end the connection.
 *
 * @throws {TypeError} if it is neither text nor a number, such as a constant misspelt.
 * @throws {Error} if it is reserved.
 */
export function checkName(event: unknown): void {
  if (typeof event !== "string" && !Number.isFinite(event)) {
    throw new TypeError(`"${String(event)}" is no event name`);
  }
  if (isReserved(event)) throw new Error(`"${event}" is a reserved event name`);
}
