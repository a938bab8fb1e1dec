import { ClusterError } from "../../cluster/error.ts";

/** The part of a client of `ioredis` that tells of its connection. */
export interface ConnectionEvents {
  readonly status?: string;
  on(event: "ready" | "close", listener: () => void): unknown;
  off(event: "ready" | "close", listener: () => void): unknown;
}

interface Command {
  readonly lost: (error: Error) => void;
  isSent: boolean;
}

/**
 * The commands of a client of `ioredis` that does not send again what was on its way when the
 * connection broke: it forgets them, and their promises never settle. Here they are rejected.
 */
export class InFlightCommands {
  readonly #client: ConnectionEvents;
  readonly #commands = new Set<Command>();

  constructor(client: ConnectionEvents) {
    this.#client = client;
  }

  /** Has a command that was just given rejected if it is lost. */
  async settled<Result>(result: Promise<Result>): Promise<Result> {
    const { promise, reject } = Promise.withResolvers<never>();
    // What waits for a connection is not lost with one.
    const command = { lost: reject, isSent: this.#client.status === "ready" };
    if (this.#commands.size === 0) {
      this.#client.on("ready", this.#sent);
      this.#client.on("close", this.#closed);
    }
    this.#commands.add(command);
    try {
      return await Promise.race([result, promise]);
    } finally {
      this.#remove(command);
    }
  }

  readonly #sent = (): void => {
    for (const command of this.#commands) command.isSent = true;
  };

  readonly #closed = (): void => {
    for (const { isSent, lost } of this.#commands) {
      if (isSent) lost(new ClusterError("the connection to Redis broke before it had answered"));
    }
  };

  #remove(command: Command): void {
    this.#commands.delete(command);
    if (this.#commands.size > 0) return;
    this.#client.off("ready", this.#sent);
    this.#client.off("close", this.#closed);
  }
}
