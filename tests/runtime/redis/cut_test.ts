import { Redis } from "ioredis";
import { createClient } from "redis";
import { Emitter } from "../../../emitter/redis/mod.ts";
import { type RedisClient, wrapClient } from "../../../server/adapter/redis/client/mod.ts";
import { createAdapter } from "../../../server/adapter/redis/mod.ts";
import { Gate } from "../../harness/gate.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { once, until, within } from "../../harness/once.ts";
import { openClient, type Package, PACKAGES } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { start } from "../../harness/started.ts";

const { url, SKIP } = await find("redis");

interface Opened extends AsyncDisposable {
  readonly gate: Gate;
  readonly pub: RedisClient;
  readonly sub: RedisClient;
  /** Of channels of this test alone. */
  readonly key: string;
  /** What `sub` was told of. */
  readonly errors: Error[];
  /** Resolves as soon as so many clients hear a channel. */
  heardBy(count: number, channel: string): Promise<void>;
}

async function open(name: Package): Promise<Opened> {
  const gate = await Gate.before(url);
  const [near, far] = await Promise.all([openClient(name, url), openClient(name, gate.url)]);
  const pub = wrapClient(near.client, { name: "pubClient" });
  const sub = wrapClient(far.client, { name: "subClient" });
  const errors: Error[] = [];
  sub.onError((error) => errors.push(error));
  return {
    ...{ gate, pub, sub, errors, key: `sockeye-${crypto.randomUUID()}` },
    async heardBy(count, channel) {
      let known = -1;
      await until(() => {
        pub.numsub(channel).then((n) => known = n, () => {});
        return known === count;
      }, `${count} who hear`);
    },
    async [Symbol.asyncDispose]() {
      near.close();
      far.close();
      await gate.shut();
    },
  };
}

/** Breaks the connection while what is done now is on its way. */
async function cut(gate: Gate, work: () => Promise<unknown>): Promise<void> {
  gate.hold();
  const done = work();
  await gate.shut();
  await gate.open();
  await within(done, "what was on its way");
}

for (const name of PACKAGES) {
  describe(`a connection that breaks, of ${name}`, SKIP, () => {
    it("hears what it subscribed meanwhile", async () => {
      await using opened = await open(name);
      const { gate, pub, sub, key } = opened;
      const heard: string[] = [];
      const listener = (_: Uint8Array, channel: string) => void heard.push(channel);
      const channels = Array.from({ length: 20 }, (_, i) => `${key}:${i}`);
      await sub.subscribe(key, listener);
      await cut(gate, () => Promise.all(channels.map((one) => sub.subscribe(one, listener))));
      for (const channel of [...channels, key]) {
        await opened.heardBy(1, channel);
        await pub.publish(channel, "");
      }
      await until(() => heard.length >= 21, "all");
      assert.deepEqual(heard, [...channels, key]);
    });

    it("hears once what it left meanwhile and subscribed again", async () => {
      await using opened = await open(name);
      const { gate, pub, sub, key } = opened;
      const heard: string[] = [];
      const listener = (_: Uint8Array, channel: string) => void heard.push(channel);
      const again = (_: Uint8Array, channel: string) => void heard.push(`again ${channel}`);
      await sub.subscribe(`${key}:end`, listener);
      await sub.subscribe(key, listener);
      await cut(gate, () => sub.unsubscribe(key, listener));
      await opened.heardBy(1, `${key}:end`);
      await sub.subscribe(key, again);
      await opened.heardBy(1, key);
      await pub.publish(key, "");
      await pub.publish(`${key}:end`, "");
      await until(() => heard.includes(`${key}:end`), "the end");
      assert.deepEqual(heard, [`again ${key}`, `${key}:end`]);
    });

    it("does not go on hearing what it left meanwhile", async () => {
      await using opened = await open(name);
      const { gate, sub, key } = opened;
      const listener = () => {};
      await sub.subscribe(key, listener);
      await sub.subscribe(`${key}:other`, listener);
      await cut(gate, () => sub.unsubscribe(key, listener));
      await opened.heardBy(1, `${key}:other`);
      await opened.heardBy(0, key);
    });

    it("hears many channels once each after several breaks", async () => {
      await using opened = await open(name);
      const { gate, pub, sub, key } = opened;
      const heard: string[] = [];
      const listener = (_: Uint8Array, channel: string) => void heard.push(channel);
      const channels = Array.from({ length: 600 }, (_, i) => `${key}:${i}`);
      await Promise.all(channels.map((one) => sub.subscribe(one, listener)));
      for (let i = 0; i < 4; i++) {
        await gate.shut();
        await gate.open();
        // Others may be on their way when the connection breaks again.
        await opened.heardBy(1, channels[0]!);
      }
      for (const channel of channels) await opened.heardBy(1, channel);
      for (const channel of channels) await pub.publish(channel, "");
      await until(() => heard.includes(channels.at(-1)!), "the last");
      assert.deepEqual(heard, channels);
    });

    it("tells of it once, however many channels there are", async () => {
      await using opened = await open(name);
      const { gate, sub, key, errors } = opened;
      const channels = Array.from({ length: 20 }, (_, i) => `${key}:${i}`);
      await cut(gate, () => Promise.all(channels.map((one) => sub.subscribe(one, () => {}))));
      const failed = errors.filter(({ message }) => message.startsWith("Cannot subscribe to "));
      assert.ok(failed.length <= 1, String(failed));
    });
  });
}

describe("a client that the program does not listen to", SKIP, () => {
  it("does not end the process when it breaks after the server has closed", async () => {
    await using gate = await Gate.before(url);
    const clients = [0, 1].map(() =>
      createClient({ url: gate.url, socket: { reconnectStrategy: 20 } })
    );
    const { error } = console;
    const lines: unknown[][] = [];
    console.error = (...args) => lines.push(args);
    try {
      for (const client of clients) await client.connect();
      const [pub, sub] = clients;
      const adapter = createAdapter(pub!, sub!, { key: `sockeye-${crypto.randomUUID()}` });
      const started = await start({ adapter });
      await (started.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
      await started[Symbol.asyncDispose]();
      const back = clients.map((client) => once(client, "ready"));
      await gate.shut();
      await gate.open();
      await Promise.all(back);
      // Each client tells once.
      assert.ok(lines.length >= 1 && lines.length <= 2, `${lines.length} lines`);
      for (const [what] of lines) {
        assert.equal(what, "Error of a Redis client that nobody listens to:");
      }
    } finally {
      console.error = error;
      for (const client of clients) client.destroy();
    }
  });
});

describe("an emitter whose client does not send again", SKIP, () => {
  it("tells of what was on its way when the connection broke", async () => {
    await using gate = await Gate.before(url);
    const options = { autoResendUnfulfilledCommands: false, retryStrategy: () => 20 };
    const client = new Redis(gate.url, { ...options, lazyConnect: true });
    client.on("error", () => {});
    try {
      await client.connect();
      const told: string[] = [];
      const emitter = new Emitter(client, {
        key: `sockeye-${crypto.randomUUID()}`,
        onError: (error, failure) => told.push(`${failure?.method}: ${error.message}`),
      });
      await cut(gate, () => {
        emitter.emit("say");
        return emitter.flush();
      });
      assert.deepEqual(told, ["emit: the connection to Redis broke before it had answered"]);
      emitter.emit("say");
      await emitter.flush();
      assert.equal(told.length, 1);
    } finally {
      client.disconnect();
    }
  });
});
