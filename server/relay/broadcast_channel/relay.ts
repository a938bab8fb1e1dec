import type { KeepLimits } from "../../adapter/broadcast_channel/mod.ts";
import { limitsOf } from "../../adapter/broadcast_channel/limits.ts";
import { pack, unpack } from "../../adapter/broadcast_channel/pack.ts";
import type { OpenPort } from "../../adapter/broadcast_channel/port.ts";
import { ReliableChannel } from "../../adapter/broadcast_channel/reliable_channel.ts";
import { checkOptionNames, checkTimes, type HeartbeatOptions } from "../../adapter/cluster/mod.ts";
import type { RelayBus } from "../../engine/relay/bus.ts";

/** What the way between threads is created with. */
export interface RelayOptions extends HeartbeatOptions, Partial<KeepLimits> {
  /** The name of the channel, the same for all threads; `engine.io` by default. */
  readonly channelName?: string;
}

const OPTIONS: readonly (keyof RelayOptions)[] = [
  "channelName",
  "maxKeptBytes",
  "maxKeptMessages",
  "heartbeatInterval",
  "heartbeatTimeout",
];

/**
 * Creates what a server is given as its `relay`, so that the requests of a client may come to any of
 * the threads.
 *
 * @throws {TypeError} if the name of an option looks misspelt.
 * @throws {RangeError} if a limit or a time is none.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { createRelay } from "@sockeye/io/relay/broadcast-channel";
 *
 * const io = new Server({ relay: createRelay({ channelName: "chat" }) });
 * await io.close();
 * ```
 */
export function createRelay(options: RelayOptions = {}): RelayBus {
  return relayOver((name) => new BroadcastChannel(name), options);
}

/** The same over any kind of channel. */
export function relayOver(open: OpenPort, options: RelayOptions): RelayBus {
  checkOptionNames(options, OPTIONS);
  checkTimes(options);
  const { channelName = "engine.io" } = options;
  const settings = { ...options, ...limitsOf(options) };
  let channel: ReliableChannel | undefined;
  return {
    open(id, receiver) {
      channel = new ReliableChannel(() => open(channelName), {
        deliver(items) {
          for (const [, to, message] of items) {
            if (to === id) receiver.receive(unpack(message));
          }
        },
        failed: (error) => receiver.failed(error),
      }, settings);
      channel.open();
    },
    send: (to, message) => channel?.send(pack("", to, message)),
    async close() {
      // Until then requests still come, and are answered.
      await channel?.close();
      channel = undefined;
    },
  };
}
