import type { ExtendedError } from "../../events/mod.ts";

/** Goes on, or stops with an error. */
export type Next = (error?: ExtendedError) => void;

/**
 * A hook of the user: it calls `next` when it is done. One that declares its subject as its only
 * parameter may return a promise instead, and is done when that is fulfilled. Whatever else it
 * returns says nothing; a promise that rejects refuses in any case.
 */
export type Hook<Subject> = (subject: Subject, next: Next) => unknown;

/**
 * Runs hooks one after the other. `done` is called once, at once if no hook takes its time: with the
 * error of the first hook that refuses, or with nothing.
 *
 * @param hooks the hooks; the list MUST NOT change any more.
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
  // A function that takes its arguments as a list, or gives `next` a default, shows no second
  // parameter either, and may call `next` at any time: what it returns must not let anybody in.
  const mayReturn = hook.length === 1;
  try {
    const result = hook(subject, next);
    if (isPromise(result)) {
      return Promise.resolve(result).then(() => {
        if (mayReturn) next();
        return rest;
      }, (error) => {
        next(toError(error));
        return rest;
      });
    }
  } catch (error) {
    next(toError(error));
  }
  return rest;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

function toError(error: unknown): Error {
  if (error instanceof Error) return error;
  const { message, data } = Object(error) as { message?: unknown; data?: unknown };
  // An object that looks like an error counts as one.
  return typeof message === "string"
    ? Object.assign(new Error(message), { data })
    : Object.assign(new Error(String(error)), { data: error });
}
