import { describe } from "../../harness/mod.ts";
import type { RedisSetting } from "../../harness/redis_broker.ts";
import { find } from "../../harness/services.ts";
import { npmRedisSuite } from "../../suite/npm_redis.ts";

const { url, SKIP } = await find("redis");

const redis = { pub: "redis", sub: "redis" } as const;
const ioredis = { pub: "ioredis", sub: "ioredis" } as const;

/** Our setting, and the client of the server of npm. */
const CASES: readonly (readonly [name: string, ours: RedisSetting, npm: string])[] = [
  ["classic, redis beside redis", redis, "redis"],
  ["classic, ioredis beside ioredis, with answers to the asker alone", {
    ...ioredis,
    classic: { publishOnSpecificResponseChannel: true },
  }, "ioredis"],
  ["sharded and static, redis beside redis", {
    ...redis,
    sharded: { subscriptionMode: "static" },
  }, "redis"],
  ["sharded and dynamic, ioredis beside redis", { ...ioredis, sharded: {} }, "redis"],
  ["sharded and dynamic-private, redis beside ioredis", {
    ...redis,
    sharded: { subscriptionMode: "dynamic-private" },
  }, "ioredis"],
];

for (const [name, ours, npm] of CASES) {
  describe(`a cluster with a server of npm: ${name}`, SKIP, () => npmRedisSuite(url, ours, npm));
}
