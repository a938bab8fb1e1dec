/**
 * Servers that share their namespaces by way of PostgreSQL, also with servers of npm
 * `@socket.io/postgres-adapter`.
 *
 * @module
 */
export { createAdapter } from "./create_adapter.ts";
export type { PgClient, PgNotification, PgPool } from "./pg.ts";
export type { PostgresAdapterOptions } from "./options.ts";
export type { PostgresSql } from "./sql.ts";
