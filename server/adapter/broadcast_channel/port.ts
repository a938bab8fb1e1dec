/** What is used of a `BroadcastChannel`. */
export interface Port
  extends Pick<BroadcastChannel, "onmessage" | "onmessageerror" | "postMessage" | "close"> {
  /** Bun only: the channel keeps the process no longer alive. */
  unref?(): unknown;
}

/** Opens a channel of a name. */
export type OpenPort = (name: string) => Port;
