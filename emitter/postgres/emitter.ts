import type { DefaultEventsMap, EventsMap } from "../../events/mod.ts";
import { BrokerEmitter } from "../emitter.ts";
import { type FailureOptions, Outbox } from "../outbox.ts";
import { PostgresOutlet } from "./outlet.ts";
import { type PostgresClient, queryOf } from "./query.ts";

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
   * How many bytes of JSON are said at once, without the table; 8,000 by default, which is the most.
   * (PostgreSQL itself takes one byte less.)
   */
  readonly payloadThreshold?: number;
}

const IDENTIFIER = /^(?:[a-z_][\w$]*|"(?:[^"\0]|"")+")(?:\.(?:[a-z_][\w$]*|"(?:[^"\0]|"")+"))?$/i;
const MAX_THRESHOLD = 8000;

/**
 * Sends to the clients of Socket.IO servers that share a cluster by PostgreSQL, without being one of
 * them. What one emitter sends arrives in the order in which it was sent.
 *
 * @example
 * ```ts
 * import { Emitter } from "@sockeye/io/emitter/postgres";
 * import { deepEqual } from "node:assert/strict";
 *
 * // A `Pool` of the package `pg`; here, something that is as good for an example.
 * const statements: unknown[] = [];
 * const pool = { query: (...statement: unknown[]) => Promise.resolve(statements.push(statement)) };
 *
 * interface Events {
 *   time(now: number): void;
 * }
 * const emitter = new Emitter<Events>(pool);
 * emitter.to("clocks").emit("time", 12);
 * emitter.of("/admin").in("guests").disconnectSockets();
 * await emitter.flush(); // before the pool is ended
 * deepEqual(statements.length, 2);
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
    ...rest: [nsp?: string, options?: EmitterOptions] | [options: EmitterOptions, nsp?: string]
  ) {
    const { nsp, options } = named(rest);
    super(options instanceof Outbox ? options : open(pool, options), nsp);
    this.pool = pool;
  }

  /** The emitter of another namespace, with the same client and options. */
  override of(nsp: string): Emitter<EmitEvents, ServerSideEvents> {
    return new Emitter<EmitEvents, ServerSideEvents>(this.pool, nsp, this.shared);
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
  const {
    channelPrefix = "socket.io",
    tableName = "socket_io_attachments",
    payloadThreshold = MAX_THRESHOLD,
  } = options;
  if (typeof channelPrefix !== "string") {
    throw new TypeError("Cannot use channelPrefix: it is not a string");
  }
  if (!IDENTIFIER.test(tableName)) {
    throw new TypeError(`Cannot use tableName: ${JSON.stringify(tableName)} is no name of a table`);
  }
  if (!(payloadThreshold >= 0 && payloadThreshold <= MAX_THRESHOLD)) {
    throw new RangeError(`Cannot use payloadThreshold: it is not from 0 to ${MAX_THRESHOLD} bytes`);
  }
  const route = { channelPrefix, tableName, payloadThreshold };
  return new Outbox(new PostgresOutlet(queryOf(pool), route), options);
}
