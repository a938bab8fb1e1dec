/** Runs a function after a while, unless the process ends before: it is not kept alive for that. */
export function later(work: () => void, delay: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, delay);
  (timer as { unref?(): void }).unref?.();
  return timer;
}
