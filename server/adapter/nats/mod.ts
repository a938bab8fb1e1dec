/**
 * Servers that share their namespaces by NATS, over a connection of `@nats-io/transport-node` 3, of
 * `wsconnect` of `@nats-io/nats-core` 3, or of `nats` 2.
 *
 * The messages are those of the cluster in MessagePack. Each namespace has a subject,
 * `PREFIX.NAMESPACE`, and each server one more for its answers, `PREFIX.NAMESPACE.ID`. In the name of
 * a namespace each byte of its UTF-8 but letters, digits, `-` and `_` is written as `=` and two digits:
 * `/chat` is `=2Fchat`. What is longer than 200 characters is cut, and ends with `==`; those that begin
 * alike share a subject, but not their messages. An answer that is too large for NATS is sent in several
 * messages.
 *
 * NATS keeps nothing for a server that is away. That the connection was lost is told by the event
 * `error` of the adapter of the first namespace of the server, usually `/`; what could not be sent, by
 * that of its own.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@nats-io/transport-node";
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/nats";
 *
 * const connection = await connect({ servers: "127.0.0.1:4222", maxReconnectAttempts: -1 });
 * const io = new Server({ adapter: createAdapter(connection) });
 * await io.listen(3000);
 * // In the end:
 * await io.close();
 * await connection.close();
 * ```
 *
 * @module
 */
export { createAdapter, type NatsOptions } from "./adapter.ts";
export type { NatsConnection, NatsMessage, NatsSubscription } from "./connection.ts";
