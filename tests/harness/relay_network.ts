import type { Handler } from "../../server/engine/runtime.ts";
import { Engine, type EngineOptions, type RelayBus } from "../../server/engine/mod.ts";
import type { RelayReceiver } from "../../server/engine/relay/bus.ts";
import type { Closable } from "./serve.ts";

/** Ways between servers in memory: what is sent is copied, and arrives in a later turn, in order. */
export class RelayNetwork implements AsyncDisposable {
  /** All servers that are open, by their ids. */
  readonly receivers: Map<string, RelayReceiver> = new Map();
  /** Every message that has been sent, and to whom. */
  readonly sent: { readonly to: string; readonly message: unknown }[] = [];
  /** What becomes of a message on its way; `undefined` if it is lost. */
  passes: (message: unknown) => unknown = (message) => message;

  /** The way of one more server. */
  bus(): RelayBus {
    let own = "";
    return {
      open: (id, receiver) => void this.receivers.set(own = id, receiver),
      send: (to, message) => {
        const copy = this.passes(structuredClone(message));
        if (copy === undefined) return;
        this.sent.push({ to, message: copy });
        queueMicrotask(() => this.receivers.get(to)?.receive(copy));
      },
      close: () => void this.receivers.delete(own),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** Hands something to a server, as it came from the wire. */
  tell(id: string, message: unknown): void {
    this.receivers.get(id)?.receive(message);
  }
}

/**
 * What has all clients shake hands with a server, and send everything else to another, which hands it
 * on.
 *
 * @param options those of the server.
 */
export function behindFront(
  owner: Closable,
  network: RelayNetwork,
  options: EngineOptions,
): Closable & { readonly front: Engine } {
  const front = new Engine({ path: "/socket.io", ...options, relay: network.bus() });
  return {
    front,
    handler: () => {
      const [direct, relayed] = [owner.handler(), front.handler()];
      const fetch = (request: Request, connection?: unknown) =>
        (/[?&]sid=[^&]/.test(request.url) ? relayed : direct)(request, connection);
      return Object.assign(fetch, { ...direct, fetch }) as Handler;
    },
    close: async () => {
      await owner.close();
      await front.close();
    },
  };
}
