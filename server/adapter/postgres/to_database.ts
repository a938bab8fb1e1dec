import type { Database } from "./database.ts";
import { isPgPool, PgDatabase } from "./pg.ts";
import { isPostgresSql, SqlDatabase } from "./sql.ts";

/**
 * Makes one interface of all clients of PostgreSQL.
 *
 * @throws {TypeError} if the value is none that is known.
 */
export function toDatabase(client: unknown): Database {
  if (isPgPool(client)) return new PgDatabase(client);
  if (isPostgresSql(client)) return new SqlDatabase(client);
  throw new TypeError(
    "Cannot use client of PostgreSQL: it is neither a Pool of pg, nor sql of postgres, nor Bun.sql with listen()",
  );
}
