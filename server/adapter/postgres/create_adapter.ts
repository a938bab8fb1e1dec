import { checkOptionNames, ClusterAdapter } from "../cluster/mod.ts";
import type { AdapterScope } from "../mod.ts";
import { Attachments } from "./attachments.ts";
import { PostgresBus } from "./bus.ts";
import { channelName } from "./channel.ts";
import { type PostgresAdapterOptions, readOptions } from "./options.ts";
import { checkSize, isPgPool, type PgPool } from "./pg.ts";
import type { PostgresSql } from "./sql.ts";
import { toDatabase } from "./to_database.ts";

const OPTIONS: readonly (keyof PostgresAdapterOptions)[] = [
  "channelPrefix",
  "tableName",
  "payloadThreshold",
  "cleanupInterval",
  "errorHandler",
  "requestsTimeout",
  "heartbeatInterval",
  "heartbeatTimeout",
];

class PostgresAdapter extends ClusterAdapter {}

/**
 * Makes adapters that reach the sockets of other servers by way of PostgreSQL: those of this package,
 * and those of npm with `@socket.io/postgres-adapter`.
 *
 * It takes a `Pool` of `pg`, the `sql` of `postgres`, or `Bun.sql`. One connection of it listens as
 * long as the server is open, also for other servers with the same pool, which so has two at least.
 * `io.close()` leaves the client open, so that is to be ended afterwards: `postgres` keeps listening
 * until then by the connections that it has made after a loss, although nobody hears them. If the
 * connection is lost, it is made anew; what the others say meanwhile is missed, and the adapters tell
 * so by the event `error`. Where idle connections may be dropped without a word, give the client its
 * option to keep them alive.
 *
 * PostgreSQL looks at the first 63 bytes of the name of a channel: the prefix, `#` and the name of the
 * namespace. Servers of this package hear each other also where it is longer, but those of npm can only
 * listen then: PostgreSQL refuses what they send.
 *
 * Messages of 8,000 bytes or more, and those with binary data, need a table:
 *
 * ```sql
 * CREATE TABLE IF NOT EXISTS socket_io_attachments (
 *   id          bigserial UNIQUE,
 *   created_at  timestamptz DEFAULT NOW(),
 *   payload     bytea
 * );
 * ```
 *
 * @param pool the client; of `pg`, it takes no single `Client`, which ends with its connection.
 * @throws {TypeError} if the client is none of these, or an option is of the wrong kind, or its
 * name looks misspelt.
 * @throws {RangeError} if an option is out of its range, or a pool has one connection only. For
 * `requestsTimeout` and the heartbeats, what is returned throws it.
 *
 * @example
 * ```ts ignore
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/postgres";
 * import pg from "pg";
 *
 * const pool = new pg.Pool({ connectionString: "postgres://localhost/chat" });
 * const io = new Server({ adapter: createAdapter(pool) });
 * await io.listen(3000);
 * ```
 *
 * @example What it takes
 * ```ts
 * import { createAdapter } from "@sockeye/io/adapter/postgres";
 * import { throws } from "node:assert/strict";
 *
 * throws(() => createAdapter("postgres://localhost/chat" as never), TypeError);
 * ```
 */
export function createAdapter(
  pool: PgPool | PostgresSql,
  options: PostgresAdapterOptions = {},
): (scope: AdapterScope) => ClusterAdapter {
  const database = toDatabase(pool);
  if (isPgPool(pool)) checkSize(pool);
  checkOptionNames(options, OPTIONS);
  const settings = readOptions(options);
  const attachments = new Attachments(database, settings);
  return (scope) => {
    const channel = channelName(settings.channelPrefix, scope.name);
    const bus = new PostgresBus(database, attachments, channel, settings.payloadThreshold);
    const adapter = new PostgresAdapter(scope, bus, options);
    if (options.errorHandler !== undefined) adapter.on("error", options.errorHandler);
    return adapter;
  };
}
