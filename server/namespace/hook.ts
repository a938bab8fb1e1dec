import { type ExtendedError, isThenable } from "../../events/mod.ts";

/** Goes on, or stops with an error. */
export type Next = (error?: ExtendedError) => void;

/**
 * A hook of the user: it calls `next` when it is done. One that declares its subject as its only
 * parameter may return a promise instead, and is done when that is fulfilled. Whatever else it
 * returns says nothing; a promise that rejects refuses in any case.
 */
export type Hook<Subject> = (subject: Subject, next: Next) => unknown;

/** What becomes of a subject. */
export interface HookOutcome {
  /** Called once: with the error of the first hook that refuses, or with nothing. */
  done(error: Error | undefined): void;
  /** Called with what a hook throws, or its promise rejects with, after it has called `next`. */
  failed(error: unknown): void;
  /** Called with what it throws or rejects with before that, which refuses. */
  threw?(error: unknown): void;
}

/**
 * A list of hooks with one more.
 *
 * @throws {TypeError} if it is not a function: left out, it would let everybody in.
 */
export function withHook<Subject>(
  hooks: readonly Hook<Subject>[],
  hook: Hook<Subject>,
): readonly Hook<Subject>[] {
  if (typeof hook !== "function") {
    throw new TypeError(`use() takes a function, not ${String(hook)}`);
  }
  return [...hooks, hook];
}

/**
 * Runs hooks one after the other.
 *
 * @param hooks the hooks; the list MUST NOT change any more.
 * @returns a promise for who wants to keep an order, if a hook returned one: it is fulfilled when
 * that hook has called `next` or is through without; `undefined` if nothing is to be waited for.
 */
export function runHooks<Subject>(
  hooks: readonly Hook<Subject>[],
  subject: Subject,
  outcome: HookOutcome,
  at = 0,
): Promise<void> | undefined {
  const hook = hooks[at];
  if (hook === undefined) {
    outcome.done(undefined);
    return undefined;
  }
  let settled = false;
  let rest: Promise<void> | undefined;
  let goOn: ((rest?: Promise<void>) => void) | undefined;
  const next: Next = (error) => {
    if (settled) return;
    settled = true;
    // `next(bad && new Error(…))` goes on with what is falsy, as the reference does.
    if (error) outcome.done(toError(error));
    else rest = runHooks(hooks, subject, outcome, at + 1);
    goOn?.(rest);
  };
  const failed = (error: unknown) => {
    if (settled) return outcome.failed(error);
    outcome.threw?.(error);
    next(toError(error));
  };
  // A function that takes its arguments as a list, or gives `next` a default, shows no second
  // parameter either, and may call `next` at any time: what it returns must not let anybody in.
  const mayReturn = hook.length === 1;
  try {
    const result = hook(subject, next);
    if (isThenable(result)) {
      const through = Promise.resolve(result).then(() => mayReturn ? next() : undefined, failed);
      if (settled) return rest;
      return new Promise((resolve) => {
        goOn = resolve;
        through.then(() => resolve(rest));
      });
    }
  } catch (error) {
    failed(error);
  }
  return rest;
}

function toError(error: unknown): Error {
  if (error instanceof Error) return error;
  const { message, data } = Object(error) as { message?: unknown; data?: unknown };
  // An object that looks like an error counts as one.
  return typeof message === "string"
    ? Object.assign(new Error(message), { data })
    : Object.assign(new Error(String(error)), { data: error });
}
