import type { ListenOptions } from "./runtime.ts";

/**
 * Where to listen.
 *
 * @throws {TypeError} if it is neither a port nor an object.
 */
export function listenOptions(given: unknown): ListenOptions {
  const port = portFrom(given);
  if (typeof port === "number") return { port };
  if (typeof port === "object" && port !== null) return port as ListenOptions;
  throw new TypeError(`Cannot listen: expected a port or an object with one, not ${String(port)}`);
}

/** Makes a number of a port that is a text, as plain JavaScript may have it from its environment. */
export function portFrom<Given>(given: Given): Given | number {
  return typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
}
