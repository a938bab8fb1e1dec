/** What a measurement of growth found. */
export interface Finding {
  /** What was asked. */
  readonly title: string;
  /** The heads of the columns; the first is what grows. */
  readonly head: readonly string[];
  /** The figures. */
  readonly rows: readonly (readonly number[])[];
  /** What has to hold for the figures, in words. */
  readonly expected: string;
  /** Whether it holds. */
  readonly holds: boolean;
}

/** Nanoseconds that one of `count` repetitions takes: the best of a few attempts. */
export function nanoseconds(count: number, run: () => void, attempts = 5): number {
  let best = Infinity;
  for (let i = 0; i < attempts; i++) {
    const began = performance.now();
    run();
    best = Math.min(best, performance.now() - began);
  }
  return Math.round(best / count * 1e6);
}

interface Global {
  Bun?: { gc(sync: boolean): void };
  gc?: () => void;
}

/** Collects garbage. */
export function collect(): void {
  const { Bun, gc } = globalThis as unknown as Global;
  for (let i = 0; i < 2; i++) {
    if (Bun === undefined) gc?.();
    else Bun.gc(true);
  }
}

/** Lets timers and promises have their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
