import type { Database } from "./database.ts";
import { isPgPool, PgDatabase, type PgPool } from "./pg.ts";
import { isPostgresSql, SqlDatabase } from "./sql.ts";

// One connection of a pool listens for all, however many adapters and emitters the pool has.
const databases = new WeakMap<PgPool, PgDatabase>();

/**
 * Makes one interface of all clients of PostgreSQL.
 *
 * @throws {TypeError} if the value is none that is known.
 */
export function toDatabase(client: unknown): Database {
  if (isPgPool(client)) return databaseOf(client);
  if (isPostgresSql(client)) return new SqlDatabase(client);
  throw new TypeError(
    "Cannot use client of PostgreSQL: it is neither a Pool of pg, nor sql of postgres, nor Bun.sql with listen()",
  );
}

function databaseOf(pool: PgPool): PgDatabase {
  const known = databases.get(pool);
  if (known !== undefined) return known;
  const database = new PgDatabase(pool);
  databases.set(pool, database);
  return database;
}
