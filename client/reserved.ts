// One expression, where the parsers of the server ask by a switch: it has to be small here.
const RESERVED = /^(connect(_error)?|disconnect(ing)?|(new|remove)Listener)$/;

/** Whether a name belongs to the library, so that it may not be emitted nor come from a server. */
export function isReserved(event: unknown): boolean {
  return RESERVED.test(String(event));
}
