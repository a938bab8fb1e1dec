/** A row of an answer. */
export type Row = Readonly<Record<string, unknown>>;

/** Told of what happens on a channel. */
export interface ChannelHandler {
  /** Somebody has notified. */
  notified(payload: string): void;
  /** From now on nothing is missed; also said when a lost connection is back. */
  listening(): void;
  /** The channel cannot be listened to. It is tried again. */
  failed(error: unknown): void;
}

/** What is needed of a client of PostgreSQL, whichever it is. */
export interface Database {
  /** Runs one statement with parameters, on any connection. */
  query(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /**
   * Starts to listen, and goes on until the function that it returns is called. The handler is told
   * nothing more from then on; what that function returns is settled once the connection is done.
   */
  listen(channel: string, handler: ChannelHandler): () => Promise<unknown>;
}

const FIRST_DELAY = 100;
const MAX_DELAY = 5000;

/** Milliseconds until the next try after so many that failed, so that servers do not try at once. */
export function retryDelay(failures: number): number {
  const [chance = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Math.min(FIRST_DELAY * 2 ** failures, MAX_DELAY) * (0.5 + chance / 2 ** 32);
}

/** An identifier in the text of a statement. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The code of an error that the database has answered, such as `42P01`. */
export function sqlState(error: unknown): string | undefined {
  const { code, errno } = (error ?? {}) as { readonly code?: unknown; readonly errno?: unknown };
  // Bun has it as `errno`.
  return [errno, code].find((value) => typeof value === "string" && /^[0-9A-Z]{5}$/.test(value)) as
    | string
    | undefined;
}
