import { checkOptionNames } from "../../adapter/cluster/mod.ts";
import type { AnyRedisClient } from "../../adapter/redis/client/mod.ts";
import { wrapClients } from "../../adapter/redis/clients.ts";
import { attempted, checkOpen } from "../../adapter/redis/failures.ts";
import { decode, formatOf } from "../../adapter/redis/format.ts";
import type { RelayBus } from "../../engine/relay/bus.ts";

/** What the way by Redis is created with. */
export interface RelayOptions {
  /** What the names of all channels begin with, the same for all servers; `engine.io-relay` by default. */
  readonly key?: string;
  /**
   * Whether bytes are published as text, in base64. All servers must do so as soon as one of them
   * receives by a `Bun.RedisClient`, which damages bytes. By default it is done if one of the two
   * clients is a `Bun.RedisClient`.
   */
  readonly plainText?: boolean;
}

const OPTIONS: readonly (keyof RelayOptions)[] = ["key", "plainText"];

/**
 * Creates what a server is given as its `relay`, so that the requests of a client may come to any
 * server. The clients of Redis are such as the adapter for Redis takes, and may be the same; they
 * stay the program's, and open.
 *
 * While Redis is out of reach, requests for sessions of other servers are refused as if there were no
 * such session after three seconds, so that clients begin anew.
 *
 * @throws {TypeError} if a client or an option is of no use.
 *
 * @example
 * ```ts ignore
 * import { createClient } from "redis";
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/redis";
 * import { createRelay } from "@sockeye/io/relay/redis";
 *
 * const pub = createClient({ url: "redis://127.0.0.1:6379" });
 * const sub = pub.duplicate();
 * await Promise.all([pub.connect(), sub.connect()]);
 *
 * const io = new Server({ adapter: createAdapter(pub, sub), relay: createRelay(pub, sub) });
 * await io.listen(3000);
 * ```
 */
export function createRelay(
  pubClient: AnyRedisClient,
  subClient: AnyRedisClient,
  options: RelayOptions = {},
): RelayBus {
  checkOptionNames(options, OPTIONS);
  const { key = "engine.io-relay", plainText } = options;
  if (typeof key !== "string" || key === "") {
    throw new TypeError("Cannot use key: it is no text, or empty");
  }
  const clients = wrapClients(pubClient, subClient, plainText);
  const { pub, sub } = clients;
  const format = formatOf(undefined);
  const channelOf = (id: string) => `${key}#${id}#`;
  const ends: (() => unknown)[] = [];
  return {
    async open(id, receiver) {
      const hear = (bytes: Uint8Array) => {
        try {
          receiver.receive(decode(bytes, format));
        } catch (error) {
          receiver.failed(error);
        }
      };
      const failed = (error: Error) => receiver.failed(error);
      ends.push(
        pub.onError(failed),
        sub.onError(failed),
        () => sub.unsubscribe(channelOf(id), hear),
      );
      // A client that is connected later hears, too.
      const heard = sub.subscribe(channelOf(id), hear);
      heard.catch(() => {});
      checkOpen(clients);
      await heard;
    },
    send: (to, message) =>
      attempted("relay a request", pub.publish(channelOf(to), format.encode(message))),
    async close() {
      await Promise.all(ends.splice(0).map((end) => end()));
    },
  };
}
