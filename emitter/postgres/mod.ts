/**
 * Sends to the clients of servers that share a cluster by PostgreSQL, from a program that is no
 * server.
 *
 * @module
 */
export { BrokerEmitter } from "../emitter.ts";
export type { Rooms } from "../names.ts";
export { BroadcastOperator } from "../operator.ts";
export type { Failure, FailureOptions } from "../outbox.ts";
export { Emitter, type EmitterOptions } from "./emitter.ts";
export type { PgClient, PostgresClient, SqlClient } from "./query.ts";
