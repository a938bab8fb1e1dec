/** Anything with listeners: an emitter of the library or of npm, or an `EventTarget`. */
export type Source =
  // deno-lint-ignore no-explicit-any
  | { once(event: any, listener: (...args: any[]) => void): unknown }
  | EventTarget;

/** How long an event is waited for before a test gives up, in milliseconds. */
export const PATIENCE = 10_000;

/** Resolves to the arguments of the next event of this name; rejects if none comes. */
export function once<Args extends unknown[] = unknown[]>(
  source: Source,
  event: string,
): Promise<Args> {
  return within(
    new Promise((resolve) => {
      const listener = (...args: unknown[]) => resolve(args as Args);
      if (source instanceof EventTarget) source.addEventListener(event, listener, { once: true });
      else source.once(event, listener);
    }),
    `event "${event}"`,
  );
}

/** Resolves once a condition holds that no event tells of; rejects if it never does. */
export function until(
  holds: () => boolean,
  what: string,
  patience: number = PATIENCE,
): Promise<void> {
  let timer: ReturnType<typeof setInterval> | undefined;
  const held = new Promise<void>((resolve, reject) => {
    const check = () => {
      try {
        if (holds()) resolve();
      } catch (error) {
        reject(error);
      }
    };
    timer = setInterval(check, 5);
    check();
  });
  return within(held, what, patience).finally(() => clearInterval(timer));
}

/** The same promise, but rejected if it takes longer than a test should ever wait. */
export function within<Value>(
  promise: Promise<Value>,
  what: string,
  patience: number = PATIENCE,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`Waited ${patience} ms in vain for ${what}`);
    timer = setTimeout(() => reject(error), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
