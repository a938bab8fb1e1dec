import { debugScope } from "../events/mod.ts";
import { BlobQueue } from "../server/adapter/cluster/blob_queue.ts";
import { MessageType } from "../server/adapter/cluster/message.ts";
import type { Command, Outlet } from "./command.ts";

/** The method of an emitter whose command did not reach the broker, and its namespace. */
export interface Failure {
  /** The name of the method. */
  readonly method:
    | "emit"
    | "socketsJoin"
    | "socketsLeave"
    | "disconnectSockets"
    | "serverSideEmit";
  /** The name of the namespace. */
  readonly nsp: string;
}

/** What the emitters of all brokers can be told. */
export interface FailureOptions {
  /**
   * Called with the error when a command did not get to the broker: it is lost. Without a second
   * argument it is an error of the connection itself, to which the program does not listen: what is
   * sent meanwhile may wait for the connection to come back. By default it is written to the console.
   */
  readonly onError?: (error: Error, failure?: Failure) => void;
}

const METHODS: Readonly<Record<Command["type"], Failure["method"]>> = {
  [MessageType.Broadcast]: "emit",
  [MessageType.SocketsJoin]: "socketsJoin",
  [MessageType.SocketsLeave]: "socketsLeave",
  [MessageType.DisconnectSockets]: "disconnectSockets",
  [MessageType.ServerSideEmit]: "serverSideEmit",
};

const debug = debugScope("sockeye:emitter");

/** What the emitters of one client have sent, until the broker has it. */
export class Outbox {
  /** Told of what failed. With it, an outbox is as good as the options that it was made with. */
  readonly onError: NonNullable<FailureOptions["onError"]>;
  readonly #outlet: Outlet;
  readonly #pending = new Set<Promise<void>>();
  readonly #queue = new BlobQueue();

  constructor(outlet: Outlet, { onError = report }: FailureOptions) {
    if (typeof onError !== "function") {
      throw new TypeError("Cannot use onError: it is not a function");
    }
    this.#outlet = outlet;
    this.onError = onError;
  }

  /**
   * Sends a command.
   *
   * @throws {TypeError} if it holds what cannot travel.
   */
  send(command: Command): void {
    const failure = { method: METHODS[command.type], nsp: command.nsp };
    if (debug.enabled) debug.log(`${failure.nsp}: ${failure.method}`);
    const sending = this.#queue.send(
      command,
      (command, binary) => this.#outlet.send(command, binary),
    );
    const sent: Promise<void> = Promise.resolve(sending).then(
      () => void this.#pending.delete(sent),
      (error) => {
        this.#pending.delete(sent);
        this.failed(error, failure);
      },
    );
    this.#pending.add(sent);
  }

  /** Resolves once nothing is on its way any more that has been sent so far. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Tells of an error, and of the command that is lost by it, if one is. */
  failed(error: unknown, failure?: Failure): void {
    const known = error instanceof Error ? error : new Error(String(error));
    const notTold = (cause: unknown) => {
      report(known, failure);
      console.error("Error in onError of an emitter:", cause);
    };
    try {
      const told: unknown = this.onError(known, failure);
      if (told instanceof Promise) told.catch(notTold);
    } catch (cause) {
      notTold(cause);
    }
  }
}

function report(error: Error, failure?: Failure): void {
  const where = failure === undefined
    ? "the connection"
    : `${failure.method} in namespace ${JSON.stringify(failure.nsp)}`;
  console.error(`Error of an emitter, ${where}:`, error);
}
