import { checkOptionNames, ClusterAdapter, type ClusterOptions } from "../cluster/mod.ts";
import type { AdapterFactory } from "../mod.ts";
import { NatsBus } from "./bus.ts";
import { checkConnection, type NatsConnection } from "./connection.ts";
import { checkPrefix } from "./subject.ts";
import { Watch } from "./watch.ts";

/** What the NATS adapter is created with. */
export interface NatsOptions extends ClusterOptions {
  /** How all subjects begin, the same for all servers; `socket.io` by default. */
  readonly subjectPrefix?: string;
}

const OPTIONS: readonly (keyof NatsOptions)[] = [
  "subjectPrefix",
  "requestsTimeout",
  "heartbeatInterval",
  "heartbeatTimeout",
];

class NatsAdapter extends ClusterAdapter {}

/**
 * Creates what a server is given as its `adapter`, so that it shares its namespaces with other
 * servers. `io.close()` leaves the connection open.
 *
 * An event that takes more bytes than the NATS server allows, 1 MiB by default, is a `TypeError` to
 * whoever emits it; so is one that MessagePack cannot carry. What servers answer to `fetchSockets()`
 * may be larger, but not what they say of one socket: its `data` is left out then, and with it the
 * `auth` of its handshake if need be, and the event `error` of the adapter tells so.
 *
 * @throws {TypeError} if the connection is none, the prefix is no subject, or the name of an option
 * looks misspelt. If a time is none, the server throws a `RangeError` when it is made.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@nats-io/transport-node";
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/nats";
 *
 * const connection = await connect({ maxReconnectAttempts: -1 });
 * const io = new Server({ adapter: createAdapter(connection, { subjectPrefix: "chat.io" }) });
 * io.of("/").adapter.on("error", (error) => console.warn(error.message));
 * ```
 */
export function createAdapter(
  connection: NatsConnection,
  options: NatsOptions = {},
): AdapterFactory {
  checkConnection(connection);
  checkOptionNames(options, OPTIONS);
  const { subjectPrefix = "socket.io" } = options;
  checkPrefix(subjectPrefix);
  const watch = new Watch(connection);
  return (scope) => new NatsAdapter(scope, new NatsBus(connection, watch, subjectPrefix), options);
}
