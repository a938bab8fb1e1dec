/** The timers that a connection uses. */
export interface Timers {
  /** Like the global one. */
  setTimeout(callback: () => void, milliseconds: number): ReturnType<typeof setTimeout>;
  /** Like the global one. */
  clearTimeout(id: ReturnType<typeof setTimeout> | undefined): void;
}

// Taken now, before a test may put fake ones in their place. A browser's need their own `this`.
const start = globalThis.setTimeout;
const stop = globalThis.clearTimeout;

const nativeTimers: Timers = {
  setTimeout: (callback, milliseconds) => start(callback, milliseconds),
  clearTimeout: (id) => stop(id),
};

/** The timers that options ask for, as an option. */
export function timersOf(
  options: { readonly useNativeTimers?: boolean; readonly timers?: Timers },
): { timers?: Timers } {
  if (options.useNativeTimers) return { timers: nativeTimers };
  return options.timers ? { timers: options.timers } : {};
}
