import { createAdapter, createShardedAdapter } from "../../../server/adapter/redis/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { once, until } from "../../harness/once.ts";
import { RedisCluster, SKIP_CLUSTER } from "../../harness/redis_cluster.ts";
import { start } from "../../harness/started.ts";

describe("servers that share a Redis cluster", SKIP_CLUSTER, () => {
  it("reach each other by channels on any node", async () => {
    await using redis = await RedisCluster.start();
    for (const name of ["redis", "ioredis"] as const) {
      for (const create of [createAdapter, createShardedAdapter]) {
        await using stack = new AsyncDisposableStack();
        const what = `${create.name} with ${name}`;
        const errors: unknown[] = [];
        const started = [];
        for (let i = 0; i < 3; i++) {
          const [pub, sub] = [await redis.connect(name), await redis.connect(name)];
          stack.defer(() => pub.close());
          stack.defer(() => sub.close());
          const adapter = create(pub.client, sub.client);
          started.push(stack.use(
            await start({ adapter }, (io) => {
              io.of("/").adapter.on("error", (error) => errors.push(error));
              io.on("ask", (done: (answer: number) => void) => done(i));
            }),
          ));
        }
        const [one] = started.map(({ io }) => io);
        for (const { io } of started) {
          await (io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
        }
        let count = 0;
        await until(() => {
          Promise.resolve(one!.sockets.adapter.serverCount()).then(
            (known) => count = known,
            () => {},
          );
          return count === 3;
        }, `three servers: ${what}`);
        const clients = [];
        for (const { clients: own, io } of started) {
          const client = await own.connect({ transports: ["websocket"] });
          client.on("ask", (done) => done("here"));
          clients.push(client);
          const socket = io.sockets.sockets.get(client.id!)!;
          for (let i = 0; i < 20; i++) await socket.join(`room${i}`);
        }
        for (const room of [undefined, ...Array.from({ length: 20 }, (_, i) => `room${i}`)]) {
          const heard = clients.map((client) => once(client, "say"));
          (room === undefined ? one! : one!.to(room)).emit("say", new Uint8Array([1]));
          await Promise.all(heard);
        }
        assert.equal((await one!.fetchSockets()).length, 3, what);
        assert.deepEqual(
          await one!.timeout(8000).emitWithAck("ask"),
          ["here", "here", "here"],
          what,
        );
        assert.deepEqual((await one!.serverSideEmitWithAck("ask")).sort(), [1, 2], what);
        assert.deepEqual(errors, [], what);
      }
    }
  });
});
