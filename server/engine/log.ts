import { type DebugScope, debugScope, quoted } from "../../events/mod.ts";
import { pathOf } from "./query.ts";
import type { Rejection } from "./rejection.ts";

/** What the engine tells in the debug log. Never the id of a session, a query or a cookie. */
export const debug: DebugScope = debugScope("sockeye:engine");

// An origin may be long, or the reason that a program gives.
const LONGEST_SHOWN = 200;

/** Says that a request is refused, and why. */
export function logRefusal(request: Request, { code, message, context }: Rejection): void {
  if (!debug.enabled) return;
  const known = Object.entries(context)
    .filter(([key, value]) => key !== "sid" && value !== undefined && value !== message)
    .map(([key, value]) => ` ${key}=${shown(value)}`);
  debug.log(`${nameOf(request)} refused: ${code} ${shown(message)}${known.join("")}`);
}

/** Says that a request which looks like one for an engine is not for this one. */
export function logStray(request: Request): void {
  if (!debug.enabled || !/[?&]EIO=/.test(request.url)) return;
  debug.log(`${nameOf(request)} is not below the path of the server`);
}

function nameOf({ method, url }: Request): string {
  const { start, end } = pathOf(url);
  return `${method} ${shown(url.slice(start, end))}`;
}

function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  return quoted(value instanceof Error ? value.message : String(value), LONGEST_SHOWN);
}
