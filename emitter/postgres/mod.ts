/**
 * Sends to the clients of servers that share a cluster by PostgreSQL, from a program that is no
 * server.
 *
 * @module
 */
export type { PgClient, PgNotification, PgPool } from "../../server/adapter/postgres/pg.ts";
export type { PostgresSql } from "../../server/adapter/postgres/sql.ts";
export { BrokerEmitter } from "../emitter.ts";
export type { Rooms } from "../names.ts";
export { BroadcastOperator } from "../operator.ts";
export type { Failure, FailureOptions } from "../outbox.ts";
export { Emitter, type EmitterOptions, type PostgresClient } from "./emitter.ts";
