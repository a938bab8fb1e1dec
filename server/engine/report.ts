import type { ErrorReporter } from "../../events/mod.ts";

/** Calls a function of the program, and reports what it throws. */
export function guard(call: () => void, event: string, report: ErrorReporter): void {
  try {
    call();
  } catch (error) {
    report(error, { event });
  }
}
