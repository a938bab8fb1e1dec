import type { AdapterFactory } from "../../../server/adapter/mod.ts";
import { createAdapter, createShardedAdapter } from "../../../server/adapter/redis/mod.ts";
import { Gate } from "../../harness/gate.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { once, until } from "../../harness/once.ts";
import { ALL_PACKAGES, openClient, type Package } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { start } from "../../harness/started.ts";

const { url, SKIP } = await find("redis");

type Kind = "classic" | "sharded";

interface Joined extends AsyncDisposable {
  readonly adapter: AdapterFactory;
  readonly clients: readonly { on?(event: "error", listener: () => void): void }[];
}

async function join(name: Package, kind: Kind, url: string, key: string): Promise<Joined> {
  const [pub, sub] = await Promise.all([openClient(name, url), openClient(name, url)]);
  return {
    adapter: kind === "classic"
      ? createAdapter(pub.client, sub.client, { key })
      : createShardedAdapter(pub.client, sub.client, { channelPrefix: key }),
    clients: [pub.client, sub.client] as Joined["clients"],
    [Symbol.asyncDispose]() {
      pub.close();
      sub.close();
      return Promise.resolve();
    },
  };
}

for (const name of ALL_PACKAGES) {
  for (const kind of ["classic", "sharded"] as const) {
    if (name === "Bun.RedisClient" && kind === "sharded") continue;
    describe(`a server that loses Redis: ${kind}, with ${name}`, SKIP, () => {
      it("serves its own clients meanwhile, and the cluster afterwards", async () => {
        await using stack = new AsyncDisposableStack();
        const key = `sockeye-${crypto.randomUUID()}`;
        const gate = stack.use(await Gate.before(url));
        const near = stack.use(await join(name, kind, url, key));
        const far = stack.use(await join(name, kind, gate.url, key));
        const options = { transports: ["websocket"] };
        const errors: Error[] = [];
        const one = stack.use(await start({ adapter: near.adapter }));
        const two = stack.use(
          await start({ adapter: far.adapter }, (io) => {
            io.of("/").adapter.on("error", (error) => errors.push(error));
            io.on("connection", (socket) => socket.join("room"));
          }),
        );
        const client = await two.clients.connect(options);
        const count = async (size: number) => {
          let known = 0;
          await until(() => {
            Promise.resolve(one.io.sockets.adapter.serverCount()).then((n) => known = n, () => {});
            return known === size;
          }, `${size} servers`);
        };
        await count(2);

        await gate.shut();
        await count(1);
        const local = once(client, "say");
        two.io.to("room").emit("say", "to you");
        assert.deepEqual(await local, ["to you"]);
        // Rooms and clients come and go as ever.
        const other = await two.clients.connect(options);
        two.io.in("room").socketsJoin("another");
        const both = [client, other].map((socket) => once(socket, "say"));
        two.io.to("another").emit("say", "to both");
        assert.deepEqual(await Promise.all(both), [["to both"], ["to both"]]);

        // A Bun.RedisClient does not tell; it goes on trying by itself.
        if (name !== "Bun.RedisClient") {
          await until(
            () => errors.some(({ message }) => message.includes("ECONNREFUSED")),
            "an error",
          );
        }
        await gate.open();
        await count(2);
        const again: unknown[] = [];
        client.on("say", (value) => again.push(value));
        await until(() => {
          // Rooms are heard again a little later than the server is counted.
          one.io.to("another").emit("say", "from afar");
          return again.includes("from afar");
        }, "a message");
        assert.equal((await one.io.fetchSockets()).length, 2);
      });

      it("closes while Redis is away, and leaves the clients open", async () => {
        const key = `sockeye-${crypto.randomUUID()}`;
        await using gate = await Gate.before(url);
        await using joined = await join(name, kind, gate.url, key);
        for (const client of joined.clients) client.on?.("error", () => {});
        const errors: Error[] = [];
        const started = await start({ adapter: joined.adapter }, (io) => {
          io.of("/").adapter.on("error", (error) => errors.push(error));
        });
        await (started.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
        await gate.shut();
        started.io.emit("say", 1);
        await started[Symbol.asyncDispose]();
        // The program listens to its clients, and is not told twice.
        assert.deepEqual(errors.filter(({ message }) => message.includes("ECONNREFUSED")), []);
        await gate.open();
        // The same clients serve another server.
        const next = await start({ adapter: joined.adapter });
        await (next.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
        let count = 0;
        await until(() => {
          Promise.resolve(next.io.sockets.adapter.serverCount()).then(
            (known) => count = known,
            () => {},
          );
          return count === 1;
        }, "one server");
        await next[Symbol.asyncDispose]();
      });
    });
  }
}
