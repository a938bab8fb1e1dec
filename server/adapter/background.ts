/** The longest delay of a timer, in milliseconds: runtimes make 1 of a longer one. */
export const MAX_DELAY: number = 2 ** 31 - 1;

/** Runs a function after a while, unless the process ends before: it is not kept alive for that. */
export function later(work: () => void, delay: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, delay);
  (timer as { unref?(): void }).unref?.();
  return timer;
}
