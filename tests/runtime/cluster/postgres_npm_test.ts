import { Emitter } from "@socket.io/postgres-emitter";
import { isDeepStrictEqual } from "node:util";
import type { Server } from "../../../mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { OfficialClients, type OfficialSocket } from "../../harness/official.ts";
import { once, within } from "../../harness/once.ts";
import { CLIENTS, PostgresBroker } from "../../harness/postgres.ts";
import { Process } from "../../harness/process.ts";
import { find } from "../../harness/services.ts";
import { start, type Started } from "../../harness/started.ts";

const { url, SKIP } = await find("postgres");

type Step = readonly [method: string, ...args: unknown[]];

/** One of the two servers, with a client. */
interface Side {
  readonly client: OfficialSocket;
  /** Calls methods of the server, each on what the one before has returned. */
  call(...steps: Step[]): Promise<unknown>;
  count(): Promise<number>;
  rooms(): Promise<string[]>;
  /** The events of the other server since the last time. */
  told(): Promise<unknown[]>;
}

interface Mixed extends AsyncDisposable {
  readonly ours: Side;
  readonly npm: Side;
  readonly started: Started;
  readonly process: Process;
  readonly broker: PostgresBroker;
}

const WEBSOCKET = { transports: ["websocket"] };

async function mixed(create: (typeof CLIENTS)[string]): Promise<Mixed> {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await PostgresBroker.open(url, create));
  const { channelPrefix, tableName } = broker;
  const process = stack.use(
    new Process("node", [
      "tests/harness/npm_postgres_server.mjs",
      ...[url, channelPrefix, tableName],
    ]),
  );
  const told: unknown[] = [];
  const started = stack.use(
    await start({ adapter: broker.join({ heartbeatInterval: 500 }) }, (io) => {
      io.use((socket, next) => {
        socket.data = { from: "ours" };
        next();
      });
      io.on("tell", (...args: unknown[]) => told.push(args));
      io.on("ask", (value: unknown, done: (answer: unknown) => void) => done({ ours: value }));
    }),
  );
  const [, port] = await process.printed(/port (\d+)/);
  const clients = stack.use(new OfficialClients(`http://127.0.0.1:${port}`));
  const ours = ourSide(started.io, await started.clients.connect(WEBSOCKET), told);
  const npm = npmSide(await clients.connect(WEBSOCKET));
  for (const side of [ours, npm]) await counts(side, 2);
  const moved = stack.move();
  return {
    ...{ ours, npm, started, process, broker },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

function ourSide(io: Server, client: OfficialSocket, told: unknown[]): Side {
  const { adapter, sockets } = io.sockets;
  return {
    client,
    async call(...steps) {
      let result: unknown = io;
      for (const [method, ...args] of steps) {
        result = (result as Record<string, (...args: unknown[]) => unknown>)[method]!(...args);
      }
      return await result;
    },
    count: async () => await adapter.serverCount(),
    rooms: () => Promise.resolve([...sockets.get(client.id!)!.rooms]),
    told: () => Promise.resolve(told.splice(0)),
  };
}

function npmSide(client: OfficialSocket): Side {
  return {
    client,
    async call(...steps) {
      const [error, result] = await new Promise<unknown[]>((resolve) =>
        client.emit("call", steps, (...args: unknown[]) => resolve(args))
      );
      if (error !== null) throw new Error(String(error));
      return result;
    },
    count: () => client.emitWithAck("count"),
    rooms: () => client.emitWithAck("rooms"),
    told: () => client.emitWithAck("told"),
  };
}

/** Resolves once a side knows of so many servers. */
function counts(side: Side, size: number): Promise<void> {
  return becomes(() => side.count(), size);
}

/** Resolves once a value is as expected: nothing tells when npm is done, which keeps no order. */
async function becomes(read: () => Promise<unknown>, expected: unknown): Promise<void> {
  let last: unknown;
  const came = async () => {
    while (!isDeepStrictEqual(last = await read(), expected)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await within(came(), `${JSON.stringify(expected)}`).catch((error) => {
    throw new Error(`${error.message}, but ${JSON.stringify(last)} came`);
  });
}

for (const [client, create] of Object.entries(CLIENTS)) {
  describe(`an npm server and ours, that has ${client}`, SKIP, () => {
    for (const direction of ["ours to npm", "npm to ours"]) {
      const sides = ({ ours, npm }: Mixed) =>
        direction === "ours to npm" ? [ours, npm] as const : [npm, ours] as const;

      it(`broadcast, ${direction}`, async () => {
        await using both = await mixed(create);
        const [from, to] = sides(both);
        await to.call(["in", to.client.id], ["socketsJoin", ["a", "b"]]);
        await becomes(() => to.rooms(), [to.client.id, "a", "b"]);
        const long = "ü".repeat(20_000);
        const at = new Date(0).toJSON();
        const bytes = (...values: number[]) => new Uint8Array(values);
        const cases: readonly (readonly [heard: unknown, ...Step[]])[] = [
          [1, ["emit", "say", 1]],
          [2, ["to", "a"], ["emit", "say", 2]],
          [undefined, ["to", "c"], ["emit", "say", "not 3"]],
          [undefined, ["to", ["a", "c"]], ["except", "b"], ["emit", "say", "not 4"]],
          [5, ["except", "c"], ["emit", "say", 5]],
          [[6, 255], ["to", to.client.id!], ["emit", "say", bytes(6, 255)]],
          [{ deep: [[7]] }, ["compress", false], ["emit", "say", { deep: [bytes(7)] }]],
          [listed(long), ["emit", "say", long]],
          [[null, { at, no: null }], ["emit", "say", [null, { at: new Date(0), no: null }]]],
          [[[8], { at, no: null }], ["emit", "say", [bytes(8), { at: new Date(0), no: null }]]],
          ["50000 bytes", ["emit", "say", new Uint8Array(50_000).fill(9)]],
        ];
        // Servers of npm keep no order where attachments are, so each is waited for.
        for (const [expected, ...steps] of cases) {
          const said = once(to.client, "say");
          said.catch(() => {});
          await from.call(...steps);
          if (expected !== undefined) assert.deepEqual(listed(await said), [expected]);
        }
        const sent = once(to.client, "message");
        await from.call(["send", "a message"]);
        assert.deepEqual(await sent, ["a message"]);
      });

      it(`ask sockets, ${direction}`, async () => {
        await using both = await mixed(create);
        const [from, to] = sides(both);
        for (const side of [from, to]) {
          side.client.on("ask", (value, done) => done(value));
          side.client.on("bytes", (done) => done(new Uint8Array([1, 2])));
        }
        const long = "x".repeat(10_000);
        assert.deepEqual(await from.call(["timeout", 5000], ["emitWithAck", "ask", 1]), [1, 1]);
        assert.deepEqual(
          await from.call(["timeout", 5000], ["to", to.client.id], ["emitWithAck", "ask", long]),
          [long],
        );
        const bytes = await from.call(["timeout", 5000], ["emitWithAck", "bytes"]);
        assert.deepEqual(listed(bytes), [[1, 2], [1, 2]]);
      });

      it(`fetch, move and end sockets, ${direction}`, async () => {
        await using both = await mixed(create);
        const [from, to] = sides(both);
        const { id } = to.client;
        const fetched = async () => {
          const found = await from.call(["in", id], ["fetchSockets"]) as {
            id: string;
            rooms: Iterable<string>;
            data: unknown;
          }[];
          return found.map(({ id, rooms, data }) => ({ id, rooms: [...rooms].sort(), data }));
        };
        const data = { from: direction === "ours to npm" ? "npm" : "ours" };
        assert.deepEqual(await fetched(), [{ id, rooms: [id], data }]);
        const all = await from.call(["fetchSockets"]) as { id: string }[];
        assert.deepEqual(all.map(({ id }) => id).sort(), [from.client.id, id].sort());
        await from.call(["in", id], ["socketsJoin", ["a", "b", "c"]]);
        await becomes(fetched, [{ id, rooms: [id, "a", "b", "c"].sort(), data }]);
        await from.call(["in", "a"], ["socketsLeave", "b"]);
        await becomes(fetched, [{ id, rooms: [id, "a", "c"].sort(), data }]);
        assert.deepEqual((await to.rooms()).sort(), [id, "a", "c"].sort());
        const end = once(to.client, "disconnect");
        await from.call(["in", "a"], ["disconnectSockets"]);
        assert.deepEqual((await end)[0], "io server disconnect");
        assert.deepEqual(await fetched(), []);
      });

      it(`tell and ask servers, ${direction}`, async () => {
        await using both = await mixed(create);
        const [from, to] = sides(both);
        const by = direction === "ours to npm" ? "npm" : "ours";
        const long = "x".repeat(10_000);
        for (const args of [[1, { two: [2] }], [new Uint8Array([3])], [long], []]) {
          await from.call(["serverSideEmit", "tell", ...args]);
          await becomes(async () => listed(await to.told()), [listed(args)]);
        }
        for (const value of [4, long, new Uint8Array([5])]) {
          const answers = await from.call(["serverSideEmitWithAck", "ask", value]);
          assert.deepEqual(listed(answers), [{ [by]: listed(value) }]);
        }
      });
    }

    it("count each other, and go on when one leaves", async () => {
      await using both = await mixed(create);
      const { npm, started, broker } = both;
      assert.equal(await npm.count(), 2);
      const third = await start({ adapter: broker.join() });
      await Promise.all([counts(npm, 3), counts(both.ours, 3)]);
      await third[Symbol.asyncDispose]();
      await Promise.all([counts(npm, 2), counts(both.ours, 2)]);
      await started.io.close();
      await counts(npm, 1);
      assert.doesNotMatch(both.process.output, /error:/);
    });
  });
}

describe("the emitter of npm", SKIP, () => {
  it("reaches our servers", async () => {
    await using broker = await PostgresBroker.open(url);
    const { channelPrefix, tableName } = broker;
    const told: unknown[] = [];
    await using started = await start({ adapter: broker.join() }, (io) => {
      io.on("tell", (...args: unknown[]) => told.push(args));
    });
    const { adapter } = started.io.sockets;
    await (adapter as unknown as { readonly ready: Promise<void> }).ready;
    const client = await started.clients.connect(WEBSOCKET);
    const emitter = new Emitter(broker.pool, "/", { channelPrefix, tableName });
    emitter.in(client.id!).socketsJoin("a");
    await becomes(() => Promise.resolve(started.io.sockets.adapter.rooms.has("a")), true);
    for (const value of [1, new Uint8Array([2]), "x".repeat(10_000)]) {
      const said = once(client, "say");
      emitter.to("a").emit("say", value);
      assert.deepEqual(listed(await said), [listed(value)]);
    }
    emitter.serverSideEmit("tell", 3);
    await becomes(() => Promise.resolve(told), [[3]]);
    assert.equal(await adapter.serverCount(), 1);
    const end = once(client, "disconnect");
    emitter.disconnectSockets();
    await end;
  });
});

/** The same with a list for each that holds bytes. */
function listed(value: unknown): unknown {
  // Large ones, which take an assertion minutes to compare, by their lengths.
  if (typeof value === "string" && value.length > 1000) return `${value[0]} ${value.length} times`;
  if (ArrayBuffer.isView(value) && value.byteLength > 1000) return `${value.byteLength} bytes`;
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) {
    return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  }
  if (Array.isArray(value)) return value.map(listed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, listed(item)]));
}
