import { describe } from "../../harness/mod.ts";
import { RedisBroker, type RedisSetting } from "../../harness/redis_broker.ts";
import { ALL_PACKAGES } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { clusterSuite } from "../../suite/cluster.ts";

const { url, SKIP } = await find("redis");

const json = {
  encode: (value: unknown) => JSON.stringify([value], (_key, item) => withBytes(item)),
  decode: (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes), revive)[0],
};

/** The settings of a cluster, by name; of its servers in turn, if there are several. */
const SETTINGS: Readonly<Record<string, RedisSetting | readonly RedisSetting[]>> = {
  "classic with redis": { pub: "redis", sub: "redis" },
  "classic with ioredis": { pub: "ioredis", sub: "ioredis" },
  "classic with Bun.RedisClient": { pub: "Bun.RedisClient", sub: "Bun.RedisClient" },
  "classic with a Bun.RedisClient that only listens": { pub: "redis", sub: "Bun.RedisClient" },
  "classic with all clients, as plain text": [
    { pub: "redis", sub: "ioredis", classic: { plainText: true } },
    { pub: "Bun.RedisClient", sub: "Bun.RedisClient" },
    { pub: "ioredis", sub: "redis", classic: { plainText: true } },
  ],
  "classic with answers to the asker alone": {
    ...{ pub: "redis", sub: "ioredis" },
    classic: { publishOnSpecificResponseChannel: true },
  },
  "classic with a parser": { pub: "ioredis", sub: "redis", classic: { parser: json } },
  "sharded and static with redis": {
    ...{ pub: "redis", sub: "redis" },
    sharded: { subscriptionMode: "static" },
  },
  "sharded and static with ioredis": {
    ...{ pub: "ioredis", sub: "ioredis" },
    sharded: { subscriptionMode: "static", plainText: true },
  },
  "sharded and dynamic with redis": { pub: "redis", sub: "redis", sharded: {} },
  "sharded and dynamic with ioredis": { pub: "ioredis", sub: "ioredis", sharded: {} },
  "sharded and dynamic with redis 4": { pub: "redis 4", sub: "redis 4", sharded: {} },
  "sharded and dynamic with redis 5": { pub: "redis 5", sub: "redis 5", sharded: {} },
  "sharded and dynamic with ioredis 5": { pub: "ioredis 5", sub: "ioredis 5", sharded: {} },
  "sharded and dynamic-private with redis": {
    ...{ pub: "redis", sub: "redis" },
    sharded: { subscriptionMode: "dynamic-private" },
  },
  "sharded and dynamic-private with ioredis": {
    ...{ pub: "ioredis", sub: "ioredis" },
    sharded: { subscriptionMode: "dynamic-private" },
  },
};

for (const [name, setting] of Object.entries(SETTINGS)) {
  const packages = [setting].flat().flatMap(({ pub, sub }) => [pub, sub]);
  if (!packages.every((name) => ALL_PACKAGES.includes(name))) continue;
  describe(name, SKIP, () => clusterSuite(() => new RedisBroker(url, setting)));
}

/** Bytes as text, which JSON has not. */
function withBytes(value: unknown): unknown {
  if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) return value;
  const bytes = value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  return { base64: bytes.toBase64() };
}

function revive(_key: string, value: unknown): unknown {
  const { base64 } = Object(value) as { base64?: string };
  return base64 === undefined ? value : Uint8Array.fromBase64(base64);
}
