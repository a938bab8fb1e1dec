/** The timers that a connection uses. */
export interface Timers {
  /** Like the global one. */
  setTimeout(callback: () => void, milliseconds: number): ReturnType<typeof setTimeout>;
  /** Like the global one. */
  clearTimeout(id: ReturnType<typeof setTimeout> | undefined): void;
}

// Taken now, before a test may put fake ones in their place. A browser's need their own `this`.
const native: Timers = {
  setTimeout: globalThis.setTimeout.bind(globalThis),
  clearTimeout: globalThis.clearTimeout.bind(globalThis),
};

/** The platform's own timers, or whatever stands in their place at each call. */
export function timersOf(options: { readonly useNativeTimers?: boolean }): Timers {
  return options.useNativeTimers ? native : globalThis;
}
