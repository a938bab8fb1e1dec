import { PacketType } from "../../../../../parser/mod.ts";
import type { AdapterScope, RestoredSession } from "../../../../../server/adapter/mod.ts";
import {
  type ClusterMessage,
  ClusterRecoveryAdapter,
  type Receiver,
  type Recorded,
  type RecordingBus,
} from "../../../../../server/adapter/cluster/mod.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { within } from "../../../../harness/once.ts";
import { FakeRecipient, FakeScope } from "../fakes.ts";

/** A record that the test writes: nothing comes back before it says so. */
class FakeBus implements RecordingBus {
  readonly start = "0";
  readonly capacity = 3;
  readonly sent: { message: ClusterMessage; outcome: PromiseWithResolvers<string> }[] = [];
  readonly record: Recorded[] = [];
  readonly sessions = new Map<string, unknown>();
  receiver: Receiver | undefined;
  isSilent = false;

  open(receiver: Receiver): void {
    this.receiver = receiver;
  }

  /** Resolves once the reader has passed all that was recorded. */
  readonly passed: PromiseWithResolvers<void> = Promise.withResolvers();

  isReached(offset: string, other: string): boolean {
    return Number(offset) >= Number(other);
  }

  received(): Promise<void> {
    return this.passed.promise;
  }

  publish(message: ClusterMessage): Promise<string> {
    const outcome = Promise.withResolvers<string>();
    this.sent.push({ message: structuredClone(message), outcome });
    return outcome.promise;
  }

  respond(): void {}

  serverCount(): Promise<number> {
    return Promise.resolve(1);
  }

  recordedAfter(offset: string): Promise<Recorded[] | undefined> {
    const at = this.record.findIndex((recorded) => recorded.offset === offset);
    return Promise.resolve(at < 0 ? undefined : this.record.slice(at + 1));
  }

  saveSession(pid: string, session: unknown): void {
    this.sessions.set(pid, structuredClone(session));
  }

  takeSession(pid: string): Promise<unknown> {
    const session = this.sessions.get(pid);
    this.sessions.delete(pid);
    return this.isSilent ? new Promise(() => {}) : Promise.resolve(session);
  }

  close(): void {}

  /** Records a message and hands it to the server. */
  write(offset: string, message: unknown): void {
    this.record.push({ offset, message });
    this.receiver?.receive(message, offset);
  }
}

interface Fixture {
  readonly adapter: ClusterRecoveryAdapter;
  readonly bus: FakeBus;
  readonly errors: string[];
  readonly one: FakeRecipient;
  readonly two: FakeRecipient;
  readonly scope: FakeScope;
}

type SavedSession = Record<"since" | "lostAt", string>;

async function open(requestsTimeout = 1000): Promise<Fixture> {
  const fixture = prepare(requestsTimeout);
  const { adapter, scope } = fixture;
  await adapter.init();
  const [one, two] = ["one", "two"].map((id) => {
    const recipient = new FakeRecipient(id);
    scope.sockets.set(id, recipient);
    adapter.addAll(id, new Set([id]));
    return recipient;
  }) as [FakeRecipient, FakeRecipient];
  return { ...fixture, one, two };
}

/** An adapter that hears nothing yet. */
function prepare(requestsTimeout = 1000): Omit<Fixture, "one" | "two"> {
  const scope = Object.assign(new FakeScope(false), {
    recovery: { maxDisconnectionDuration: 1000 },
  });
  const bus = new FakeBus();
  const adapter = new ClusterRecoveryAdapter(scope, bus, { requestsTimeout });
  const errors: string[] = [];
  adapter.on("error", ({ message }) => errors.push(message));
  return { adapter, bus, errors, scope };
}

/** The first arguments of the events that a session missed. */
function missed(session: RestoredSession | undefined): unknown[] {
  const recipient = new FakeRecipient("any");
  for (const packet of session?.missedPackets ?? []) recipient.hear(packet.for(recipient.parser));
  return recipient.heard;
}

function joined(room: string): unknown {
  const data = { opts: { rooms: ["one"] }, rooms: [room] };
  return { uid: "other", nsp: "/test", type: 4, data };
}

const ALL = { rooms: new Set<string>() };

function event(value: unknown) {
  return { type: PacketType.Event, nsp: "/test", data: ["say", value] } as const;
}

function said(value: unknown, opts: object = { rooms: [] }): unknown {
  return { uid: "other", nsp: "/test", type: 3, data: { packet: { data: ["say", value] }, opts } };
}

describe("ClusterRecoveryAdapter", () => {
  it("delivers in the order of the record, its own as well", async () => {
    const { adapter, bus, one } = await open();
    adapter.broadcast(event(1), ALL);
    assert.deepEqual(one.heard, []);
    bus.write("1", said("of another"));
    bus.write("2", bus.sent[0]!.message);
    assert.deepEqual(one.heard, ["of another", 1]);
    assert.equal(one.offset, "2");
    await adapter.close();
  });

  it("delivers once what comes twice", async () => {
    const { adapter, bus, one } = await open();
    adapter.broadcast(event(1), ALL);
    bus.write("1", bus.sent[0]!.message);
    bus.write("2", bus.sent[0]!.message);
    assert.deepEqual(one.heard, [1]);
    await adapter.close();
  });

  it("delivers here what cannot be recorded, and tells of it", async () => {
    const { adapter, bus, one, errors } = await open();
    bus.write("1", said(0));
    adapter.broadcast(event(1), ALL);
    adapter.addSockets({ rooms: new Set(["one"]) }, ["room"]);
    adapter.sendRecoverable(one, event(2));
    for (const { outcome } of bus.sent) outcome.reject(new Error("no broker"));
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(one.heard, [0, 1, 2]);
    assert.equal(one.offset, "1");
    assert.ok(adapter.rooms.has("room"));
    assert.deepEqual(errors, ["no broker"]);
    // It was recorded, and only the answer was lost.
    bus.write("2", bus.sent[0]!.message);
    assert.deepEqual(one.heard, [0, 1, 2]);
    await adapter.close();
  });

  it("delivers here what was recorded and dropped before it came back", async () => {
    const { adapter, bus, one, errors } = await open();
    adapter.broadcast(event(1), ALL);
    adapter.broadcast(event(2), ALL);
    adapter.sendInTurn("one", () => one.heard.push("behind"));
    for (const [i, { outcome }] of bus.sent.entries()) outcome.resolve(`${i + 1}`);
    bus.write("1", bus.sent[0]!.message);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([one.heard, errors], [[1], []]);
    bus.passed.resolve();
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(one.heard, [1, 2, "behind"]);
    assert.deepEqual(errors, ["Messages were dropped from the record before they came back"]);
    await adapter.close();
  });

  it("delivers in order what was dropped ahead of what comes back, and tells of it once", async () => {
    const { adapter, bus, one, errors } = await open();
    for (let i = 0; i < 6; i++) adapter.broadcast(event(i), ALL);
    bus.write("1", bus.sent[2]!.message);
    assert.deepEqual([one.heard, errors.length], [[0, 1, 2], 1]);
    bus.write("2", bus.sent[3]!.message);
    assert.deepEqual([one.heard, errors.length], [[0, 1, 2, 3], 1]);
    bus.write("3", bus.sent[5]!.message);
    assert.deepEqual([one.heard, errors.length, one.offset], [[0, 1, 2, 3, 4, 5], 2, "3"]);
    await adapter.close();
  });

  it("delivers what cannot be recorded behind what is on its way, which may come back", async () => {
    const { adapter, bus, one, errors } = await open();
    for (let i = 1; i <= 4; i++) adapter.broadcast(event(i), ALL);
    for (const i of [2, 1]) bus.sent[i]!.outcome.reject(new Error(`no ${i}`));
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([one.heard, errors], [[], []]);
    bus.write("1", bus.sent[0]!.message);
    assert.deepEqual([one.heard, errors, one.offset], [[1, 2, 3], ["no 1"], "1"]);
    bus.write("2", bus.sent[3]!.message);
    assert.deepEqual([one.heard, one.offset], [[1, 2, 3, 4], "2"]);
    await adapter.close();
  });

  it("hands a socket once what is on its way, though it is flushed again", async () => {
    const { adapter, bus, one } = await open();
    adapter.broadcast(event(1), ALL);
    adapter.broadcast(event(2), { ...ALL, flags: { local: true } });
    adapter.flush("one");
    adapter.broadcast(event(3), ALL);
    adapter.flush("one");
    assert.deepEqual(one.heard, [1, 2, 3]);
    assert.equal(bus.sent.length, 2);
    await adapter.close();
  });

  it("flushes by the rooms that a socket is about to be in", async () => {
    const { adapter, one, two } = await open();
    const only = { rooms: new Set(["one"]) };
    adapter.addSockets(only, ["q"]);
    adapter.broadcast(event("joined"), { rooms: new Set(["q"]) });
    adapter.delSockets({ rooms: new Set(["q"]) }, ["q"]);
    adapter.broadcast(event("left"), { rooms: new Set(["q"]) });
    for (let i = 0; i < 2; i++) adapter.flush("one");
    adapter.flush("two");
    assert.deepEqual([one.heard, two.heard], [["joined"], []]);
    await adapter.close();
  });

  it("hands out nothing behind the message that ends a socket, but to others that end by it", async () => {
    const { adapter, bus, one, two } = await open();
    adapter.broadcast(event("ahead"), ALL);
    adapter.disconnectSockets({ rooms: new Set(["one"]) }, true);
    adapter.broadcast(event("behind"), ALL);
    one.disconnect = () => {
      adapter.flush("one");
      adapter.flush("two");
      adapter.delAll("one");
    };
    for (const [i, { message }] of bus.sent.entries()) bus.write(`${i + 1}`, message);
    assert.deepEqual(one.heard, ["ahead"]);
    assert.equal(two.heard[1], "behind");
    await adapter.close();
  });

  it("sends what waits as it was", async () => {
    const { adapter, bus, one } = await open();
    const local = { ...ALL, flags: { local: true } };
    const value = { list: [1], bytes: new Uint8Array([1]) };
    adapter.broadcast(event(value), ALL);
    adapter.broadcast(event(value), local);
    adapter.broadcastWithAck(event(value), local, () => {}, () => {});
    adapter.del("one", "one");
    adapter.sendRecoverable(one, event(value));
    value.list.push(2);
    value.bytes[0] = 2;
    bus.write("1", bus.sent[0]!.message);
    assert.equal(one.heard.length, 4);
    for (const heard of one.heard as (typeof value)[]) {
      assert.deepEqual([heard.list, [...heard.bytes]], [[1], [1]]);
    }
    await adapter.close();
  });

  it("tells the caller of what cannot be sent, also where it has to wait", async () => {
    const { adapter, one } = await open();
    const local = { ...ALL, flags: { local: true } };
    adapter.broadcast(event(1), ALL);
    assert.throws(() => adapter.broadcast(event(1n), local), TypeError);
    assert.throws(() => adapter.broadcastWithAck(event(1n), ALL, () => {}, () => {}), TypeError);
    assert.throws(() => adapter.sendRecoverable(one, event(1n), { volatile: true }), TypeError);
    adapter.del("one", "one");
    assert.throws(() => adapter.sendRecoverable(one, event(1n)), TypeError);
    await adapter.close();
  });

  it("is drained when all is back, and does not wait for ever", async () => {
    const { adapter, bus } = await open();
    assert.equal(adapter.drain(), undefined);
    adapter.broadcast(event(1), ALL);
    let isDrained = false;
    const drained = adapter.drain()!.then(() => isDrained = true);
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(isDrained, false);
    bus.write("1", bus.sent[0]!.message);
    await drained;
    adapter.broadcast(event(2), ALL);
    await within(adapter.drain()!, "an end");
    await adapter.close();
  });

  it("does nothing behind its end", async () => {
    const { adapter, bus, one, errors } = await open();
    await adapter.close();
    adapter.broadcast(event(1), ALL);
    adapter.addSockets(ALL, ["a"]);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([bus.sent, one.heard, errors], [[], [], []]);
    assert.equal(adapter.drain(), undefined);
  });

  it("sends what is not recorded behind what is on its way", async () => {
    const { adapter, bus, one, two } = await open();
    adapter.sendInTurn("one", () => one.heard.push("at once"));
    adapter.broadcast(event(1), ALL);
    adapter.sendInTurn("one", () => one.heard.push("later"));
    adapter.sendRecoverable(one, event("volatile"), { volatile: true });
    adapter.broadcast(event("local"), { ...ALL, flags: { local: true } });
    // What is volatile may be dropped, but does not wait.
    assert.deepEqual(one.heard, ["at once", "volatile"]);
    bus.write("1", bus.sent[0]!.message);
    assert.deepEqual(one.heard, ["at once", "volatile", 1, "later", "local"]);
    assert.deepEqual(two.heard, [1, "local"]);
    assert.equal(one.offset, "1");
    await adapter.close();
  });

  it("throws what cannot travel, and waits for nothing then", async () => {
    const { adapter, bus, one } = await open();
    bus.publish = () => {
      throw new TypeError("no");
    };
    assert.throws(() => adapter.broadcast(event(1), ALL), TypeError);
    adapter.sendInTurn("one", () => one.heard.push("at once"));
    assert.deepEqual(one.heard, ["at once"]);
    await adapter.close();
  });

  it("flushes what is on its way to one socket", async () => {
    const { adapter, bus, one, two } = await open();
    adapter.broadcast(event(1), ALL);
    adapter.broadcast(event("not for it"), { rooms: ALL.rooms, except: new Set(["one"]) });
    adapter.sendInTurn("one", () => one.heard.push(2));
    adapter.sendInTurn("two", () => two.heard.push("two"));
    adapter.flush("one");
    adapter.flush("nobody");
    assert.deepEqual([one.heard, two.heard], [[1, 2], []]);
    adapter.delAll("one");
    for (const [i, { message }] of bus.sent.entries()) bus.write(`${i + 1}`, message);
    assert.deepEqual([one.heard, two.heard], [[1, 2], [1, "not for it", "two"]]);
    await adapter.close();
  });

  it("gives a session that is not taken up after all back as it is then", async () => {
    const { adapter, bus, scope } = await open();
    bus.write("1", said(0));
    adapter.persistSession({ sid: "one", pid: "p", rooms: ["one", "a"], data: {} });
    scope.sockets.delete("one");
    adapter.delAll("one");
    const move = {
      uid: "other",
      nsp: "/test",
      type: 4,
      data: { opts: { rooms: ["a"] }, rooms: ["b"] },
    };
    bus.write("2", move);
    const arrival = await adapter.restoreSession("p", "1");
    bus.write("3", said(1, { rooms: ["b"] }));
    bus.write("4", said(2, { rooms: ["c"] }));
    assert.deepEqual(arrival?.rooms, ["one", "a", "b"]);
    assert.equal(arrival?.missedPackets.length, 1);
    assert.equal(await adapter.restoreSession("p", "1"), undefined);
    adapter.persistSession(arrival!);
    assert.deepEqual(bus.sessions.get("p"), {
      ...{ sid: "one", pid: "p", nsp: "/test", rooms: ["one", "a", "b"], data: {} },
      ...{ since: "0", lostAt: "4" },
    });
    const again = await adapter.restoreSession("p", "1");
    assert.equal(again?.missedPackets.length, 1);
    await adapter.close();
  });

  it("does nothing to a session again that was done to its socket", async () => {
    const { adapter, bus } = await open();
    bus.write("1", said(0));
    bus.write("2", joined("left by itself"));
    adapter.persistSession({ sid: "one", pid: "p", rooms: ["one"], data: {} });
    bus.write("3", joined("joined since"));
    assert.deepEqual((await adapter.restoreSession("p", "1"))?.rooms, ["one", "joined since"]);
    // One of npm does not tell when its client was lost.
    bus.sessions.set("q", { sid: "two", pid: "q", rooms: ["one"], data: {} });
    assert.deepEqual((await adapter.restoreSession("q", "1"))?.rooms, ["one"]);
    await adapter.close();
  });

  it("does nothing again that was done before an offset of another namespace", async () => {
    const { adapter, bus } = await open();
    bus.write("1", said(0));
    bus.write("2", joined("left by itself"));
    const session = { pid: "p", rooms: ["one"], data: {} };
    bus.sessions.set("p", { sid: "one", ...session, since: "0", lostAt: "2.5" });
    bus.write("3", joined("joined since"));
    assert.deepEqual((await adapter.restoreSession("p", "1"))?.rooms, ["one", "joined since"]);
    await adapter.close();
  });

  it("gives a session nothing from before it, heard while it was looked for", async () => {
    const { adapter, bus } = await open();
    bus.write("1", said(0));
    for (const [since, offset] of [["2.5", undefined], ["2.5", "1"], ["2", "2.5"]] as const) {
      bus.sessions.set("p", { sid: "one", pid: "p", rooms: ["one"], data: {}, since });
      bus.recordedAfter = () => {
        bus.write("2", said("from before"));
        bus.write("3", said("missed"));
        return Promise.resolve([]);
      };
      const restored = await adapter.restoreSession("p", offset);
      assert.deepEqual(missed(restored), ["missed"]);
      adapter.delAll("one");
    }
    await adapter.close();
  });

  it("knows since when the session of a client lasts that came before all else", async () => {
    const { adapter, bus, scope } = prepare();
    for (const id of ["one", "two", "three"]) scope.sockets.set(id, new FakeRecipient(id));
    adapter.addAll("one", new Set(["one"]));
    adapter.addAll("two", new Set(["two"]));
    adapter.persistSession({ sid: "two", pid: "q", rooms: ["two"], data: {} });
    adapter.delAll("two");
    assert.equal(bus.sessions.size, 0);
    await adapter.init();
    bus.write("1", said(0));
    adapter.addAll("one", new Set(["later"]));
    adapter.addAll("three", new Set(["three"]));
    for (const sid of ["one", "three"]) {
      adapter.persistSession({ sid, pid: sid, rooms: [sid], data: {} });
    }
    const kept = ["q", "one", "three"].map((pid) => bus.sessions.get(pid) as SavedSession);
    assert.deepEqual(kept.map(({ since, lostAt }) => [since, lostAt]), [
      ["0", "0"],
      ["0", "1"],
      ["1", "1"],
    ]);
    await adapter.close();
  });

  it("keeps the session of who was lost before it could begin, also if it ends then", async () => {
    const { adapter, bus, scope } = prepare();
    scope.sockets.set("one", new FakeRecipient("one"));
    adapter.addAll("one", new Set(["one"]));
    adapter.persistSession({ sid: "one", pid: "p", rooms: ["one"], data: {} });
    await adapter.close();
    assert.equal(bus.sessions.has("p"), true);
  });

  it("ends a session that would miss more than the record holds while it waits", async () => {
    const { adapter, bus } = await open();
    for (let i = 1; i < 6; i++) bus.write(`${i}`, said(i));
    bus.sessions.set("p", { sid: "x", pid: "p", rooms: ["x"], data: {}, since: "0" });
    const arrival = await adapter.restoreSession("p", "1");
    for (let i = 6; i < 9; i++) bus.write(`${i}`, said(i));
    bus.write("9", said("not for it", { rooms: ["elsewhere"] }));
    assert.deepEqual([arrival?.ended, missed(arrival)], [false, [2, 3, 4, 5, 6, 7, 8]]);
    bus.write("10", said(10));
    assert.deepEqual([arrival?.ended, missed(arrival)], [true, []]);
    bus.write("11", said(11));
    assert.deepEqual(missed(arrival), []);
    await adapter.close();
  });

  it("does not make up since when a session of npm lasts", async () => {
    const { adapter, bus, scope } = await open();
    bus.write("1", said(0));
    bus.sessions.set("p", { sid: "npm", pid: "p", rooms: ["npm"], data: {} });
    await adapter.restoreSession("p", "1");
    bus.write("2", said("lost on its way"));
    scope.sockets.set("npm", new FakeRecipient("npm"));
    adapter.addAll("npm", new Set(["npm"]));
    adapter.addAll("npm", new Set(["later"]));
    adapter.persistSession({ sid: "npm", pid: "p", rooms: ["npm"], data: {} });
    assert.equal("since" in (bus.sessions.get("p") as object), false);
    await adapter.close();
  });

  it("keeps since when a session lasts that waits while the server ends", async () => {
    const { adapter, bus } = await open();
    bus.write("1", said(0));
    bus.sessions.set("p", { sid: "x", pid: "p", rooms: ["x"], data: {}, since: "0", lostAt: "1" });
    const arrival = await adapter.restoreSession("p", "1");
    await adapter.close();
    adapter.persistSession(arrival!);
    assert.equal((bus.sessions.get("p") as SavedSession).since, "0");
  });

  it("does not wait for ever for a session", async () => {
    const { adapter, bus } = await open(20);
    bus.isSilent = true;
    const restored = within(adapter.restoreSession("p", "1"), "an outcome");
    await assert.rejects(restored, /the broker does not answer/);
    await adapter.close();
  });

  it("looks for no session behind its end", async () => {
    const { adapter, bus } = await open();
    bus.isSilent = true;
    const restored = adapter.restoreSession("p", "1");
    await adapter.close();
    assert.equal(await restored, undefined);
  });

  it("tells of a session that cannot be kept", async () => {
    const { adapter, bus, errors } = await open();
    bus.saveSession = () => {
      throw new TypeError("cyclic");
    };
    adapter.persistSession({ sid: "one", pid: "p", rooms: [], data: {} });
    assert.deepEqual(errors, ["Cannot keep the session of one: cyclic"]);
    await adapter.close();
  });

  it("is not for namespaces without recovery", () => {
    const scope: AdapterScope = new FakeScope(false);
    assert.throws(() => new ClusterRecoveryAdapter(scope, new FakeBus()), TypeError);
  });
});
