import type { DefaultEventsMap, EventsMap } from "../../events/mod.ts";
import { BrokerEmitter } from "../emitter.ts";
import { namespaceName } from "../names.ts";
import { type FailureOptions, Outbox } from "../outbox.ts";
import { checkOptionNames } from "../../server/adapter/cluster/option_names.ts";
import { Attachments } from "../../server/adapter/postgres/attachments.ts";
import { readOptions } from "../../server/adapter/postgres/options.ts";
import { isPgPool, type PgPool } from "../../server/adapter/postgres/pg.ts";
import type { PostgresSql } from "../../server/adapter/postgres/sql.ts";
import { toDatabase } from "../../server/adapter/postgres/to_database.ts";
import { PostgresOutlet } from "./outlet.ts";

/** Where the servers listen, and what is told of failures. */
export interface EmitterOptions extends FailureOptions {
  /** What the names of the channels begin with, as in the servers; `socket.io` by default. */
  readonly channelPrefix?: string;
  /**
   * The table for what is too large to be said at once, and for bytes, as in the servers;
   * `socket_io_attachments` by default. It may be behind the name of a schema and a point.
   */
  readonly tableName?: string;
  /**
   * How many bytes of JSON a command has at least that goes by the table; 8,000 by default, which
   * PostgreSQL does not take at once any more, and so the most.
   */
  readonly payloadThreshold?: number;
}

/** A `Pool` of the package `pg`, the `sql` of the package `postgres`, or `Bun.sql`. */
export type PostgresClient = PgPool | PostgresSql;

const OPTIONS: readonly (keyof EmitterOptions)[] = [
  "channelPrefix",
  "tableName",
  "payloadThreshold",
  "onError",
];

// The pools whose errors are heard already, so that many emitters of one do not add up.
const guarded = new WeakSet<object>();

/**
 * Sends to the clients of Socket.IO servers that share a cluster by PostgreSQL, without being one of
 * them. What one emitter sends arrives in the order in which it was sent.
 *
 * @example
 * ```ts ignore
 * import { Emitter } from "@sockeye/io/emitter/postgres";
 * import pg from "pg";
 *
 * interface Events {
 *   time(now: number): void;
 * }
 * const pool = new pg.Pool({ connectionString: "postgres://localhost/chat" });
 * const emitter = new Emitter<Events>(pool);
 *
 * emitter.to("clocks").emit("time", Date.now());
 * emitter.of("/admin").in("guests").disconnectSockets();
 * await emitter.flush(); // before the pool is ended
 * await pool.end();
 * ```
 */
export class Emitter<
  EmitEvents extends EventsMap = DefaultEventsMap,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
> extends BrokerEmitter<EmitEvents, ServerSideEvents> {
  /** The client that it was made with. It stays the program's, which closes it. */
  readonly pool: PostgresClient;

  /**
   * Takes a client, and the namespace (`/` by default) and the options in either order.
   *
   * @throws {TypeError | RangeError} if an argument or an option cannot be used.
   */
  constructor(
    pool: PostgresClient,
    ...rest:
      | [nsp?: string | undefined, options?: EmitterOptions | undefined]
      | [options: EmitterOptions, nsp?: string | undefined]
  ) {
    const { nsp, options } = named(rest);
    super(options instanceof Outbox ? options : open(pool, options), nsp);
    this.pool = pool;
  }

  /** The emitter of another namespace, with the same client and options. */
  override of(nsp: string): Emitter<EmitEvents, ServerSideEvents> {
    return new Emitter<EmitEvents, ServerSideEvents>(this.pool, this.shared, namespaceName(nsp));
  }
}

function named(
  [first = "/", second]: readonly (string | EmitterOptions | undefined)[],
): { readonly nsp: string; readonly options: EmitterOptions } {
  const [nsp, options] = typeof first === "string" ? [first, second] : [second ?? "/", first];
  if (typeof nsp === "string" && typeof options !== "string") {
    return { nsp, options: options ?? {} };
  }
  throw new TypeError("Cannot make an emitter: it takes one namespace and one object of options");
}

function open(pool: PostgresClient, options: EmitterOptions): Outbox {
  checkOptionNames(options, OPTIONS);
  const settings = readOptions(options);
  const database = toDatabase(pool);
  const outlet = new PostgresOutlet(database, new Attachments(database, settings), settings);
  // A pool of pg whose errors nobody hears would end the process when one of its idle connections is
  // lost. It makes another one by itself, so nothing is lost by that.
  if (!guarded.has(pool) && isPgPool(pool)) pool.on("error", () => {});
  guarded.add(pool);
  return new Outbox(outlet, options);
}
