import type { ListenOptions } from "./runtime.ts";

/**
 * Where to listen. Programs in plain JavaScript may have the port from their environment, as a text.
 *
 * @throws {TypeError} if it is neither a port nor an object.
 */
export function listenOptions(given: unknown): ListenOptions {
  const port = typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof port === "number") return { port };
  if (typeof port === "object" && port !== null) return port as ListenOptions;
  throw new TypeError(`Cannot listen: expected a port or an object with one, not ${String(port)}`);
}
