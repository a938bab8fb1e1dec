import { debugScope } from "../events/mod.ts";
import { MessageType } from "../server/adapter/cluster/mod.ts";
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
   * Called with each error of the broker or of its client, when a command did not get there: it is
   * lost. By default the error is written to the console.
   */
  readonly onError?: (error: Error, failure: Failure) => void;
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
    const sent = this.#outlet.send(command)
      .then(() => {}, (error) => this.#failed(error, failure))
      .finally(() => this.#pending.delete(sent));
    this.#pending.add(sent);
  }

  /** Resolves once nothing is on its way any more that has been sent so far. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #failed(error: unknown, failure: Failure): void {
    const known = error instanceof Error ? error : new Error(String(error));
    try {
      this.onError(known, failure);
    } catch (cause) {
      report(known, failure);
      console.error("Error in onError of an emitter:", cause);
    }
  }
}

function report(error: Error, { method, nsp }: Failure): void {
  console.error(`Error of an emitter, ${method} in namespace ${JSON.stringify(nsp)}:`, error);
}
