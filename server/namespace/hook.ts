/** Goes on, or stops with an error. */
export type Next = (error?: Error) => void;

/**
 * A hook of the user: it calls `next` when it is done, or, if it does not take `next`, is done when
 * it returns or when the promise that it returns is fulfilled.
 */
export type Hook<Subject> = (subject: Subject, next: Next) => unknown;

/**
 * Runs hooks one after the other. `done` is called once, at once if no hook takes its time: with the
 * error of the first hook that refuses, or with nothing.
 *
 * @returns a promise that is fulfilled when the hook that a promise was returned by is through, so
 * that the caller can keep an order; `undefined` if nothing is to be waited for.
 */
export function runHooks<Subject>(
  hooks: readonly Hook<Subject>[],
  subject: Subject,
  done: (error: Error | undefined) => void,
  at = 0,
): Promise<void> | undefined {
  const hook = hooks[at];
  if (hook === undefined) {
    done(undefined);
    return undefined;
  }
  let settled = false;
  let rest: Promise<void> | undefined;
  const next: Next = (error) => {
    if (settled) return;
    settled = true;
    if (error === undefined || error === null) rest = runHooks(hooks, subject, done, at + 1);
    else done(toError(error));
  };
  const takesNext = hook.length > 1;
  try {
    const result = hook(subject, next);
    if (isPromise(result)) {
      return result.then(() => {
        if (!takesNext) next();
        return rest;
      }, (error) => next(toError(error)));
    }
    if (!takesNext) next();
  } catch (error) {
    next(toError(error));
  }
  return rest;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : Object.assign(new Error(String(error)), { data: error });
}
