import { assert, describe, it } from "../../../harness/mod.ts";
import { until } from "../../../harness/once.ts";
import { reportListenerError } from "../../../../events/mod.ts";
import { Message, PacketType, Pause } from "../../../../parser/engine/mod.ts";
import { Deadlines } from "../../../../server/engine/deadlines.ts";
import { Farewells } from "../../../../server/engine/farewells.ts";
import { Heartbeat } from "../../../../server/engine/heartbeat.ts";
import { Outbox } from "../../../../server/engine/outbox.ts";
import { Session } from "../../../../server/engine/session.ts";
import { Turn } from "../../../../server/engine/turn.ts";
import { Upgrade } from "../../../../server/engine/upgrade.ts";
import { WebSocketTransport } from "../../../../server/engine/websocket.ts";
import {
  NOBODY,
  type Queued,
  type Transport,
  type TransportHandler,
} from "../../../../server/engine/transport.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeSocket } from "./fake_socket.ts";

const SNAPSHOT = { url: "http://host/", method: "GET", headers: {} };

/** A poll that waits for ever: what is flushed is gone at once. */
class FakePolling implements Transport {
  readonly name = "polling";
  writable = true;
  readonly sent: string[] = [];
  over = false;
  handler: TransportHandler = NOBODY;

  send(): boolean {
    return false;
  }
  flush(queue: Queued[]): void {
    if (!this.writable) return;
    const messages = queue.splice(0);
    this.sent.push(...messages.map(({ message }) => message.payload));
    this.handler.flushed(messages);
  }
  hurry(): void {}
  finish(done: () => void): void {
    if (!this.writable) return;
    if (!this.over) this.sent.push("1");
    done();
  }
  discard(): void {
    this.over = true;
  }
  subscribe(): boolean {
    return false;
  }
  unsubscribe(): void {}
}

function world() {
  const clock = new FakeClock();
  const outbox = new Outbox();
  const live = new Set<Session>();
  const parted: string[] = [];
  const services = {
    farewells: new Farewells((id) => parted.push(id), reportListenerError, clock),
    reportError: reportListenerError,
    heartbeat: new Heartbeat(300, 200, clock),
    closing: new Deadlines<Session>(30_000, (session) => session.ended("forced close"), clock),
    blocked: new Set<Session>(),
    turn: new Turn(),
    maxBackpressure: 1000,
    opened: (session: Session) => void live.add(session),
    ended: (session: Session) => void live.delete(session),
    observed: () => false,
    flushed() {},
  };
  const websocket = {
    name: "websocket" as const,
    maxPayload: 1000,
    maxBackpressure: 1000,
    compressFrom: 100,
    outbox,
    reportError: reportListenerError,
  };
  const upgrades = {
    timeouts: new Deadlines<Upgrade>(100, (upgrade) => upgrade.fail(), clock),
    probed: new Deadlines<Upgrade>(10, (upgrade) => upgrade.release(), clock),
    releases: new Deadlines<Upgrade>(100, (upgrade) => upgrade.release(), clock),
  };
  return { clock, outbox, live, parted, services, websocket, upgrades };
}

function overWebSocket(corks: boolean) {
  const all = world();
  const transport = new WebSocketTransport(all.websocket, undefined);
  const session = new Session("id", 4, SNAPSHOT, "", all.services, transport);
  const socket = new FakeSocket(transport, corks);
  transport.open(socket);
  return { ...all, session, transport, socket };
}

function overPolling() {
  const all = world();
  const polling = new FakePolling();
  const session = new Session("id", 4, SNAPSHOT, "", all.services, polling);
  session.opened();
  return { ...all, session, polling };
}

/** Begins to move a session over long polling to a WebSocket. */
function beginUpgrade(
  { session, websocket, upgrades }: Pick<
    ReturnType<typeof overPolling>,
    "session" | "websocket" | "upgrades"
  >,
  corks: boolean,
  release: () => void = () => {},
) {
  const target = new WebSocketTransport(websocket, undefined);
  const upgrade = new Upgrade(session, target, release, upgrades);
  session.startUpgrade(upgrade);
  const socket = new FakeSocket(upgrade, corks);
  upgrade.open(socket);
  return { upgrade, socket };
}

const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

describe("Session over a WebSocket", () => {
  it("hands messages over synchronously", () => {
    const { session, socket } = overWebSocket(false);
    const got: unknown[] = [];
    session.handler = { message: (data) => got.push(data), upgraded() {}, close() {} };
    socket.handler.message("4a");
    socket.handler.message(new Uint8Array([1]));
    socket.handler.message("bAg==");
    assert.deepEqual(got, ["a", new Uint8Array([1]), new Uint8Array([2])]);
    socket.handler.message("b%");
    assert.equal(session.readyState, "closed");
  });

  it("gathers what is sent in a turn into one cork", async () => {
    const { session, socket } = overWebSocket(true);
    session.send("1").send(new Message(["42", new Uint8Array([3])])).send("4");
    assert.deepEqual(socket.writes, []);
    assert.equal(session.writable, false);
    await turn();
    assert.deepEqual(socket.writes, [["41", "42", new Uint8Array([3]), "44"]]);
    assert.equal(session.writable, true);
  });

  it("answers a message at once: there the runtime corks by itself", () => {
    const { session, socket } = overWebSocket(true);
    session.on("data", (data) => session.send(data));
    socket.handler.message("4a");
    assert.deepEqual(socket.writes, [["4a"]]);
  });

  it("keeps the order of what was gathered and what is answered", async () => {
    const { session, socket } = overWebSocket(true);
    session.on("data", (data) => session.send(data));
    session.send("1");
    socket.handler.message("42");
    session.send("3");
    await turn();
    assert.deepEqual(socket.frames, ["41", "42", "43"]);
  });

  it("sends what was gathered before anything is published", () => {
    const { session, socket, outbox } = overWebSocket(true);
    session.send("1");
    outbox.flush();
    assert.deepEqual(socket.frames, ["41"]);
  });

  it("compresses what is long enough and may be compressed", () => {
    const { session, socket } = overWebSocket(false);
    session.send("a".repeat(98)).send("a".repeat(99)).send("a".repeat(99), { compress: false });
    assert.deepEqual(socket.compressed, [false, true, false]);
  });

  it("ends a client that does not read", () => {
    const { session, socket, live } = overWebSocket(false);
    const ends: unknown[] = [];
    session.on("close", (reason) => ends.push(reason));
    socket.result = "queued";
    socket.bufferedAmount = 1000;
    session.send("a");
    assert.deepEqual(ends, []);
    socket.bufferedAmount = 1001;
    session.send("b").send("c");
    assert.deepEqual(ends, ["transport error"]);
    assert.equal(socket.closed, "terminated");
    assert.equal(live.size, 0);
  });

  it("drops volatile messages while something is buffered", () => {
    const { session, socket } = overWebSocket(false);
    socket.bufferedAmount = 1;
    session.send("lost", { volatile: true }).send("kept");
    assert.deepEqual(socket.frames, ["4kept"]);
  });

  it("hears of its end once, however often the runtime tells", () => {
    const { session, socket, services } = overWebSocket(false);
    const ends: string[] = [];
    session.on("close", (reason) => ends.push(`event ${reason}`));
    session.handler = { message() {}, upgraded() {}, close: (reason) => ends.push(reason) };
    const { handler } = socket;
    handler.close(1001, "", false);
    handler.close(1005, "", false);
    assert.deepEqual(ends, ["transport close", "event transport close"]);
    assert.equal(services.heartbeat.size, 0);
    socket.handler.message("4late");
    session.send("late").close();
    assert.equal(session.readyState, "closed");
  });

  it("tells an error from an end", () => {
    const { session, socket } = overWebSocket(false);
    const errors: string[] = [];
    session.on("error", ({ message }) => errors.push(message));
    socket.handler.close(1006, "Received too big message", true);
    assert.deepEqual(errors, ["Received too big message"]);
  });

  it("pings and gives up by the clock of all", () => {
    const { session, socket, clock, live } = overWebSocket(false);
    clock.pass(300);
    assert.deepEqual(socket.frames, ["2"]);
    socket.handler.message("3");
    clock.pass(300);
    assert.deepEqual(socket.frames, ["2", "2"]);
    clock.pass(200);
    assert.equal(session.readyState, "closed");
    assert.equal(socket.closed, 1000);
    assert.equal(live.size, 0);
    assert.equal(clock.running, 0);
  });

  for (const protocol of [3, 4] as const) {
    it(`leaves no timer behind if it is ended as it opens, with protocol ${protocol}`, () => {
      const { clock, services, websocket } = world();
      const ending = { ...services, opened: (one: Session) => one.ended("server shutting down") };
      const transport = new WebSocketTransport(websocket, undefined);
      const session = new Session("id", protocol, SNAPSHOT, "", ending, transport);
      transport.open(new FakeSocket(transport, false));
      assert.deepEqual([session.readyState, clock.running], ["closed", 0]);
    });
  }

  it("sends what it has gathered before it subscribes", () => {
    const { session, socket } = overWebSocket(true);
    assert.equal(session.subscribe("a"), true);
    session.send("1");
    assert.equal(session.subscribe("b"), true);
    assert.deepEqual(socket.frames.at(-1), "41");
    session.unsubscribe("a");
    assert.deepEqual([...socket.topics], ["b"]);
    session.close();
    assert.equal(session.subscribe("c"), false);
  });

  it("does not subscribe behind a message that is still being read", async () => {
    const { session, socket } = overWebSocket(true);
    const before = socket.frames.length;
    session.send(new Blob(["b"]));
    assert.equal(session.subscribe("a"), false);
    while (socket.frames.length === before) await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(session.subscribe("a"), true);
  });

  it("blocks publishing while a Blob is being read, and no longer", async () => {
    const { session, socket, services } = overWebSocket(true);
    session.send(new Blob(["a"]));
    assert.equal(services.blocked.size, 0, "nothing is published to a session without topics");
    while (session.writeBuffer.length > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    session.subscribe("topic");
    const before = socket.frames.length;
    session.send(new Blob(["b"])).send("c");
    assert.equal(services.blocked.size, 1);
    assert.deepEqual(session.writeBuffer.length, 2);
    while (session.writeBuffer.length > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual(socket.frames.slice(before), [new Uint8Array([98]), "4c"]);
    assert.equal(services.blocked.size, 0);
    const read = Message.deferred(Promise.resolve([]), () => {});
    session.send(read);
    assert.equal(services.blocked.size, 1);
    // Something that is sent as soon as the message is there takes it along.
    await read.ready;
    session.send("e");
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(services.blocked.size, 0);
    session.send(new Blob(["d"]));
    session.ended("transport close");
    assert.equal(services.blocked.size, 0);
  });

  it("refuses what is neither text nor binary", () => {
    const { session } = overWebSocket(false);
    assert.throws(() => session.send(1 as never), TypeError);
  });

  it("shows packets to who listens", () => {
    const { session, socket } = overWebSocket(false);
    const seen: unknown[] = [];
    session.on("packet", ({ type, data }) => seen.push(["in", type, data]));
    session.on("packetCreate", ({ type, data }) => seen.push(["out", type, data]));
    session.on("heartbeat", () => seen.push("heartbeat"));
    socket.handler.message("4a");
    socket.handler.message("3");
    session.send("b");
    assert.deepEqual(seen, [["in", "message", "a"], ["in", "pong", ""], "heartbeat", [
      "out",
      "message",
      "b",
    ]]);
  });

  it("tells that nothing waits any more, also behind what could not be read", async () => {
    const { session } = overWebSocket(false);
    const seen: unknown[] = [];
    session.on("flush", (messages) => seen.push(messages.length));
    session.on("drain", () => seen.push("drain"));
    const lost = Message.deferred(Promise.reject(new Error("unreadable")), () => {});
    session.send("a").send(lost);
    await until(() => seen.length === 3, "both");
    assert.deepEqual(seen, [1, "drain", "drain"]);
  });

  it("shows each frame of a message once it is there, and no pause", async () => {
    const { session } = overWebSocket(false);
    const seen: unknown[] = [];
    session.on("packetCreate", ({ data }) => seen.push(data));
    session.on("flush", (messages) => seen.push(messages.length));
    const [one, two] = [new Uint8Array([1]), new Uint8Array([2])];
    session.send(new Message(["4a", one, two]));
    const pause = Pause.of(60_000);
    session.send(pause);
    pause.end();
    await until(() => session.writeBuffer.length === 0, "the end of the pause");
    session.send(new Blob(["c"]));
    await until(() => seen.length === 6, "the blob");
    assert.deepEqual(seen, ["a", one, two, 1, new TextEncoder().encode("c"), 1]);
  });
});

describe("Session over long polling", () => {
  it("bounds what waits for a client", () => {
    const { session, polling, live } = overPolling();
    polling.writable = false;
    session.send("a".repeat(5000));
    assert.equal(live.size, 1);
    session.send("b");
    assert.equal(live.size, 0);
    assert.equal(session.readyState, "closed");
  });

  it("gives a closing client 30 seconds", () => {
    const { session, polling, clock } = overPolling();
    const ends: string[] = [];
    session.on("close", (reason) => ends.push(reason));
    polling.writable = false;
    session.send("a").close();
    clock.pass(29_999);
    assert.deepEqual(ends, []);
    clock.pass(1000);
    assert.deepEqual(ends, ["forced close"]);
    assert.equal(clock.running, 0);
  });

  it("moves to a WebSocket with what still waits", () => {
    const fixture = overPolling();
    const { session, polling, clock } = fixture;
    const ups: string[] = [];
    session.handler = { message() {}, upgraded: () => ups.push("upgraded"), close() {} };
    const { socket } = beginUpgrade(fixture, false, () => ups.push("release"));
    socket.handler.message("2probe");
    clock.pass(10);
    polling.writable = false;
    session.send("1").send("2");
    socket.handler.message("5");
    assert.deepEqual(socket.frames, ["3probe", "41", "42"]);
    assert.deepEqual(ups, ["release", "upgraded"]);
    assert.equal(polling.over, true);
    assert.equal(session.transport.name, "websocket");
  });

  it("releases the client every 100 ms, and gives up in time", () => {
    const { session, clock, ...rest } = overPolling();
    const timeouts = new Deadlines<Upgrade>(250, (upgrade) => upgrade.fail(), clock);
    const upgrades = { ...rest.upgrades, timeouts };
    let releases = 0;
    const { upgrade, socket } = beginUpgrade(
      { ...rest, session, upgrades },
      false,
      () => releases++,
    );
    timeouts.add(upgrade);
    socket.handler.message("2probe");
    clock.pass(249);
    assert.equal(releases, 3);
    assert.equal(session.upgrading, true);
    clock.pass(1);
    assert.equal(session.upgrading, false);
    assert.equal(socket.closed, 1000);
    session.ended("transport close");
    clock.pass(10_000);
    assert.equal(releases, 3);
    assert.equal(clock.running, 0);
  });
});

describe("Session whose server shuts down", () => {
  it("writes what was gathered before it closes the WebSocket", () => {
    const { session, socket, services, parted } = overWebSocket(true);
    const heard: unknown[] = [];
    session.on("close", (reason) => heard.push(reason));
    session.send("1", () => heard.push("sent")).send("2");
    session.ended("server shutting down");
    assert.deepEqual(socket.writes, [["41", "42"]]);
    assert.equal(socket.closed, 1000);
    assert.deepEqual(heard, ["sent", "server shutting down"]);
    assert.deepEqual([services.farewells.size, parted], [0, []]);
  });

  it("waits for what is still being read, and says its own end at once", async () => {
    const { session, socket, services } = overWebSocket(true);
    const heard: unknown[] = [];
    session.on("close", (reason) => heard.push(reason));
    session.send("1").send(new Blob(["2"])).send("3");
    session.ended("server shutting down");
    assert.deepEqual([heard, session.readyState], [["server shutting down"], "closed"]);
    assert.deepEqual([socket.frames, socket.closed], [["41"], undefined]);
    await services.farewells.settled();
    assert.deepEqual(socket.frames, ["41", new Uint8Array([50]), "43"]);
    assert.equal(socket.closed, 1000);
  });

  it("gives up a WebSocket that does not read", () => {
    const { session, socket, services } = overWebSocket(true);
    session.send("1");
    Object.assign(socket, { result: "queued", bufferedAmount: 1001 });
    session.ended("server shutting down");
    assert.deepEqual([socket.closed, services.farewells.size], ["terminated", 0]);
  });

  it("waits for a poll, and not once the client says that it leaves", () => {
    const { session, polling, services, clock } = overPolling();
    polling.writable = false;
    session.send("1");
    session.ended("server shutting down");
    assert.deepEqual([services.farewells.has("id"), services.farewells.size], [true, 1]);
    services.heartbeat.clear();
    polling.handler.packet(PacketType.Message, "late");
    assert.equal(services.farewells.size, 1);
    polling.handler.packet(PacketType.Close, "");
    assert.deepEqual([polling.over, services.farewells.size, clock.running], [true, 0, 0]);
  });

  it("waits a second for a poll, for all sessions by one timer, and leaves none", async () => {
    const { session, polling, services, clock, parted } = overPolling();
    polling.writable = false;
    const quick = new FakePolling();
    quick.writable = false;
    const other = new Session("other", 4, SNAPSHOT, "", services, quick);
    other.opened();
    for (const each of [session, other]) {
      each.send("1");
      each.ended("server shutting down");
    }
    services.heartbeat.clear();
    assert.equal(clock.running, 1);
    quick.writable = true;
    quick.handler.ready();
    assert.deepEqual([quick.sent, quick.over, parted], [["41", "1"], true, ["other"]]);
    clock.pass(999);
    assert.equal(polling.over, false);
    clock.pass(1);
    assert.deepEqual([polling.sent, polling.over, parted], [[], true, ["other", "id"]]);
    assert.equal(clock.running, 0);
    await services.farewells.settled();
  });

  it("does not wait where nothing waits", () => {
    for (const reason of ["server shutting down", "transport close"] as const) {
      const { session, polling, services } = overPolling();
      polling.writable = false;
      if (reason !== "server shutting down") session.send("lost");
      session.ended(reason);
      assert.deepEqual([polling.sent, polling.over, services.farewells.size], [[], true, 0]);
    }
  });

  it("lets a client that has left polling complete its upgrade", () => {
    const fixture = overPolling();
    const { session, polling, services } = fixture;
    const { socket } = beginUpgrade(fixture, true);
    socket.handler.message("2probe");
    polling.writable = false;
    session.send("1");
    session.ended("server shutting down");
    assert.equal(socket.closed, undefined);
    socket.handler.message("5");
    assert.deepEqual(socket.frames, ["3probe", "41"]);
    assert.deepEqual([polling.over, socket.closed, services.farewells.size], [true, 1000, 0]);
  });

  it("breaks off an upgrade when the second is over", () => {
    const fixture = overPolling();
    const { session, polling, clock } = fixture;
    const { socket } = beginUpgrade(fixture, false);
    polling.writable = false;
    session.send("1");
    session.ended("server shutting down");
    clock.pass(1000);
    assert.deepEqual([polling.over, socket.closed], [true, 1000]);
  });
});
