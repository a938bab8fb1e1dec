import { type AnyRedisClient, type RedisClient, wrapClient } from "./client/mod.ts";

/** The two clients of a server. */
export interface Clients {
  readonly pub: RedisClient;
  readonly sub: RedisClient;
}

/**
 * Takes the two clients of the program.
 *
 * @throws {TypeError} if one is none, or cannot do what is asked.
 */
export function wrapClients(
  pubClient: AnyRedisClient,
  subClient: AnyRedisClient,
  plainText: boolean | undefined,
): Clients {
  const sub = wrapClient(subClient, { name: "subClient" });
  const pub = wrapClient(pubClient, {
    name: "pubClient",
    plainText: plainText ?? sub.plainText,
  });
  if (plainText === false && pub.plainText) {
    throw new TypeError("Cannot use plainText: Bun.RedisClient publishes texts only");
  }
  return { pub, sub };
}
