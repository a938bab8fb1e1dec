import type { AdapterFactory } from "../../../server/adapter/mod.ts";
import { createAdapter, createShardedAdapter } from "../../../server/adapter/redis/mod.ts";
import { createAdapter as createStreams } from "../../../server/adapter/redis_streams/mod.ts";
import { Gate } from "../../harness/gate.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { within } from "../../harness/once.ts";
import { ALL_PACKAGES, openClient } from "../../harness/redis_clients.ts";
import { untilServers } from "../../harness/server_count.ts";
import { find } from "../../harness/services.ts";
import { start } from "../../harness/started.ts";

const { url, SKIP } = await find("redis");

type Open = () => Promise<Parameters<typeof createAdapter>[0]>;

const requestsTimeout = 200;

const KINDS: Readonly<Record<string, (key: string, open: Open) => Promise<AdapterFactory>>> = {
  classic: async (key, open) => createAdapter(await open(), await open(), { key, requestsTimeout }),
  sharded: async (key, open) =>
    createShardedAdapter(await open(), await open(), { channelPrefix: key, requestsTimeout }),
  streams: async (key, open) =>
    createStreams(await open(), { streamName: key, channelPrefix: key, requestsTimeout }),
};

for (const [kind, adapterOf] of Object.entries(KINDS)) {
  for (const name of ALL_PACKAGES) {
    if (name === "Bun.RedisClient" && kind !== "classic") continue;
    describe(`the sockets of a server that is gone: ${kind}, with ${name}`, SKIP, () => {
      it("are not waited for by a broadcast without a timeout", async () => {
        await using stack = new AsyncDisposableStack();
        const key = `sockeye-${crypto.randomUUID()}`;
        const gate = stack.use(await Gate.before(url));
        const join = async (address: string) => {
          const adapter = await adapterOf(key, async () => {
            const { client, close } = await openClient(name, address);
            stack.defer(close);
            return client;
          });
          return stack.use(
            await start({ adapter }, (io) => io.of("/").adapter.on("error", () => {})),
          );
        };
        const near = await join(url);
        const far = await join(gate.url);
        await untilServers(near.io.sockets, 2);
        const options = { transports: ["websocket"] };
        const [one, two] = [
          await near.clients.connect(options),
          await far.clients.connect(options),
        ];
        const asked = Promise.withResolvers<void>();
        one.on("ask", (done) => done("here"));
        two.on("ask", () => asked.resolve());
        const answers = near.io.emitWithAck("ask");
        await within(asked.promise, "the question");
        await gate.shut();
        assert.deepEqual(await within(answers, "the answers"), ["here"]);
        await gate.open();
      });
    });
  }
}
