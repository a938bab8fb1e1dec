import type { KeepLimits } from "./outbox.ts";

const DEFAULT_LIMITS: KeepLimits = { maxKeptBytes: 32 * 1024 * 1024, maxKeptMessages: 100_000 };

/**
 * How much is kept, as options say, with the defaults filled in.
 *
 * @throws {RangeError} if one is no limit.
 */
export function limitsOf(options: Partial<KeepLimits>): KeepLimits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of ["maxKeptBytes", "maxKeptMessages"] as const) {
    const value = options[name] ?? limits[name];
    if (!Number.isFinite(value) || value < 1) {
      throw new RangeError(`Cannot use ${name}: it is not a number from 1`);
    }
    Object.assign(limits, { [name]: value });
  }
  return limits;
}
