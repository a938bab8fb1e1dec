import type { Server } from "../../../mod.ts";
import {
  adapterOver,
  type BroadcastChannelOptions,
} from "../../../server/adapter/broadcast_channel/adapter.ts";
import { createAdapter } from "../../../server/adapter/broadcast_channel/mod.ts";
import { LossyChannel, type LossyPort, seededRandom } from "../../harness/lossy_channel.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { OfficialClients, type OfficialSocket } from "../../harness/official.ts";
import { once, until, within } from "../../harness/once.ts";
import { untilServers } from "../../harness/server_count.ts";
import { Process } from "../../harness/process.ts";
import { RUNTIME } from "../../harness/serve.ts";
import { start } from "../../harness/started.ts";
import { inTwoThreads } from "../../harness/threads.ts";
import type { Order } from "../../harness/thread_server.ts";
import { type Broker, clusterSuite } from "../../suite/cluster.ts";

const WEBSOCKET = { transports: ["websocket"] };
const PATIENCE = 60_000;

function brokerOf(
  create: (options: BroadcastChannelOptions) => ReturnType<Broker["join"]>,
): Broker {
  const channelName = crypto.randomUUID();
  return {
    join: (options = {}) => create({ channelName, ...options }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A server in a thread of its own, with a client of it in this one. */
class Thread implements AsyncDisposable {
  readonly #worker = new Worker(new URL("../../harness/thread_server.ts", import.meta.url).href, {
    type: "module",
  });
  #clients: OfficialClients | undefined;
  /** The numbers that the client has heard. */
  readonly heard: number[] = [];

  static async start(channelName: string): Promise<Thread> {
    const thread = new Thread();
    const started = thread.#told<number>();
    thread.order({ type: "start", channelName });
    const url = `http://127.0.0.1:${await started}`;
    thread.#clients = new OfficialClients(url);
    const client = await thread.#clients.connect(WEBSOCKET);
    client.on("say", (value: number) => void thread.heard.push(value));
    return thread;
  }

  order(order: Order): void {
    this.#worker.postMessage(order);
  }

  /** Blocks the thread. Resolves to what makes it go on. */
  async block(): Promise<() => void> {
    const until = new Int32Array(new SharedArrayBuffer(4));
    const blocked = this.#told();
    this.order({ type: "block", until });
    await blocked;
    return () => {
      Atomics.store(until, 0, 1);
      Atomics.notify(until, 0);
    };
  }

  /** Ends the thread as if it had crashed. */
  kill(): void {
    this.#worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clients?.[Symbol.asyncDispose]();
    const closed = this.#told();
    this.order({ type: "close" });
    await closed;
    this.#worker.terminate();
  }

  #told<Value>(): Promise<Value> {
    const told = Promise.withResolvers<Value>();
    this.#worker.onmessage = ({ data }) => told.resolve(data);
    this.#worker.onerror = (event) => told.reject(new Error(event.message));
    return within(told.promise, "word from the thread", PATIENCE);
  }
}

const known = ({ sockets }: Server, size: number) => untilServers(sockets, size);

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("servers of one thread, over its BroadcastChannel", () => {
  clusterSuite(() => brokerOf(createAdapter));
});

describe("servers of one server's adapter", () => {
  clusterSuite(() => {
    const adapter = createAdapter({ channelName: crypto.randomUUID(), requestsTimeout: 500 });
    return brokerOf(() => adapter);
  });
});

describe("servers over a channel that loses every fifth message", () => {
  clusterSuite(() => {
    const random = seededRandom(7);
    const lossy = new LossyChannel(() => random() < 0.2);
    return brokerOf((options) => adapterOver(() => lossy.open(), options));
  });
});

describe("servers in threads", () => {
  it("get 10,000 events of one turn in order, though one is busy", async () => {
    const channelName = crypto.randomUUID();
    await using one = await start({ adapter: createAdapter({ channelName }) });
    await using two = await Thread.start(channelName);
    await using three = await Thread.start(channelName);
    await known(one.io, 3);
    const proceed = await two.block();
    for (let i = 0; i < 10_000; i++) one.io.emit("say", i);
    // Deno keeps 256 messages of all channels for a thread, and so loses those of ours.
    const noise = new BroadcastChannel(crypto.randomUUID());
    for (let i = 0; i < 1000; i++) noise.postMessage(i);
    noise.close();
    await until(() => three.heard.length === 10_000, "all events of the idle thread");
    assert.deepEqual(two.heard, []);
    proceed();
    await until(() => two.heard.length === 10_000, "all events of the busy thread");
    assert.deepEqual(two.heard, numbers(10_000));
    assert.deepEqual(three.heard, numbers(10_000));
    assert.deepEqual(await one.io.serverSideEmitWithAck("errors"), [[], []]);
  });

  it("get what is said in many turns while one is busy", async () => {
    const channelName = crypto.randomUUID();
    await using one = await start({ adapter: createAdapter({ channelName }) });
    await using two = await Thread.start(channelName);
    await known(one.io, 2);
    const proceed = await two.block();
    for (let i = 0; i < 2000; i++) {
      one.io.emit("say", i);
      await new Promise((resolve) => setTimeout(resolve));
    }
    proceed();
    await until(() => two.heard.length === 2000, "all events");
    assert.deepEqual(two.heard, numbers(2000));
  });

  it("all talk at once", async () => {
    const channelName = crypto.randomUUID();
    await using one = await Thread.start(channelName);
    await using two = await Thread.start(channelName);
    await using three = await Thread.start(channelName);
    const all = [one, two, three];
    await using io = await start({ adapter: createAdapter({ channelName }) });
    await known(io.io, 4);
    for (const thread of all) thread.order({ type: "say", count: 3000 });
    await until(() => all.every(({ heard }) => heard.length === 9000), "all events");
    for (const { heard } of all) {
      // Three interleaved runs from 0 to 2,999, each in order.
      const seen = new Map<number, number>();
      for (const value of heard) {
        const count = (seen.get(value) ?? 0) + 1;
        seen.set(value, count);
        if (value > 0) assert.ok(count <= seen.get(value - 1)!, `${value} comes too early`);
      }
      assert.equal(seen.size, 3000);
    }
  });

  it("go on if one of them dies", async () => {
    const channelName = crypto.randomUUID();
    const options = { channelName, heartbeatInterval: 200, heartbeatTimeout: 1000 };
    await using one = await start({ adapter: createAdapter(options) });
    await using two = await Thread.start(channelName);
    const three = await Thread.start(channelName);
    await known(one.io, 3);
    three.kill();
    for (let i = 0; i < 500; i++) one.io.emit("say", i);
    await until(() => two.heard.length === 500, "all events");
    assert.deepEqual(two.heard, numbers(500));
  });
});

describe("a process with a channel", () => {
  const program = (end: string) => `
    import { Server } from "./mod.ts";
    import { createAdapter } from "./server/adapter/broadcast_channel/mod.ts";
    const io = new Server({ adapter: createAdapter() });
    await io.sockets.adapter.ready;
    io.emit("say", 1);
    ${end}`;
  const command = RUNTIME === "deno" ? ["deno", "eval", "--no-check"] : ["bun", "-e"];
  const run = async (end: string) => {
    const [name, ...args] = command as [string, ...string[]];
    await using child = new Process(name, [...args, program(end)]);
    assert.equal(await within(child.exited, "the end of the process", PATIENCE), 0, child.output);
  };

  it("ends once the server is closed", () => run("await io.close();"));

  if (RUNTIME === "bun") it("ends without that on Bun", () => run(""));
});

if (RUNTIME === "deno") {
  describe("deno serve --parallel", () => {
    it("has one cluster of its threads", async () => {
      const args = ["serve", "-A", "--no-check", "--parallel", "--host=127.0.0.1", "--port=0"];
      await using program = new Process("deno", [...args, "tests/harness/parallel_server.ts"], {
        env: { DENO_JOBS: "2" },
      });
      const [, port] = await program.printed(/127\.0\.0\.1:(\d+)/);
      await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
      const { byThread, all } = await inTwoThreads(clients);
      const [one, two] = [...byThread.values()] as [OfficialSocket, OfficialSocket];
      let count = 0;
      await until(() => {
        one.emitWithAck("count").then((known) => count = known);
        return count === 2;
      }, "the other thread");
      const heard = once(two, "said");
      one.emit("say", "hello");
      assert.deepEqual(await heard, ["hello"]);
      assert.deepEqual((await two.emitWithAck("sockets")).sort(), all.map(({ id }) => id).sort());
    });
  });
}

describe("createAdapter", () => {
  it("has the caller told of what cannot travel", async () => {
    const adapter = createAdapter({ channelName: crypto.randomUUID() });
    await using one = await start({ adapter });
    await using two = await start({ adapter });
    await known(one.io, 2);
    await known(two.io, 2);
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    for (const value of [1n, cyclic]) {
      assert.throws(() => one.io.emit("say", value), TypeError);
      await assert.rejects(one.io.serverSideEmitWithAck("say", value), TypeError);
    }
    two.io.on("ask", (done: (value: unknown) => void) => done(1n));
    const failed = once<[Error]>(two.io.sockets.adapter as never, "error");
    one.io.serverSideEmitWithAck("ask").catch(() => {});
    assert.equal((await failed)[0].name, "TypeError");
  });

  it("tells of what was lost, and of what nobody would post, by the event of the adapter", async () => {
    const lossy = new LossyChannel();
    const ports: LossyPort[] = [];
    const open = () => {
      const port = lossy.open();
      ports.push(port);
      return port;
    };
    await using one = await start({ adapter: adapterOver(open, { maxKeptMessages: 1 }) });
    await using two = await start({ adapter: adapterOver(open, {}) });
    await known(one.io, 2);
    await known(two.io, 2);
    const errors: Error[] = [];
    two.io.sockets.adapter.on("error", (error: Error) => void errors.push(error));
    const client = await two.clients.connect(WEBSOCKET);
    ports[1]!.isDeaf = true;
    for (const value of ["lost", "lost, too", "kept"]) {
      one.io.emit("say", value);
      await new Promise((resolve) => setTimeout(resolve));
    }
    const heard = once(client, "say");
    ports[1]!.isDeaf = false;
    assert.deepEqual(await heard, ["kept"]);
    // The last that has messages in it came from the other server.
    const batch = lossy.posted.findLast((frame) => String(frame).includes('"items"'));
    const frame = JSON.parse(String(batch));
    const items = [["/", "", "{"], ["/", "", { uid: "x", nsp: "/", type: 99 }]];
    lossy.tell({ ...frame, first: frame.next, next: frame.next + 2, items });
    await until(() => errors.length === 3, "all errors");
    // The runtime says by itself what is wrong with a text.
    const messages = errors.map(({ message }) => message.replace(/(no JSON): \S.*$/, "$1: why"));
    assert.deepEqual(messages, [
      "2 messages of another thread were lost",
      "Cannot read cluster message: it is no JSON: why",
      "Cannot read cluster message: its type 99 is unknown",
    ]);
    assert.ok(errors.every(({ name }) => name === "ClusterError"));
    // What the stranger said in its name is not said again.
    const last = once(client, "say");
    for (let i = 0; i < 3; i++) one.io.emit("say", i);
    assert.deepEqual(await last, [2]);
  });

  it("refuses options that make no sense", () => {
    for (const name of ["maxKeptBytes", "maxKeptMessages"]) {
      for (const value of [0, NaN, -1, Infinity]) {
        assert.throws(() => createAdapter({ [name]: value }), {
          name: "RangeError",
          message: `Cannot use ${name}: it is not a number from 1`,
        });
      }
    }
  });
});
