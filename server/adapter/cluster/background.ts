/** Runs a function after a while, unless the process ends before: it is not kept alive for that. */
export function later(work: () => void, delay: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, delay);
  (timer as { unref?(): void }).unref?.();
  return timer;
}

/** Waits for a promise for so many milliseconds. Then it rejects with the error that is made. */
export async function withTimeout<Value>(
  promise: Promise<Value>,
  timeout: number,
  late: () => Error,
): Promise<Value> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = later(() => reject(late()), timeout);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
