import {
  type AnyRedisClient,
  type RedisClient,
  wrapClient,
} from "../../server/adapter/redis/client/mod.ts";
import type { Outlet } from "../command.ts";
import { type FailureOptions, Outbox } from "../outbox.ts";

// The clients whose errors are heard already, so that many emitters of one do not add up.
const guarded = new WeakSet<AnyRedisClient>();

/** What every emitter with a client of Redis may be told. */
export interface RedisOptions extends FailureOptions {
  /** Whether bytes travel as text; `undefined` leaves it to the client. */
  readonly plainText?: boolean;
}

/**
 * Makes what an emitter sends by.
 *
 * @param outletOf takes the client, and whether bytes travel as text.
 * @throws {TypeError} if the client is none, and what `outletOf` throws.
 */
export function openOutbox(
  redisClient: AnyRedisClient,
  options: RedisOptions,
  outletOf: (client: RedisClient, plainText: boolean) => Outlet,
): Outbox {
  const { plainText } = options;
  const name = "the client of an emitter";
  const client = wrapClient(redisClient, plainText === undefined ? { name } : { name, plainText });
  const outbox = new Outbox(outletOf(client, plainText ?? client.plainText), options);
  guard(redisClient, client, outbox);
  return outbox;
}

/** Hears the errors of a client: one of a package that nobody hears would end the process. */
function guard(key: AnyRedisClient, client: RedisClient, outbox: Outbox): void {
  if (guarded.has(key)) return;
  guarded.add(key);
  client.onError((error) => outbox.failed(error));
}
