/** Takes one line of the debug log. */
export type DebugSink = (scope: string, message: string) => void;

const scopes = new Map<string, DebugScope>();
const toConsole: DebugSink = (scope, message) => console.debug(`${scope} ${message}`);

// Control characters, what else begins a line, and what is not seen or turns the direction.
const UNSEEN =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

let sink: DebugSink = toConsole;
let isOn: (scope: string) => boolean = () => false;

/** One part of the library that can tell what it does. */
export class DebugScope {
  /** The name, such as `sockeye:connection`. */
  readonly name: string;
  /**
   * Whether anybody reads the log. To be asked before a message is put together, so that a log that
   * is off costs the reading of one property.
   */
  enabled: boolean;

  /** Takes the name; {@linkcode debugScope} makes each scope once. */
  constructor(name: string) {
    this.name = name;
    this.enabled = isOn(name);
  }

  /** Writes one line. Control characters in it, such as those that a client sent, are spelt out. */
  log(message: string): void {
    sink(this.name, message.replace(UNSEEN, spelt));
  }
}

/** The scopes that there are, by name. */
export function debugScopes(): ReadonlyMap<string, DebugScope> {
  return scopes;
}

/** The scope of this name. */
export function debugScope(name: string): DebugScope {
  let scope = scopes.get(name);
  if (scope === undefined) scopes.set(name, scope = new DebugScope(name));
  return scope;
}

/**
 * Switches the debug log, for the whole program.
 *
 * @param patterns names of scopes, with `*` for any text, separated by commas or spaces; one that
 * begins with `-` leaves scopes out. Empty means off.
 * @param to who takes the lines; the console by default.
 * @returns the patterns that no scope has matched so far.
 *
 * @example
 * ```ts
 * import { configureDebug, debugScope } from "@sockeye/io/events";
 * import { deepEqual } from "node:assert/strict";
 *
 * const lines: string[] = [];
 * configureDebug("sockeye:*,-sockeye:noise", (scope, message) => lines.push(`${scope} ${message}`));
 * for (const name of ["sockeye:talk", "sockeye:noise"]) {
 *   const debug = debugScope(name);
 *   if (debug.enabled) debug.log("hello");
 * }
 * configureDebug("");
 * deepEqual(lines, ["sockeye:talk hello"]);
 * ```
 */
export function configureDebug(patterns: string, to: DebugSink = toConsole): string[] {
  const words = patterns.split(/[\s,]+/).filter((word) => word !== "");
  const allowed = words.filter((word) => !word.startsWith("-")).map(toRegExp);
  const left = words.filter((word) => word.startsWith("-")).map((word) => toRegExp(word.slice(1)));
  sink = to;
  isOn = (scope) => allowed.some((p) => p.test(scope)) && !left.some((p) => p.test(scope));
  for (const scope of scopes.values()) scope.enabled = isOn(scope.name);
  const names = [...scopes.keys()];
  return words.filter((word) => !names.some((name) => toRegExp(word.replace(/^-/, "")).test(name)));
}

function spelt(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A text of unknown origin as a log may show it: in quotes, and cut if it is long. */
export function quoted(text: string, longest: number = 80): string {
  return JSON.stringify(text.slice(0, longest));
}

function toRegExp(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[^\w:-]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
