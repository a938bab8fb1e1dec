import { configureDebug, debugScopes, type DebugSink } from "../events/mod.ts";

const PREFIX = "sockeye";
const told = new Set<string>();

/**
 * Switches the debug log by the option `debug`, or what the environment says. A pattern that is
 * meant for this library and matches nothing is told once on the console.
 */
export function startDebugging(
  set: string | { readonly scopes: string; readonly to: DebugSink } | undefined,
): void {
  if (set === undefined) return;
  const unknown = typeof set === "string"
    ? configureDebug(set)
    : configureDebug(set.scopes, set.to);
  for (const pattern of unknown) {
    // Others read the same variable.
    if (!pattern.includes(PREFIX) || told.has(pattern)) continue;
    told.add(pattern);
    const names = [...debugScopes().keys()].filter((name) => name.startsWith(PREFIX));
    const there = names.sort().join(", ");
    console.warn(`debug: no part has the name ${JSON.stringify(pattern)}; there are ${there}`);
  }
}
