import { MAX_DELAY } from "../background.ts";
import type { HeartbeatOptions } from "./members.ts";

/**
 * Checks the times among the options of an adapter.
 *
 * @throws {RangeError} if one is none.
 *
 * @example
 * ```ts
 * import { checkTimes } from "@sockeye/io/adapter/cluster";
 * import { throws } from "node:assert/strict";
 *
 * checkTimes({ heartbeatInterval: 1000 });
 * throws(() => checkTimes({ heartbeatInterval: -1 }), RangeError);
 * ```
 */
export function checkTimes(
  options: HeartbeatOptions & { readonly requestsTimeout?: number },
): void {
  for (const name of ["requestsTimeout", "heartbeatInterval", "heartbeatTimeout"] as const) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isFinite(value) || value < 1 || value > MAX_DELAY) {
      throw new RangeError(`Cannot use ${name}: it is not a time from 1 to ${MAX_DELAY} ms`);
    }
  }
}
