/** How long to wait between attempts. */
export interface BackoffSettings {
  /** Milliseconds before the first attempt; it doubles with each further one. */
  readonly delay: number;
  /** The most milliseconds. */
  readonly max: number;
  /** By which part the wait may be shorter or longer, 0 to 1. */
  readonly jitter: number;
}

/** The milliseconds to wait before the attempt of this number, the first one being 0. */
export function backoff(attempt: number, { delay, max, jitter }: BackoffSettings): number {
  const factor = 1 + jitter * (2 * Math.random() - 1);
  return Math.min(delay * 2 ** attempt * factor, max);
}
