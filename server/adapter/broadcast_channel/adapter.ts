import {
  checkOptionNames,
  ClusterAdapter,
  type ClusterBus,
  type ClusterOptions,
} from "../cluster/mod.ts";
import type { AdapterFactory } from "../mod.ts";
import { Hub } from "./hub.ts";
import { limitsOf } from "./limits.ts";
import type { KeepLimits } from "./outbox.ts";
import type { OpenPort } from "./port.ts";

/** What the adapter between threads is created with. */
export interface BroadcastChannelOptions extends ClusterOptions, Partial<KeepLimits> {
  /** The name of the channel, the same for all threads; `socket.io` by default. */
  readonly channelName?: string;
}

const OPTIONS: readonly (keyof BroadcastChannelOptions)[] = [
  "channelName",
  "maxKeptBytes",
  "maxKeptMessages",
  "requestsTimeout",
  "heartbeatInterval",
  "heartbeatTimeout",
];

const DEFAULT_NAME = "socket.io";

/**
 * Creates what a server is given as its `adapter`, so that it shares its namespaces with the servers
 * in other threads of its process.
 *
 * What cannot travel between threads, such as a big integer or cyclic data, is a `TypeError` to
 * whoever emits it.
 *
 * @throws {TypeError} if the name of an option looks misspelt.
 * @throws {RangeError} if a limit is none; if a time is none, the server throws it when it is made.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/broadcast-channel";
 *
 * const adapter = createAdapter({ channelName: "chat", maxKeptBytes: 1_000_000 });
 * const io = new Server({ adapter, transports: ["websocket"] });
 * io.of("/").adapter.on("error", (error) => console.warn(error.message));
 * await io.close();
 * ```
 */
export function createAdapter(options: BroadcastChannelOptions = {}): AdapterFactory {
  return adapterOver((name) => new BroadcastChannel(name), options);
}

class BroadcastChannelAdapter extends ClusterAdapter {}

/** The same over any kind of channel. */
export function adapterOver(open: OpenPort, options: BroadcastChannelOptions): AdapterFactory {
  checkOptionNames(options, OPTIONS);
  const { channelName = DEFAULT_NAME } = options;
  const limits = limitsOf(options);
  // One channel for all namespaces, unless two servers share the adapter.
  const hubs = new Set<Hub>();
  const hubFor = (nsp: string) => {
    const known = [...hubs].find((hub) => hub.takes(nsp));
    if (known !== undefined) return known;
    const hub = new Hub(() => open(channelName), { ...options, ...limits });
    hubs.add(hub);
    return hub;
  };
  const createBus = (): ClusterBus => {
    let hub: Hub | undefined;
    let nsp = "";
    return {
      open: (receiver) => {
        nsp = receiver.nsp;
        hub = hubFor(nsp);
        hub.add(receiver);
      },
      publish: (message) => hub?.send(message, ""),
      respond: (uid, message) => hub?.send(message, uid),
      close: async () => {
        if (hub?.remove(nsp) !== true) return;
        hubs.delete(hub);
        await hub.close();
      },
    };
  };
  return (scope) => new BroadcastChannelAdapter(scope, createBus(), options);
}
