/** What is used of a `BroadcastChannel`. */
export interface Port {
  /** Takes what others have posted. */
  onmessage: ((event: MessageEvent) => unknown) | null;
  /** Told of what others have posted but cannot be read here. */
  onmessageerror: ((event: MessageEvent) => unknown) | null;
  /** Posts to all others of the name. */
  postMessage(frame: unknown): void;
  /** Bun only: the channel keeps the process no longer alive. */
  unref?(): unknown;
  /** Hears and says no more. */
  close(): void;
}

/** Opens a channel of a name. */
export type OpenPort = (name: string) => Port;
