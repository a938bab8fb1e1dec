import {
  ClusterAdapter,
  type ClusterBus,
  type Receiver,
} from "../../server/adapter/cluster/mod.ts";
import type { AdapterFactory } from "../../server/adapter/mod.ts";
import type { Broker } from "../suite/cluster.ts";

/**
 * A broker in memory: what is published is copied, and arrives in a later turn, in order.
 *
 * @param counts whether it knows how many servers there are.
 */
export class MemoryBroker implements Broker {
  readonly #counts: boolean;
  readonly #receivers = new Set<Receiver>();
  /** Every message that has been sent. */
  readonly sent: unknown[] = [];

  constructor(counts: boolean) {
    this.#counts = counts;
  }

  /** Hands a message to all, as it came from the wire. */
  tell(message: unknown): void {
    for (const receiver of this.#receivers) receiver.receive(message);
  }

  join(options: { readonly requestsTimeout?: number } = {}): AdapterFactory {
    return (scope) => new ClusterAdapter(scope, this.bus(), options);
  }

  bus(): ClusterBus {
    let own: Receiver | undefined;
    const send = (message: unknown) => {
      const copy = structuredClone(message);
      this.sent.push(copy);
      queueMicrotask(() => this.tell(copy));
    };
    return {
      open: (receiver) => {
        own = receiver;
        this.#receivers.add(receiver);
      },
      publish: send,
      respond: (_uid, message) => send(message),
      ...(this.#counts
        ? {
          serverCount: () =>
            Promise.resolve([...this.#receivers].filter(({ nsp }) => nsp === own?.nsp).length),
        }
        : {}),
      close: () => {
        if (own !== undefined) this.#receivers.delete(own);
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
