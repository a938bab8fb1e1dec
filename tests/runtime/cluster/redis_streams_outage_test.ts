import type { Server } from "../../../mod.ts";
import { type AnyRedisClient, createAdapter } from "../../../server/adapter/redis_streams/mod.ts";
import { Gate } from "../../harness/gate.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { listen } from "../../harness/moving.ts";
import type { OfficialSocket } from "../../harness/official.ts";
import { once, until } from "../../harness/once.ts";
import type { Package } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { start, type Started } from "../../harness/started.ts";
import { StreamsBroker } from "../../harness/streams_broker.ts";

const { url, SKIP } = await find("redis");

interface Source {
  on(event: "error", listener: () => void): void;
}

interface Remote extends AsyncDisposable {
  readonly broker: StreamsBroker;
  readonly gate: Gate;
  readonly redisClient: AnyRedisClient;
  /** A server behind the gate, and one that is not. */
  readonly far: Started;
  readonly near: Started;
  readonly client: OfficialSocket;
  readonly errors: Error[];
}

async function remote(name: Package, recovers: boolean): Promise<Remote> {
  const stack = new AsyncDisposableStack();
  const gate = stack.use(await Gate.before(url));
  const broker = stack.use(await StreamsBroker.open(name, url, recovers));
  const recovery = recovers ? { connectionStateRecovery: true } : {};
  const errors: Error[] = [];
  const setUp = (io: Server) => void io.sockets.adapter.on("error", (error) => errors.push(error));
  const redisClient = await broker.client(gate.url);
  const adapter = createAdapter(redisClient, broker.options);
  const far = stack.use(await start({ adapter, ...recovery }, setUp));
  const near = stack.use(await start({ adapter: await broker.join(), ...recovery }));
  for (const { io } of [far, near]) {
    await (io.sockets.adapter as unknown as { readonly ready: Promise<void> }).ready;
  }
  const client = await far.clients.connect({ transports: ["websocket"] });
  return {
    ...{ broker, gate, redisClient, far, near, client, errors },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

for (const name of ["redis", "ioredis"] as const) {
  for (const recovers of [false, true]) {
    const how = `by ${name}, ${recovers ? "with" : "without"} recovery`;
    describe(`a server whose Redis is away, ${how}`, SKIP, () => {
      it("reads on where it was, and says what failed", async () => {
        await using all = await remote(name, recovers);
        const { gate, near, far, client, errors } = all;
        const heard: unknown[] = [];
        client.on("say", (value) => heard.push(value));
        near.io.emit("say", 0);
        await until(() => heard.length === 1, "the first");
        await gate.shut();
        near.io.emit("say", 1);
        near.io.emit("say", new Uint8Array([2]));
        await until(() => errors.length > 0, "an error");
        assert.deepEqual(heard, [0]);
        await gate.open();
        await until(() => heard.length === 3, "what was missed");
        assert.equal(heard[1], 1);
        assert.deepEqual([...heard.at(-1) as unknown as Uint8Array], [2]);
        const said = once(client, "said");
        far.io.emit("said");
        await said;
        assert.equal(errors.some(({ message }) => message.includes("may be lost")), false);
      });

      it("ends without waiting for it", async () => {
        await using all = await remote(name, recovers);
        const { gate, redisClient, far, client, errors } = all;
        await gate.shut();
        far.io.emit("say", 1);
        await until(() => errors.length > 0, "an error");
        // Behind its end, the server listens to the client of the program no more.
        (redisClient as unknown as Source).on("error", () => {});
        const gone = once(client, "disconnect");
        await far.io.close();
        await gone;
      });

      it("says that messages are lost, if they are dropped meanwhile", async () => {
        await using all = await remote(name, recovers);
        const { broker, gate, near, client, errors } = all;
        const heard = listen(client, "say");
        near.io.emit("say", 0);
        await until(() => heard.length === 1, "the first");
        await gate.shut();
        await until(() => errors.length > 0, "an error");
        await broker.redis.command(broker.prefix, ["DEL", broker.prefix]);
        await gate.open();
        await until(() => {
          near.io.emit("say", 1);
          return heard.length > 1;
        }, "what comes behind that");
        assert.equal(errors.filter(({ message }) => message.includes("may be lost")).length, 1);
      });
    });
  }
}

describe("a server that hears not whether Redis has recorded what it sent", SKIP, () => {
  it("delivers it once, with its offset", async () => {
    await using all = await remote("redis", true);
    const { broker, gate, near, far, client, errors } = all;
    const heard: unknown[][] = [];
    client.on("say", (...args) => heard.push(args));
    const passed = await near.clients.connect({ transports: ["websocket"] });
    gate.mute();
    const said = once(passed, "say");
    far.io.emit("say", 1);
    await said;
    await gate.shut();
    await until(() => errors.length > 0, "an error");
    await gate.open();
    await until(() => heard.length > 0, "the event");
    near.io.emit("say", 2);
    await until(() => heard.length > 1, "the next");
    const entries = await broker.redis.command("", ["XRANGE", broker.prefix, "-", "+"]);
    const ids = (entries as [string][]).map(([id]) => id);
    assert.deepEqual(heard, [[1, ids.at(-2)], [2, ids.at(-1)]]);
  });
});

describe("the connections of a factory", SKIP, () => {
  it("are one for each stream and one for channels, until the last namespace is closed", async () => {
    for (const name of ["redis", "ioredis", "redis 4", "ioredis 5"] as const) {
      await using gate = await Gate.before(url);
      await using broker = await StreamsBroker.open(name, url);
      const options = { ...broker.options, streamCount: 2 };
      const adapter = createAdapter(await broker.client(gate.url), options);
      await using server = await start({ adapter });
      // Their names put them on streams 1, 1 and 0.
      const names = ["/", "/b", "/c"];
      const namespaces = names.map((name) => server.io.of(name));
      for (const { adapter } of namespaces) {
        await (adapter as unknown as { readonly ready: Promise<void> }).ready;
      }
      await until(() => gate.size === 4, "4 connections");
      await using other = await start({ adapter: await broker.join({ streamCount: 2 }) });
      for (const name of names) {
        const { ready } = other.io.of(name).adapter as unknown as { readonly ready: Promise<void> };
        await ready;
        const client = await server.clients.connect({}, name);
        const said = once(client, "said");
        other.io.of(name).emit("said", name);
        assert.deepEqual(await said, [name]);
      }
      const keys = await broker.redis.command("", ["KEYS", `${broker.prefix}*`]) as string[];
      assert.deepEqual(keys.sort(), [`${broker.prefix}-0`, `${broker.prefix}-1`]);
      assert.equal(gate.size, 4);
      await server.io.close();
      await until(() => gate.size === 1, "the client of the program alone");
    }
  });
});
