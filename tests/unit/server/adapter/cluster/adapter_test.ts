import { type EventPacket, PacketType } from "../../../../../parser/mod.ts";
import {
  ClusterAdapter,
  type ClusterBus,
  type ClusterMessage,
  type ClusterOptions,
  EMITTER_UID,
  MessageType,
  type Receiver,
} from "../../../../../server/adapter/cluster/mod.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { until } from "../../../../harness/once.ts";
import { FakeRecipient, FakeScope } from "../fakes.ts";

/** A way to other servers that a test plays itself. */
class FakeBus implements ClusterBus {
  receiver: Receiver | undefined;
  readonly published: ClusterMessage[] = [];
  readonly responses: [uid: string, message: ClusterMessage][] = [];
  readonly rooms: string[] = [];
  closed = 0;
  /** What becomes of what is published. */
  fate: () => void | Promise<unknown> = () => {};

  open(receiver: Receiver): void {
    this.receiver = receiver;
  }

  publish(message: ClusterMessage): void | Promise<unknown> {
    this.published.push(message);
    return this.fate();
  }

  respond(uid: string, message: ClusterMessage): void | Promise<unknown> {
    this.responses.push([uid, message]);
    return this.fate();
  }

  roomCreated(room: string): void {
    this.rooms.push(`+${room}`);
  }

  roomDeleted(room: string): void {
    this.rooms.push(`-${room}`);
  }

  close(): void {
    this.closed++;
  }

  /** What has been published since, but for heartbeats. */
  take(): unknown[] {
    return this.published.splice(0).filter(({ type }) => type > MessageType.Heartbeat)
      .map(({ type, data }) => [type, data]);
  }
}

class CountingBus extends FakeBus {
  count = 3;
  /** Who is there, who is not found once, and how often somebody was looked for. */
  readonly there = new Set(["other"]);
  readonly missed = new Set<string>();
  searches = 0;

  hears(uid: string): Promise<boolean> {
    this.searches++;
    if (uid === "unknown") return Promise.reject(new Error("the broker is away"));
    return Promise.resolve(!this.missed.delete(uid) && this.there.has(uid));
  }

  serverCount(): Promise<number> {
    return Promise.resolve(this.count);
  }
}

interface Made<Bus extends FakeBus> {
  readonly adapter: ClusterAdapter;
  readonly bus: Bus;
  readonly scope: FakeScope;
  /** Messages of the errors that were told. */
  readonly errors: string[];
  readonly sockets: FakeRecipient[];
  say(type: MessageType, data?: unknown, uid?: string): void;
}

async function make<Bus extends FakeBus>(bus: Bus, options?: ClusterOptions): Promise<Made<Bus>> {
  const scope = new FakeScope(false);
  const adapter = new ClusterAdapter(scope, bus, options);
  const errors: string[] = [];
  adapter.on("error", ({ message }) => errors.push(message));
  await adapter.init();
  const sockets = ["one", "two"].map((id) => {
    const socket = new FakeRecipient(id);
    scope.sockets.set(id, socket);
    adapter.addAll(id, new Set([id]));
    return socket;
  });
  const say = (type: MessageType, data?: unknown, uid = "other") =>
    bus.receiver!.receive({ uid, nsp: "/test", type, data });
  return { adapter, bus, scope, errors, sockets, say };
}

/** Asks all sockets, without a timeout. */
function askAll(adapter: ClusterAdapter, bus: FakeBus) {
  const counts: number[] = [];
  const answers: unknown[] = [];
  const stop = adapter.broadcastWithAck(
    event(),
    target(),
    (count) => counts.push(count),
    ([answer]) => answers.push(answer),
  );
  const [[, { requestId }]] = bus.take() as [[number, { requestId: string }]];
  return { counts, answers, stop, requestId };
}

const EVERYONE = { rooms: [], except: [], flags: {} };

function event(...args: unknown[]): EventPacket {
  return { type: PacketType.Event, nsp: "/test", data: ["n", ...args] };
}

function target(rooms: readonly string[] = [], flags: object = {}) {
  return { rooms: new Set(rooms), except: new Set<string>(), flags };
}

describe("ClusterAdapter", () => {
  it("tells the others what it does, unless it is local", async () => {
    const { adapter, bus } = await make(new FakeBus());
    bus.take();
    adapter.broadcast(event(1), { ...target(["a"], { volatile: true }), except: new Set(["b"]) });
    adapter.addSockets(target(["a"]), ["c"]);
    adapter.delSockets(target(["a"]), ["c"]);
    adapter.disconnectSockets(target(["a"]), true);
    adapter.serverSideEmit(["hello", 1]);
    const opts = { rooms: ["a"], except: [], flags: {} };
    assert.deepEqual(bus.take(), [
      [MessageType.Broadcast, {
        packet: { type: 2, nsp: "/test", data: ["n", 1] },
        opts: { rooms: ["a"], except: ["b"], flags: { volatile: true } },
      }],
      [MessageType.SocketsJoin, { opts, rooms: ["c"] }],
      [MessageType.SocketsLeave, { opts, rooms: ["c"] }],
      [MessageType.DisconnectSockets, { opts, close: true }],
      [MessageType.ServerSideEmit, { packet: ["hello", 1] }],
    ]);
    const local = target([], { local: true });
    adapter.broadcast(event(1), local);
    adapter.broadcastWithAck(event(1), local, () => {}, () => {})();
    adapter.addSockets(local, ["c"]);
    adapter.delSockets(local, ["c"]);
    adapter.disconnectSockets(local, true);
    assert.equal((await adapter.fetchSockets(local)).length, 2);
    assert.deepEqual(bus.take(), []);
    await adapter.close();
  });

  it("does what the others tell, and nothing of its own or of other namespaces", async () => {
    const { adapter, bus, say, sockets: [one, two], scope, errors } = await make(new FakeBus());
    const packet = { type: 2, nsp: "/test", data: ["n", 5] };
    say(MessageType.Broadcast, { packet, opts: { ...EVERYONE, except: ["two"] } });
    say(MessageType.SocketsJoin, { opts: EVERYONE, rooms: ["a", "b"] });
    say(MessageType.SocketsLeave, { opts: { rooms: ["two"], except: [] }, rooms: ["b"] });
    say(MessageType.Broadcast, { packet, opts: { ...EVERYONE, rooms: ["b"] } }, adapter.uid);
    bus.receiver!.receive({
      uid: "other",
      nsp: "/else",
      type: MessageType.Broadcast,
      data: { packet, opts: EVERYONE },
    });
    assert.deepEqual(one!.heard, [5]);
    assert.deepEqual(two!.heard, []);
    assert.deepEqual(adapter.rooms.get("b"), new Set(["one"]));
    say(MessageType.ServerSideEmit, { packet: ["hello", 1] });
    assert.deepEqual(scope.serverSide, [["hello", 1]]);
    say(MessageType.DisconnectSockets, { opts: { rooms: ["two"], except: [] }, close: true });
    assert.deepEqual([one!.disconnected, two!.disconnected], [[], [true]]);
    assert.deepEqual(errors, []);
    assert.deepEqual(bus.rooms, ["+one", "+two", "+a", "+b"]);
    await adapter.close();
    assert.deepEqual(bus.closed, 1);
  });

  it("answers what the others ask", async () => {
    const { adapter, bus, say, sockets: [one], scope } = await make(new FakeBus());
    say(MessageType.FetchSockets, { opts: { rooms: ["one"], except: [] }, requestId: "q1" });
    say(MessageType.ServerSideEmit, { packet: ["hello"], requestId: "q2" });
    (scope.serverSide[0]!.at(-1) as (value: unknown) => void)("hi");
    (scope.serverSide[0]!.at(-1) as (value: unknown) => void)("not again");
    const packet = { type: 2, nsp: "/test", data: ["n"] };
    const opts = { rooms: ["one"], except: [], flags: { timeout: 10_000 } };
    say(MessageType.Broadcast, { packet, opts, requestId: "q3" });
    one!.asked.get(0)!.answer("yes");
    const sockets = [{ id: "one", handshake: {}, rooms: [], data: undefined }];
    assert.deepEqual(bus.responses.map(([uid, { type, data }]) => [uid, type, data]), [
      ["other", MessageType.FetchSocketsResponse, { requestId: "q1", sockets }],
      ["other", MessageType.ServerSideEmitResponse, { requestId: "q2", packet: "hi" }],
      ["other", MessageType.BroadcastClientCount, { requestId: "q3", clientCount: 1 }],
      ["other", MessageType.BroadcastAck, { requestId: "q3", packet: "yes" }],
    ]);
    await adapter.close();
  });

  it("tells of sockets that are gone only where there is no timeout", async () => {
    for (const timeout of [undefined, 10_000]) {
      const { adapter, bus, say, sockets: [one] } = await make(new FakeBus());
      const packet = { type: 2, nsp: "/test", data: ["n"] };
      const flags = timeout === undefined ? {} : { timeout };
      say(MessageType.Broadcast, { packet, opts: { ...EVERYONE, flags }, requestId: "q" });
      one!.asked.get(0)!.leave();
      const counts = bus.responses.map(([, { data }]) =>
        (data as { clientCount: number }).clientCount
      );
      assert.deepEqual(counts, timeout === undefined ? [2, -1] : [2]);
      await adapter.close();
    }
  });

  it("stops waiting for its sockets with the one who asked, or when it ends", async () => {
    const { adapter, say, sockets: [one, two] } = await make(new FakeBus());
    const packet = { type: 2, nsp: "/test", data: ["n"] };
    const ask = (timeout: number, requestId: string) =>
      say(MessageType.Broadcast, { packet, opts: { ...EVERYONE, flags: { timeout } }, requestId });
    ask(5, "q1");
    assert.equal(one!.asked.size, 1);
    await until(() => one!.asked.size + two!.asked.size === 0, "the end of the wait");
    ask(1_000_000, "q2");
    assert.equal(one!.asked.size, 1);
    await adapter.close();
    assert.equal(one!.asked.size + two!.asked.size, 0);
  });

  it("tells of messages that no server would send, and goes on", async () => {
    const { adapter, bus, say, errors, sockets: [one], scope } = await make(new FakeBus());
    const { receive } = bus.receiver!;
    const packet = { type: 2, nsp: "/test", data: ["n", 1] };
    const cases: [() => void, RegExp][] = [
      [() => receive(undefined), /no fields/],
      [() => receive([]), /no fields/],
      [() => receive({ nsp: "/test", type: 1 }), /nobody sent it/],
      [() => receive({ uid: "", nsp: "/test", type: 1 }), /nobody sent it/],
      [() => receive({ uid: "other", type: 1 }), /no namespace/],
      [() => say(0 as MessageType), /type 0 is unknown/],
      [() => say("constructor" as unknown as MessageType), /type "constructor" is unknown/],
      [() => say("3" as unknown as MessageType, { packet, opts: EVERYONE }), /type "3" is unknown/],
      [() => say(MessageType.Broadcast), /"packet" of its type 3 is missing or wrong/],
      [() => say(MessageType.Broadcast, { packet: { data: "n" }, opts: EVERYONE }), /"packet"/],
      [() => say(MessageType.Broadcast, { packet }), /"opts"/],
      [() => say(MessageType.Broadcast, { packet, opts: { rooms: "a" } }), /rooms are no list/],
      [() => say(MessageType.Broadcast, { packet, opts: EVERYONE, requestId: 5 }), /"requestId"/],
      [
        () => say(MessageType.Broadcast, { packet: { data: ["connect"] }, opts: EVERYONE }),
        /"connect" is a reserved event name/,
      ],
      [() => say(MessageType.Broadcast, { packet: { data: [] }, opts: EVERYONE }), /no name/],
      [() => say(MessageType.SocketsJoin, { opts: EVERYONE, rooms: 1 }), /"rooms"/],
      [() => say(MessageType.FetchSockets, { opts: EVERYONE }), /"requestId"/],
      [() => say(MessageType.FetchSocketsResponse, { requestId: "q", sockets: [{}] }), /"sockets"/],
      [() => say(MessageType.ServerSideEmit, { packet: [] }), /"packet"/],
      [() => say(MessageType.BroadcastClientCount, { requestId: "q" }), /"clientCount"/],
    ];
    for (const [send, message] of cases) {
      send();
      assert.equal(errors.length, 1, String(send));
      assert.match(errors.pop()!, message);
    }
    say(MessageType.Broadcast, { packet, opts: EVERYONE });
    assert.deepEqual(one!.heard, [1]);
    // With nobody to hear it, it is reported like the error of a listener.
    adapter.off("error");
    receive(undefined);
    assert.match(String(scope.failures), /no fields/);
    await adapter.close();
  });

  it("throws what its caller can be told, and delivers nothing then", async () => {
    const { adapter, bus, errors, sockets: [one] } = await make(new FakeBus());
    bus.fate = () => {
      throw new TypeError("cannot travel");
    };
    const cause = { message: "cannot travel" };
    assert.throws(() => adapter.broadcast(event(1), target()), cause);
    assert.throws(() => adapter.broadcastWithAck(event(1), target(), () => {}, () => {}), cause);
    assert.throws(() => adapter.serverSideEmit(["hello"]), cause);
    assert.deepEqual(one!.heard, []);
    bus.fate = () => Promise.reject(new Error("no broker"));
    adapter.broadcast(event(2), target());
    await until(() => errors.length > 0, "an error");
    assert.deepEqual(one!.heard, [2]);
    await adapter.close();
  });

  it("refuses what has no end", async () => {
    const { adapter } = await make(new FakeBus());
    const cyclic: Record<string, unknown> = {};
    Object.assign(cyclic, { left: cyclic, right: cyclic });
    const cause = { name: "TypeError", message: /nested too deep, or cyclic/ };
    assert.throws(() => adapter.broadcast(event(cyclic), target()), cause);
    assert.throws(() => adapter.serverSideEmit(["hello", cyclic]), cause);
    await adapter.close();
  });

  it("gives an asker the error of the bus", async () => {
    for (const sync of [true, false]) {
      const { adapter, bus } = await make(new CountingBus());
      bus.fate = () => {
        if (sync) throw new Error("no broker");
        return Promise.reject(new Error("no broker"));
      };
      await assert.rejects(adapter.fetchSockets(target()), { message: "no broker" });
      const told = Promise.withResolvers<Error>();
      adapter.serverSideEmit(["hello", told.resolve]);
      assert.equal((await told.promise).message, "no broker");
      bus.serverCount = () => Promise.reject(new Error("no count"));
      await assert.rejects(adapter.fetchSockets(target()), { message: "no count" });
      await adapter.close();
    }
  });

  it("waits for as many servers as its bus counts", async () => {
    const { adapter, bus, say } = await make(new CountingBus());
    const sockets = adapter.fetchSockets(target());
    await until(() => bus.published.length > 0, "a question");
    const { requestId } = bus.published[0]!.data as { requestId: string };
    const socket = { id: "far", handshake: {}, rooms: [], data: 1 };
    say(MessageType.FetchSocketsResponse, { requestId: "unknown", sockets: [socket] });
    say(MessageType.FetchSocketsResponse, { requestId, sockets: [socket] }, "a");
    say(MessageType.FetchSocketsResponse, { requestId, sockets: [] }, "b");
    say(MessageType.FetchSocketsResponse, { requestId, sockets: [socket] }, "late");
    assert.deepEqual((await sockets).map(({ id }) => id), ["one", "two", "far"]);
    await adapter.close();
  });

  it("does not wait any longer for a server that is gone", async () => {
    const { adapter, say } = await make(new FakeBus(), {
      heartbeatInterval: 10,
      heartbeatTimeout: 100,
      requestsTimeout: 1_000_000,
    });
    assert.equal(await adapter.serverCount(), 1);
    say(MessageType.ServerSideEmit, { packet: ["hello"] }, "emitter");
    say(MessageType.Heartbeat, undefined, "leaving");
    assert.equal(await adapter.serverCount(), 2);
    const sockets = adapter.fetchSockets(target());
    say(MessageType.AdapterClose, undefined, "leaving");
    assert.equal((await sockets).length, 2);
    assert.equal(await adapter.serverCount(), 1);

    // Who fell silent has not answered.
    say(MessageType.Heartbeat, undefined, "silent");
    await assert.rejects(adapter.fetchSockets(target()), (error: Error) => {
      assert.equal(error.message, "timeout reached: missing 1 responses");
      assert.equal((error as unknown as { responses: unknown[] }).responses.length, 2);
      return true;
    });
    await adapter.close();
  });

  it("takes nobody for gone because it was busy itself", async () => {
    const { adapter, say } = await make(new FakeBus(), {
      heartbeatInterval: 20,
      heartbeatTimeout: 100,
    });
    await adapter.serverCount();
    say(MessageType.Heartbeat, undefined, "other");
    const busy = Date.now() + 300;
    while (Date.now() < busy);
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(await adapter.serverCount(), 2);
    let count = 2;
    await until(() => {
      adapter.serverCount().then((known) => count = known, () => {});
      return count === 1;
    }, "the end of the silent one");
    await adapter.close();
  });

  it("knows the others before it asks or counts", async () => {
    const { adapter, bus, say } = await make(new FakeBus());
    const asked = adapter.fetchSockets(target());
    const count = adapter.serverCount();
    say(MessageType.Heartbeat, undefined, "other");
    assert.equal(await count, 2);
    await until(() => bus.published.length > 1, "a question");
    const { requestId } = bus.published[1]!.data as { requestId: string };
    say(MessageType.FetchSocketsResponse, { requestId, sockets: [] });
    assert.equal((await asked).length, 2);
    await adapter.close();
  });

  it("waits no longer than it should for the broker to tell how many are to be asked", async () => {
    const bus = new CountingBus();
    const { adapter } = await make(bus, { requestsTimeout: 5 });
    bus.serverCount = () => new Promise(() => {});
    const cause = { message: "timeout reached: the other servers could not be asked" };
    await assert.rejects(adapter.fetchSockets(target()), cause);
    await adapter.close();
  });

  it("counts a server that answers twice once", async () => {
    const { adapter, bus, say } = await make(new CountingBus());
    const told = Promise.withResolvers<unknown[]>();
    adapter.serverSideEmit(["hello", (_: unknown, answers: unknown[]) => told.resolve(answers)]);
    await until(() => bus.published.length > 0, "a question");
    const { requestId } = bus.published[0]!.data as { requestId: string };
    for (const uid of ["a", "a", "b"]) {
      say(MessageType.ServerSideEmitResponse, { requestId, packet: uid }, uid);
    }
    assert.deepEqual(await told.promise, ["a", "b"]);
    await adapter.close();
  });

  it("does not wait for the sockets of a server that is gone", async () => {
    const { adapter, bus, say } = await make(new FakeBus());
    say(MessageType.Heartbeat, undefined, "other");
    bus.take();
    const { counts, answers, stop, requestId } = askAll(adapter, bus);
    say(MessageType.BroadcastClientCount, { requestId, clientCount: 3 });
    say(MessageType.BroadcastAck, { requestId, packet: "yes" });
    say(MessageType.AdapterClose);
    assert.deepEqual(counts, [2, 3, -2]);
    assert.deepEqual(answers, ["yes"]);
    stop();
    await adapter.close();
  });

  it("counts what sockets of a server answer once, also if the broker says it twice", async () => {
    const { adapter, bus, say } = await make(new CountingBus());
    const { counts, answers, stop, requestId } = askAll(adapter, bus);
    const twice = (type: MessageType, data: object, uid?: string) => {
      for (let i = 0; i < 2; i++) say(type, { requestId, ...data }, uid);
    };
    twice(MessageType.BroadcastClientCount, { clientCount: 1 }, "one");
    twice(MessageType.BroadcastAck, { packet: "yes" }, "one");
    // Of npm's servers it is not known which is which.
    twice(MessageType.BroadcastClientCount, { clientCount: 1 }, EMITTER_UID);
    twice(MessageType.BroadcastAck, { packet: "aye" }, EMITTER_UID);
    assert.deepEqual(counts, [2, 1, 1, 1]);
    assert.deepEqual(answers, ["yes", "aye", "aye"]);
    stop();
    await adapter.close();
  });

  it("counts what a server says that was waited for long enough, or was taken for gone", async () => {
    const { adapter, bus, say } = await make(new FakeBus(), { requestsTimeout: 20 });
    for (const uid of ["late", "back"]) say(MessageType.Heartbeat, undefined, uid);
    await adapter.serverCount();
    bus.take();
    const { counts, answers, stop, requestId } = askAll(adapter, bus);
    say(MessageType.BroadcastClientCount, { requestId, clientCount: 3 }, "back");
    await until(() => counts.length > 2, "the end of patience");
    say(MessageType.BroadcastClientCount, { requestId, clientCount: 2 }, "late");
    say(MessageType.BroadcastAck, { requestId, packet: "yes" }, "late");
    say(MessageType.BroadcastClientCount, { requestId, clientCount: -1 }, "back");
    say(MessageType.AdapterClose, undefined, "back");
    // It was not gone; but its sockets are not waited for any more.
    say(MessageType.BroadcastClientCount, { requestId, clientCount: -1 }, "back");
    say(MessageType.BroadcastAck, { requestId, packet: "no" }, "back");
    assert.deepEqual(counts, [2, 3, 0, 2, -1, -2]);
    assert.deepEqual(answers, ["yes"]);
    stop();
    await adapter.close();
  });

  it("waits without an end for servers that are there, if it knows them", async () => {
    const { adapter, say } = await make(new FakeBus(), { requestsTimeout: 20 });
    for (const uid of ["a", "b", "c"]) say(MessageType.Heartbeat, undefined, uid);
    assert.equal(await adapter.serverCount(), 4);
    const counts: number[] = [];
    const ask = (flags: object) =>
      adapter.broadcastWithAck(
        event(),
        target([], flags),
        (count) => counts.push(count),
        () => {},
      );
    let stop = ask({});
    say(MessageType.Heartbeat, undefined, "late");
    for (const uid of ["a", "late", "a"]) say(MessageType.AdapterClose, undefined, uid);
    // Of the others, only a could have said how many it asked.
    assert.deepEqual(counts.splice(0), [2, 0]);
    await until(() => counts.length > 1, "the end of patience with b and c");
    assert.deepEqual(counts.splice(0), [0, 0]);
    for (const uid of ["b", "c"]) say(MessageType.AdapterClose, undefined, uid);
    assert.deepEqual(counts, []);
    stop();
    // Whoever has a timeout must not be told that all have answered.
    say(MessageType.Heartbeat, undefined, "a");
    stop = ask({ timeout: 10_000 });
    say(MessageType.AdapterClose, undefined, "a");
    assert.deepEqual(counts, [2]);
    stop();
    await adapter.close();
  });

  it("waits without an end for servers that its bus finds, where that counts them", async () => {
    const { adapter, bus, say, errors } = await make(new CountingBus(), { requestsTimeout: 20 });
    bus.count = 5;
    const counts: number[] = [];
    const ask = (flags: object) => {
      bus.take();
      const stop = adapter.broadcastWithAck(
        event(),
        target([], flags),
        (count) => counts.push(count),
        () => {},
      );
      const [[, data]] = bus.take() as [[number, { requestId: string }]];
      return { stop, ...data };
    };
    const { stop, requestId } = ask({});
    for (const uid of ["other", "gone", "unknown"]) {
      say(MessageType.BroadcastClientCount, { requestId, clientCount: 2 }, uid);
    }
    assert.deepEqual(counts.splice(0), [2, 2, 2, 2]);
    await until(() => bus.searches >= 9, "a third search");
    say(MessageType.BroadcastAck, { requestId, packet: "late" }, "gone");
    // One has not said anything, and one is not found.
    assert.deepEqual(counts.splice(0), [0, -2]);
    // It may have been away for a moment only.
    bus.missed.add("other");
    const { searches } = bus;
    await until(() => bus.searches > searches + 5, "more searches");
    assert.deepEqual([counts, bus.missed.size], [[], 0]);
    stop();
    const asked = ask({ timeout: 10_000 });
    say(MessageType.BroadcastClientCount, { requestId: asked.requestId, clientCount: 2 }, "gone");
    ask({});
    await until(() => counts.filter((count) => count === 0).length === 4, "the end of patience");
    assert.deepEqual(counts.splice(0), [2, 2, 2, 0, 0, 0, 0]);
    asked.stop();
    const last = ask({});
    say(MessageType.BroadcastClientCount, { requestId: last.requestId, clientCount: 3 });
    say(MessageType.BroadcastAck, { requestId: last.requestId, packet: "yes" });
    await adapter.close();
    assert.deepEqual(counts, [2, 3, -2]);
    assert.deepEqual(errors, []);
  });

  it("counts again where fewer were found than its caller waits for", async () => {
    const { adapter, bus } = await make(new CountingBus(), { requestsTimeout: 5 });
    const found = [() => Promise.reject(new Error("the broker is away")), () => Promise.resolve(2)];
    bus.serverCount = () => found.shift()?.() ?? Promise.resolve(3);
    const counts: number[] = [];
    const count = (count: number) => counts.push(count);
    const stop = adapter.broadcastWithAck(event(), target(), count, () => {});
    await until(() => counts.length > 2, "the end of patience with two");
    assert.deepEqual(counts, [2, 0, 0]);
    stop();
    await adapter.close();
  });

  it("looks for servers again only when the broker has answered", async () => {
    const { adapter, bus, say } = await make(new CountingBus(), { requestsTimeout: 5 });
    let [open, most] = [0, 0];
    bus.hears = async () => {
      bus.searches++;
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 30));
      open--;
      return true;
    };
    const stop = adapter.broadcastWithAck(event(), target(), () => {}, () => {});
    const [[, { requestId }]] = bus.take() as [[number, { requestId: string }]];
    say(MessageType.BroadcastClientCount, { requestId, clientCount: 1 });
    await until(() => bus.searches > 2, "a third search");
    assert.equal(most, 1);
    stop();
    await until(() => open === 0, "the end of the last search");
    await adapter.close();
  });

  it("waits for what others have said while it was busy itself", async () => {
    const { adapter, bus, say } = await make(new FakeBus(), { requestsTimeout: 100 });
    say(MessageType.Heartbeat);
    await adapter.serverCount();
    bus.take();
    const counts: number[] = [];
    const count = (count: number) => counts.push(count);
    const stop = adapter.broadcastWithAck(event(), target(), count, () => {});
    const [[, { requestId }]] = bus.take() as [[number, { requestId: string }]];
    const busy = Date.now() + 300;
    while (Date.now() < busy);
    await new Promise((resolve) => setTimeout(resolve));
    say(MessageType.BroadcastClientCount, { requestId, clientCount: 1 });
    assert.deepEqual(counts, [2, 1]);
    stop();
    await adapter.close();
  });

  it("sends what waits for a Blob before it ends", async () => {
    const { adapter, bus } = await make(new FakeBus());
    bus.take();
    adapter.broadcast(event(new Blob(["a"])), target());
    adapter.broadcast(event(2), target());
    await adapter.close();
    const sent = bus.take() as [number, { packet: { data: unknown[] } } | undefined][];
    assert.deepEqual(sent.map(([type, data]) => [type, data?.packet.data[1]]), [
      [MessageType.Broadcast, new Uint8Array([97])],
      [MessageType.Broadcast, 2],
      [MessageType.AdapterClose, undefined],
    ]);
    assert.equal(bus.closed, 1);
  });

  it("leaves out what of a socket cannot be written, and tells of it", async () => {
    const { adapter, bus, say, sockets: [one], errors } = await make(new FakeBus());
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    (one as { data: unknown }).data = cyclic;
    say(MessageType.FetchSockets, { opts: EVERYONE, requestId: "q" });
    const [[, { data }]] = bus.responses as [[string, ClusterMessage]];
    const { sockets } = data as unknown as { sockets: { id: string; data: unknown }[] };
    assert.deepEqual(sockets.map(({ id, data }) => [id, data]), [
      ["one", undefined],
      ["two", undefined],
    ]);
    assert.match(errors.join(), /Cannot tell other servers the data of one: /);
    await adapter.close();
  });

  it("says that it is there: at the start, when asked, from time to time and at the end", async () => {
    const { adapter, bus, say } = await make(new FakeBus(), { heartbeatInterval: 5 });
    assert.deepEqual(bus.published.splice(0).map(({ type }) => type), [
      MessageType.InitialHeartbeat,
    ]);
    say(MessageType.InitialHeartbeat);
    assert.deepEqual(bus.published.splice(0).map(({ type }) => type), [MessageType.Heartbeat]);
    await until(() => bus.published.length >= 2, "two heartbeats");
    assert.deepEqual(new Set(bus.published.map(({ type }) => type)), new Set([2]));
    await adapter.close();
    assert.equal(bus.published.at(-1)!.type, MessageType.AdapterClose);
  });

  it("is silent and deaf when it is closed, and rejects what it was asked", async () => {
    const { adapter, bus, say, sockets: [one] } = await make(new CountingBus());
    const sockets = adapter.fetchSockets(target());
    await until(() => bus.published.length > 0, "a question");
    const count = adapter.serverCount();
    const closed = adapter.close();
    await assert.rejects(sockets, { message: "the adapter has been closed" });
    // Whoever counts waits for those who are counted.
    assert.equal(await count, 1);
    await closed;
    await adapter.close();
    assert.equal(bus.closed, 1);
    bus.published.length = 0;
    adapter.broadcast(event(1), target());
    assert.deepEqual(bus.published, []);
    say(MessageType.Broadcast, { packet: { data: ["n", 2] }, opts: EVERYONE });
    assert.deepEqual(one!.heard, [1]);
    await assert.rejects(adapter.fetchSockets(target()), {
      message: "the adapter has been closed",
    });
  });

  it("can be closed before it was opened, or where its bus did not open", async () => {
    const adapter = new ClusterAdapter(new FakeScope(false), new FakeBus());
    await adapter.close();
    const bus = new FakeBus();
    bus.open = () => {
      throw new Error("no broker");
    };
    const other = new ClusterAdapter(new FakeScope(false), bus);
    const errors: string[] = [];
    other.on("error", ({ message }) => errors.push(message));
    await other.init();
    assert.deepEqual(errors, ["no broker"]);
    await assert.rejects(other.ready, { message: "no broker" });
    await assert.rejects(other.fetchSockets(target()), { message: "no broker" });
    await other.close();
    assert.equal(bus.closed, 1);
  });

  it("refuses options that are no times, and to be made without a bus", () => {
    assert.throws(() => new ClusterAdapter(new FakeScope(false), undefined as never), {
      name: "TypeError",
      message: "ClusterAdapter needs a bus",
    });
    for (const name of ["requestsTimeout", "heartbeatInterval", "heartbeatTimeout"]) {
      for (const value of [0, -1, NaN, Infinity, 2 ** 31, "5000", null]) {
        assert.throws(
          () => new ClusterAdapter(new FakeScope(false), new FakeBus(), { [name]: value } as never),
          new RegExp(`RangeError: Cannot use ${name}`),
        );
      }
    }
  });
});
