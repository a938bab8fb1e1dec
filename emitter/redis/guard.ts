import type { AnyRedisClient, RedisClient } from "../../server/adapter/redis/client/mod.ts";
import type { Outbox } from "../outbox.ts";

// The clients whose errors are heard already, so that many emitters of one do not add up.
const guarded = new WeakSet<AnyRedisClient>();

/** Hears the errors of a client: one of a package that nobody hears would end the process. */
export function guard(key: AnyRedisClient, client: RedisClient, outbox: Outbox): void {
  if (guarded.has(key)) return;
  guarded.add(key);
  client.onError((error) => outbox.failed(error));
}
