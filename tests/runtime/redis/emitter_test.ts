import { Emitter } from "@socket.io/redis-emitter";
import { encodeValue } from "../../../parser/msgpack/mod.ts";
import { wrapClient } from "../../../server/adapter/redis/client/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { once } from "../../harness/once.ts";
import { RedisBroker } from "../../harness/redis_broker.ts";
import { openClient, PACKAGES } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { start } from "../../harness/started.ts";
import { plain } from "../../suite/npm_redis.ts";

const { url, SKIP } = await find("redis");

describe("emitters", SKIP, () => {
  for (const name of ["redis", "ioredis"] as const) {
    it(`of npm are heard, over ${name}`, async () => {
      await using broker = new RedisBroker(url, { pub: name, sub: name }, "sockeye");
      const told: unknown[] = [];
      await using server = await start({ adapter: await broker.join() }, (io) => {
        io.on("connection", (socket) => socket.join(["a", "b#"]));
        io.of("/other").on("connection", () => {});
        io.on("tell", (...args: unknown[]) => told.push(args));
      });
      const { io } = server;
      for (const nsp of ["/", "/other"]) {
        await (io.of(nsp).adapter as unknown as { ready: Promise<void> }).ready;
      }
      const client = await server.clients.connect({ transports: ["websocket"] });
      const other = await server.clients.connect({ transports: ["websocket"] }, "/other");
      const heard: unknown[] = [];
      client.on("say", (...args) => heard.push(args));
      other.on("say", (...args) => heard.push(["other", ...args]));
      const opened = await openClient(name, url);
      try {
        const emitter = new Emitter(opened.client, { key: broker.key });
        emitter.emit("say", 1);
        emitter.to("a").emit("say", 2);
        emitter.to("b#").emit("say", 3);
        emitter.to(["a", "b"]).except("c").emit("say", 4, { bytes: new Uint8Array([5]) });
        emitter.except("a").emit("say", "nobody");
        emitter.to("c").emit("say", "nobody");
        emitter.compress(false).emit("say", 6);
        emitter.of("/other").emit("say", 7);
        const [mark, last] = [once(client, "mark"), once(other, "mark")];
        emitter.emit("mark");
        emitter.of("/other").emit("mark");
        await Promise.all([mark, last]);
        const ours = heard.filter((args) => (args as unknown[])[0] !== "other");
        assert.deepEqual(plain(ours), [[1], [2], [3], [4, { bytes: [5] }], [6]]);
        assert.deepEqual(heard.filter((args) => !ours.includes(args)), [["other", 7]]);

        emitter.in("a").socketsJoin(["x", "y"]);
        emitter.socketsLeave("y");
        emitter.serverSideEmit("tell", 1, { two: 2 });
        const gone = once(client, "disconnect");
        // What is asked comes in the order in which it was asked.
        const [socket] = io.sockets.sockets.values();
        const rooms = new Promise((resolve) =>
          socket!.on("disconnecting", () => resolve([...socket!.rooms].sort()))
        );
        emitter.in("x").disconnectSockets(true);
        await gone;
        assert.deepEqual(await rooms, [socket!.id, "a", "b#", "x"].sort());
        assert.deepEqual(told, [[1, { two: 2 }]]);
      } finally {
        opened.close();
      }
    });
  }

  it("that send bytes are no good for a Bun.RedisClient, which says so; base64 is", async () => {
    const sub = PACKAGES.at(-1)!;
    await using broker = new RedisBroker(url, { pub: "redis", sub }, "sockeye");
    const errors: string[] = [];
    await using server = await start({ adapter: await broker.join() }, (io) => {
      io.of("/").adapter.on("error", ({ message }) => errors.push(message));
    });
    await (server.io.of("/").adapter as unknown as { ready: Promise<void> }).ready;
    const client = await server.clients.connect({ transports: ["websocket"] });
    const opened = await openClient("ioredis", url);
    try {
      const said = once(client, "say");
      const message = encodeValue(["emitter", { type: 2, data: ["say", 1] }, {}]);
      // What comes of it on another runtime is sent there.
      const bytes = sub === "Bun.RedisClient" ? message : new TextDecoder().decode(message);
      const pub = wrapClient(opened.client, { name: "client" });
      await pub.publish(`${broker.key}#/#`, bytes);
      await pub.publish(`${broker.key}#/#`, `base64,${message.toBase64()}`);
      assert.deepEqual(await said, [1]);
      assert.equal(errors.length, 1);
      assert.match(errors[0]!, /bytes, which Bun\.RedisClient cannot receive; set plainText/);
    } finally {
      opened.close();
    }
  });
});
