import type { Server } from "../../../mod.ts";
import type { Socket } from "../../../server/namespace/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { comeBack, insides, listen, lose } from "../../harness/moving.ts";
import { OfficialClients, type OfficialSocket } from "../../harness/official.ts";
import { once, until } from "../../harness/once.ts";
import { Process } from "../../harness/process.ts";
import { find } from "../../harness/services.ts";
import { start, type Started } from "../../harness/started.ts";
import { StreamsBroker } from "../../harness/streams_broker.ts";

const { url, SKIP } = await find("redis");

interface Mixed extends AsyncDisposable {
  readonly broker: StreamsBroker;
  readonly ours: Started;
  /** The address of the server of npm. */
  readonly npm: string;
  readonly ourClient: OfficialSocket;
  readonly npmClient: OfficialSocket;
  readonly socket: Socket;
}

/** A server of ours and one of npm, each with a client. */
async function mixed(setUp: (io: Server) => void = () => {}, recovers = true): Promise<Mixed> {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await StreamsBroker.open("redis", url, recovers));
  const { prefix } = broker;
  const child = stack.use(
    new Process("node", ["tests/harness/npm_streams_server.mjs", url, prefix]),
  );
  const [, port] = await child.printed(/port (\d+)/);
  const options = {
    adapter: await broker.join(),
    ...(recovers ? { connectionStateRecovery: true } : {}),
  };
  const ours = stack.use(await start(options, setUp));
  let count = 0;
  await until(() => {
    Promise.resolve(ours.io.sockets.adapter.serverCount()).then((known) => count = known, () => {});
    return count === 2;
  }, "two servers");
  const npm = `http://127.0.0.1:${port}`;
  const npmClients = stack.use(new OfficialClients(npm));
  const ourClient = await ours.clients.connect({ transports: ["websocket"] });
  const npmClient = npmClients.open({ transports: ["websocket"] });
  // What it says first shows that its reader has begun, as soon as it comes by the stream.
  await once(npmClient, "welcome");
  const socket = ours.io.sockets.sockets.get(ourClient.id!)!;
  return {
    ...{ broker, ours, npm, ourClient, npmClient, socket },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

for (const recovers of [false, true]) {
  const how = recovers ? "with recovery" : "without recovery";
  describe(`a cluster with a server of npm, ${how}`, SKIP, () => {
    it("shares rooms in both directions", async () => {
      await using all = await mixed(undefined, recovers);
      const { ours, ourClient, npmClient, socket } = all;
      const id = await npmClient.emitWithAck("set up", ["a"], { npm: true });
      socket.join("a");
      socket.data = { ours: true };
      const said: unknown[][] = [];
      const arguments_ = (values: unknown[]) =>
        values.at(-1) === undefined || /^\d+-\d+$/.test(String(values.at(-1)))
          ? values.slice(0, -1)
          : values;
      npmClient.on("said", (...args) => said.push(["npm", ...arguments_(args)]));
      ourClient.on("said", (...args) => said.push(["ours", ...arguments_(args)]));
      const expect = async (...expected: unknown[][]) => {
        await until(() => said.length >= expected.length, JSON.stringify(expected));
        assert.deepEqual(said.splice(0).sort(), expected.sort());
      };
      ours.io.emit("said", "all", { deep: [null, 1.5] });
      await expect(["npm", "all", { deep: [null, 1.5] }], ["ours", "all", { deep: [null, 1.5] }]);
      ours.io.to("a").emit("said", "room");
      await expect(["npm", "room"], ["ours", "room"]);
      socket.to("a").emit("said", "others");
      await expect(["npm", "others"]);
      ours.io.to(id).emit("said", "you");
      await expect(["npm", "you"]);
      ours.io.emit("said", new Uint8Array([1, 2]), [new Date(5)]);
      await until(() => said.length === 2, "bytes");
      for (const [, bytes, [date]] of said.splice(0) as [string, Uint8Array, [unknown]][]) {
        assert.deepEqual([[...bytes], date], [[1, 2], new Date(5).toJSON()]);
      }
      npmClient.emit("tell all", "all", { deep: [1] });
      await expect(["npm", "all", { deep: [1] }], ["ours", "all", { deep: [1] }]);
      npmClient.emit("tell", "a", new Uint8Array([3]));
      await until(() => said.length === 2, "bytes");
      for (const [, bytes] of said.splice(0) as [string, Uint8Array][]) {
        assert.deepEqual([...bytes], [3]);
      }
      npmClient.emit("tell others", "a", "you");
      await expect(["ours", "you"]);
      npmClient.emit("tell", ourClient.id, "you");
      await expect(["ours", "you"]);
      npmClient.emit("move", ourClient.id, "b");
      await until(() => socket.rooms.has("b"), "the move");
      ours.io.in("a").socketsJoin("c");
      ours.io.to("c").emit("said", "moved");
      await expect(["npm", "moved"], ["ours", "moved"]);
    });

    it("asks in both directions", async () => {
      const setUp = (io: Server) => {
        io.on(
          "ask server",
          (value: number, done: (answer: unknown) => void) =>
            done({ ours: value, at: undefined, date: new Date(7) }),
        );
      };
      await using all = await mixed(setUp, recovers);
      const { ours, ourClient, npmClient, socket } = all;
      socket.data = { ours: true, at: undefined, date: new Date(7) };
      const id = await npmClient.emitWithAck("set up", ["a"], { npm: true });
      npmClient.on("ask", (value, done) => done(["npm", value]));
      ourClient.on("ask", (value, done) => done(["ours", value]));
      const both = [["npm", 1], ["ours", 1]];
      assert.deepEqual((await ours.io.timeout(5000).emitWithAck("ask", 1)).sort(), both);
      assert.deepEqual((await npmClient.emitWithAck("ask all", 1)).sort(), both);
      assert.deepEqual(await ours.io.serverSideEmitWithAck("ask server", 3), [{ npm: 3 }]);
      assert.deepEqual(await npmClient.emitWithAck("ask servers"), [
        { ours: 1, at: null, date: new Date(7).toJSON() },
      ]);
      const theirs = (await ours.io.fetchSockets()).find((found) => found.id === id);
      assert.deepEqual(theirs?.data, { npm: true });
      const found = await npmClient.emitWithAck("who") as { id: string; data: unknown }[];
      assert.deepEqual(found.find((found) => found.id === ourClient.id)?.data, {
        ...{ ours: true, at: null, date: new Date(7).toJSON() },
      });
    });
  });
}

describe("a client that changes between a server of ours and one of npm", SKIP, () => {
  it("comes from ours to that of npm", async () => {
    await using all = await mixed();
    const { broker, ours, npm, ourClient, npmClient, socket } = all;
    socket.join("a");
    socket.data = { name: "Ada", at: undefined, bytes: new Uint8Array([1]) };
    const heard = listen(ourClient, "said");
    ours.io.emit("said", 0);
    await until(() => heard.length === 1, "the first event");
    const { id } = ourClient;
    await lose(ourClient, broker);
    ours.io.to("a").emit("said", 1);
    ours.io.to("b").emit("said", "not for it");
    ours.io.except("a").emit("said", "not for it");
    npmClient.emit("tell", "a", 2);
    const last = once(npmClient, "said");
    npmClient.emit("tell all", 3);
    await last;
    const welcome = once(ourClient, "welcome");
    await comeBack(ourClient, npm);
    assert.deepEqual([ourClient.id, ourClient.recovered], [id, true]);
    const [recovered, rooms, data] = await welcome as [boolean, string[], { bytes: Uint8Array }];
    assert.deepEqual([recovered, new Set(rooms)], [true, new Set([id, "a"])]);
    assert.deepEqual({ ...data, bytes: [...data.bytes] }, { name: "Ada", at: null, bytes: [1] });
    ours.io.to("a").emit("said", 4);
    await until(() => heard.length >= 5, "all events");
    assert.deepEqual([...heard as number[]].sort(), [0, 1, 2, 3, 4]);
  });

  it("comes from that of npm to ours", async () => {
    await using all = await mixed();
    const { broker, ours, ourClient, npmClient } = all;
    await npmClient.emitWithAck("set up", ["a"], { name: "Ada", bytes: new Uint8Array([1]) });
    const heard = listen(npmClient, "said");
    ours.io.emit("said", 0);
    await until(() => heard.length === 1, "the first event");
    assert.match(String(insides(npmClient)._lastOffset), /^\d+-\d+$/);
    const { id } = npmClient;
    await lose(npmClient, broker);
    ours.io.to("a").emit("said", 1);
    ours.io.to("b").emit("said", "not for it");
    const marked = once(ourClient, "said");
    ours.io.emit("said", 2);
    await marked;
    const connection = once<[Socket]>(ours.io, "connection");
    await comeBack(npmClient, ours.url);
    assert.deepEqual([npmClient.id, npmClient.recovered], [id, true]);
    const [back] = await connection;
    assert.deepEqual([back.recovered, back.rooms], [true, new Set([id, "a"])]);
    assert.equal(back.data.name, "Ada");
    assert.deepEqual([...back.data.bytes], [1]);
    ours.io.to("a").emit("said", 3);
    await until(() => heard.length >= 4, "all events");
    assert.deepEqual(heard, [0, 1, 2, 3]);
  });
});
