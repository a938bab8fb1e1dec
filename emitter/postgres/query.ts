/** A `Pool` or `Client` of the package `pg`, or what is used like one. */
export interface PgClient {
  /** Runs one statement. */
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** A `sql` of the package `postgres`, or `Bun.sql`. */
export interface SqlClient {
  /** Runs one statement. */
  unsafe(text: string, values: never[]): PromiseLike<unknown>;
}

/** The clients of PostgreSQL by which an emitter can send. */
export type PostgresClient = PgClient | SqlClient;

/** Runs one statement. What fails rejects; nothing is thrown. */
export type Query = (text: string, values: readonly unknown[]) => Promise<unknown>;

/**
 * Tells clients apart.
 *
 * @throws {TypeError} if it is none that is known.
 */
export function queryOf(client: PostgresClient): Query {
  if (hasMethod(client, "unsafe")) {
    return async (text, values) => await client.unsafe(text, values as never[]);
  }
  if (hasMethod(client, "query")) {
    return async (text, values) => await client.query(text, [...values]);
  }
  throw new TypeError(
    "Cannot use the client of PostgreSQL: it is no Pool of pg, no sql of postgres, and not Bun.sql",
  );
}

function hasMethod<Name extends string>(
  client: unknown,
  name: Name,
): client is Record<Name, () => unknown> {
  const isClient = typeof client === "function" || typeof client === "object" && client !== null;
  return isClient && typeof (client as Partial<Record<Name, unknown>>)[name] === "function";
}
