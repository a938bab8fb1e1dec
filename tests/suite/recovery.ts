import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { once, until, within } from "../harness/once.ts";
import { RawPolling, RawWebSocket } from "../harness/raw.ts";
import type { start as Start, Started } from "../harness/started.ts";

/** A client that speaks by hand, to lose its connection when the test wants it to. */
interface Peer {
  send(packet: string): Promise<unknown>;
  /** The Socket.IO packets that have come, at least this many. */
  packets(count: number): Promise<string[]>;
  /** Ends the connection without leaving the namespace. */
  lose(): Promise<unknown>;
}

/** How a peer opens a connection. */
export type OpenPeer = (url: string) => Promise<Peer>;

/** Peers by transport. */
export const PEERS: Readonly<Record<string, OpenPeer>> = {
  async polling(url) {
    const polling = await RawPolling.open(url);
    return {
      send: (packet) => polling.post(`4${packet}`),
      async packets(count) {
        const packets: string[] = [];
        while (packets.length < count) {
          for (const packet of await polling.packets()) {
            if (packet === "2") await polling.post("3");
            else packets.push(packet.slice(1));
          }
        }
        return packets;
      },
      lose: () => polling.post("1"),
    };
  },
  async websocket(url) {
    const socket = await RawWebSocket.open(url);
    await socket.next();
    return {
      send(packet) {
        socket.send(`4${packet}`);
        return Promise.resolve();
      },
      async packets(count) {
        const packets: string[] = [];
        while (packets.length < count) packets.push(String(await socket.next()).slice(1));
        return packets;
      },
      lose() {
        socket.socket.close();
        return socket.closed;
      },
    };
  },
};

interface Member {
  readonly peer: Peer;
  readonly socket: Socket;
  readonly sid: string;
  readonly pid: string;
}

/** Asks to be let in. */
async function ask(server: Started, open: OpenPeer, auth: object): Promise<Peer> {
  const peer = await open(server.url);
  await peer.send(`0${JSON.stringify(auth)}`);
  return peer;
}

async function join(server: Started, open: OpenPeer, auth: object = {}): Promise<Member> {
  const connection = once<[Socket]>(server.io, "connection");
  const peer = await ask(server, open, auth);
  const [answer] = await peer.packets(1);
  const { sid, pid } = JSON.parse(answer!.slice(1));
  return { peer, socket: (await connection)[0], sid, pid };
}

async function lose({ peer, socket }: Member): Promise<void> {
  const left = once(socket, "disconnect");
  await peer.lose();
  assert.equal((await left)[0], "transport close");
}

/** Comes back: what was missed, the answer to CONNECT, and the new socket. */
async function comeBack(
  server: Started,
  open: OpenPeer,
  auth: object,
  missed: number,
): Promise<{ events: unknown[][]; sid: string; pid: string; socket: Socket; peer: Peer }> {
  const connection = once<[Socket]>(server.io, "connection");
  const peer = await ask(server, open, auth);
  const packets = await peer.packets(missed + 1);
  const answer = packets.at(-1)!;
  assert.equal(packets.length, missed + 1, packets.join(" "));
  assert.equal(answer[0], "0", packets.join(" "));
  const events = packets.slice(0, -1).map((packet) => JSON.parse(packet.slice(1)));
  return { events, ...JSON.parse(answer.slice(1)), socket: (await connection)[0], peer };
}

const ON = { connectionStateRecovery: { maxDisconnectionDuration: 60_000 } };

/** Connection state recovery: sessions that survive their connection. */
export function recovery(start: typeof Start, open: OpenPeer): void {
  /** The first event that the client hears, which tells an offset. */
  async function offsetOf(server: Started, { peer }: Member): Promise<string> {
    server.io.emit("first");
    const [packet] = await peer.packets(1);
    const [name, offset] = JSON.parse(packet!.slice(1));
    assert.deepEqual([name, typeof offset], ["first", "string"]);
    return offset;
  }

  it("gives back id, rooms and data, and replays in order what was missed", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    const other = await join(server, open);
    assert.equal(member.socket.recovered, false);
    member.socket.join(["a", "b"]);
    member.socket.data = { name: "Ada" };
    const offset = await offsetOf(server, member);
    await lose(member);
    server.io.emit("one", 1);
    server.io.to("a").emit("two");
    server.io.to("elsewhere").emit("not for it");
    server.io.to("b").except("a").emit("not for it");
    other.socket.emit("not for it");
    other.socket.broadcast.emit("three", { deep: [3] });
    member.socket.emit("four");
    server.io.to(member.sid).emit("five");
    server.io.volatile.emit("lost");
    const { pid } = member;
    const back = await comeBack(server, open, { pid, offset }, 5);
    assert.deepEqual(back.events.map(([name]) => name), ["one", "two", "three", "four", "five"]);
    assert.deepEqual(back.events[2]?.[1], { deep: [3] });
    assert.deepEqual([back.sid, back.pid], [member.sid, member.pid]);
    assert.equal(back.socket.recovered, true);
    assert.deepEqual(back.socket.rooms, new Set([member.sid, "a", "b"]));
    assert.deepEqual(back.socket.data, { name: "Ada" });
    server.io.emit("and on");
    assert.match((await back.peer.packets(1))[0]!, /^2\["and on",/);
  });

  it("replays from the start of the session to a client that has no offset yet", async () => {
    await using server = await start(ON);
    const early = await join(server, open);
    server.io.emit("before it");
    const member = await join(server, open);
    server.io.emit("sent, but lost on the way");
    await lose(member);
    server.io.emit("missed");
    const back = await comeBack(server, open, { pid: member.pid }, 2);
    assert.deepEqual(back.events.map(([name]) => name), ["sent, but lost on the way", "missed"]);
    await early.peer.lose();
  });

  it("an offset from before the session counts from its start", async () => {
    await using server = await start(ON);
    const first = await join(server, open);
    const old = await offsetOf(server, first);
    server.io.emit("before the session of the second");
    const second = await join(server, open);
    await lose(second);
    server.io.emit("missed");
    const back = await comeBack(server, open, { pid: second.pid, offset: old }, 1);
    assert.deepEqual(back.events.map(([name]) => name), ["missed"]);
  });

  it("a volatile event repeats the last offset, so that no other text is taken for one", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    const offset = await offsetOf(server, member);
    const poll = member.peer.packets(1);
    await until(() => member.socket.conn.writable, "a transport that can send");
    member.socket.volatile.emit("fleeting", "some text");
    assert.deepEqual(JSON.parse((await poll)[0]!.slice(1)), ["fleeting", "some text", offset]);
  });

  it("an event that asks for an answer carries no offset and is not replayed", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    const offset = await offsetOf(server, member);
    member.socket.emit("ask", "text", () => {});
    const [asked] = await member.peer.packets(1);
    assert.match(asked!, /^2\d+\["ask","text"\]$/);
    await lose(member);
    member.socket.emit("ask", () => {});
    server.io.timeout(50).emit("ask", () => {});
    const back = await comeBack(server, open, { pid: member.pid, offset }, 0);
    assert.deepEqual(back.events, []);
  });

  it("a pid is private, and is good for one return at a time", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    assert.notEqual(member.pid, member.sid);
    assert.notEqual(member.pid, member.socket.conn.id);
    assert.equal(member.pid.length >= 20, true);
    await lose(member);
    const back = await comeBack(server, open, { pid: member.pid }, 0);
    assert.equal(back.socket.recovered, true);
    const left = once(back.socket, "disconnect");
    await back.peer.send("1");
    assert.equal((await left)[0], "client namespace disconnect");
    const again = await comeBack(server, open, { pid: member.pid }, 0);
    assert.equal(again.socket.recovered, false);
    assert.notEqual(again.sid, member.sid);
    assert.notEqual(again.pid, member.pid);
  });

  for (const auth of [{ pid: "unknown", offset: "1" }, { pid: 7 }, { pid: null, offset: "x" }]) {
    it(`${JSON.stringify(auth)} opens a new session`, async () => {
      await using server = await start(ON);
      const back = await comeBack(server, open, auth, 0);
      assert.equal(back.socket.recovered, false);
      assert.notEqual(back.sid, auth.pid);
      assert.deepEqual(back.socket.handshake.auth, {});
    });
  }

  for (const offset of [12, {}, "no offset", "zzzzzz", "-1"]) {
    it(`the offset ${JSON.stringify(offset)}, which was never given, recovers nothing`, async () => {
      await using server = await start(ON);
      const member = await join(server, open);
      await lose(member);
      const back = await comeBack(server, open, { pid: member.pid, offset }, 0);
      assert.equal(back.socket.recovered, false);
    });
  }

  it("a client whose old connection still seems to live takes its place", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    member.socket.join("room");
    const offset = await offsetOf(server, member);
    const left = once(member.socket, "disconnect");
    server.io.to("room").emit("sent into the dead connection");
    const back = await comeBack(server, open, { pid: member.pid, offset }, 1);
    assert.equal((await left)[0], "transport close");
    assert.equal(back.socket.recovered, true);
    assert.notEqual(back.socket, member.socket);
    assert.deepEqual(back.events.map(([name]) => name), ["sent into the dead connection"]);
    assert.equal(server.io.of("/").sockets.size, 1);
    assert.equal(server.io.of("/").sockets.get(member.sid), back.socket);
    // The old connection ends as well, at once: nothing that is still to come of it counts.
    assert.equal(server.io.engine.clientsCount, 1);
  });

  it("rooms joined and left during the gap hold after it, and count for what is replayed", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    member.socket.join(["stays", "leaves"]);
    const offset = await offsetOf(server, member);
    await lose(member);
    server.io.to("leaves").emit("while in it");
    server.io.to("joins").emit("not yet in it");
    server.io.in("stays").socketsJoin("joins");
    server.io.in(member.sid).socketsLeave("leaves");
    server.io.to("joins").emit("in it");
    server.io.to("leaves").emit("not in it any more");
    const back = await comeBack(server, open, { pid: member.pid, offset }, 2);
    assert.deepEqual(back.events.map(([name]) => name), ["while in it", "in it"]);
    assert.deepEqual(back.socket.rooms, new Set([member.sid, "stays", "joins"]));
  });

  it("a ban during the gap ends the session", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    member.socket.join("banned");
    await lose(member);
    const expired = once<[{ sid: string }]>(server.io, "session_expired");
    server.io.in("banned").disconnectSockets();
    assert.equal((await expired)[0].sid, member.sid);
    const back = await comeBack(server, open, { pid: member.pid }, 0);
    assert.equal(back.socket.recovered, false);
  });

  for (const how of ["client", "server"] as const) {
    it(`a session that the ${how} ended on purpose is not kept`, async () => {
      await using server = await start(ON);
      const member = await join(server, open);
      const left = once(member.socket, "disconnect");
      if (how === "client") await member.peer.send("1");
      else member.socket.disconnect();
      await left;
      const back = await comeBack(server, open, { pid: member.pid }, 0);
      assert.equal(back.socket.recovered, false);
    });
  }

  it("a session that is not taken up in time expires, and a listener is told", async () => {
    await using server = await start({ connectionStateRecovery: { maxDisconnectionDuration: 40 } });
    const member = await join(server, open);
    member.socket.join("room");
    member.socket.data = { name: "Ada" };
    const expired = once<[{ sid: string; rooms: string[]; data: unknown }]>(
      server.io,
      "session_expired",
    );
    await lose(member);
    const [{ sid, rooms, data }] = await expired;
    assert.deepEqual([sid, rooms.sort(), data], [
      member.sid,
      [member.sid, "room"].sort(),
      { name: "Ada" },
    ]);
    const back = await comeBack(server, open, { pid: member.pid }, 0);
    assert.equal(back.socket.recovered, false);
  });

  it("a session expires in time also where packets are kept for longer", async () => {
    // Packets are kept until a silent client is noticed, which takes ten seconds longer here.
    await using server = await start({
      connectionStateRecovery: { maxDisconnectionDuration: 40 },
      pingTimeout: 10_000,
    });
    const member = await join(server, open);
    server.io.emit("kept", 1);
    await member.peer.packets(1);
    const expired = once(server.io, "session_expired");
    await lose(member);
    await within(expired, "the end of the session", 5_000);
  });

  it("what does not fit into maxBufferedBytes makes the session unrecoverable, not incomplete", async () => {
    await using server = await start({ connectionStateRecovery: { maxBufferedBytes: 10_000 } });
    const [first, second] = [await join(server, open), await join(server, open)];
    const offset = await offsetOf(server, first);
    await second.peer.packets(1);
    await lose(first);
    await lose(second);
    for (let i = 0; i < 3; i++) server.io.emit("small", i);
    const back = await comeBack(server, open, { pid: first.pid, offset }, 3);
    assert.deepEqual(back.events.map(([, i]) => i), [0, 1, 2]);
    for (let i = 0; i < 30; i++) server.io.emit("large", "x".repeat(100));
    const none = await comeBack(server, open, { pid: second.pid, offset }, 0);
    assert.equal(none.socket.recovered, false);
  });

  it("the sessions of clients that come and go with large credentials make room for others", async () => {
    await using server = await start({ connectionStateRecovery: { maxBufferedBytes: 500_000 } });
    const members: Member[] = [];
    const expired: string[] = [];
    server.io.on("session_expired", ({ sid }) => expired.push(sid));
    for (let i = 0; i < 10; i++) {
      const member = await join(server, open, { token: "x".repeat(50_000) });
      await lose(member);
      members.push(member);
    }
    assert.deepEqual(expired, members.slice(0, 6).map(({ sid }) => sid));
    const token = "x".repeat(50_000);
    const gone = await comeBack(server, open, { token, pid: members[5]!.pid }, 0);
    assert.equal(gone.socket.recovered, false);
    const back = await comeBack(server, open, { token, pid: members[6]!.pid }, 0);
    assert.equal(back.socket.recovered, true);
  });

  it("middlewares are skipped by default for the same credentials, not for others", async () => {
    await using server = await start(ON);
    const seen: unknown[] = [];
    server.io.use((socket, next) => {
      seen.push(socket.handshake.auth["token"]);
      next();
    });
    const member = await join(server, open, { token: "a" });
    await lose(member);
    const same = await comeBack(server, open, { token: "a", pid: member.pid }, 0);
    assert.deepEqual([same.socket.recovered, seen], [true, ["a"]]);
    const left = once(same.socket, "disconnect");
    await same.peer.lose();
    await left;
    const other = await comeBack(server, open, { token: "b", pid: member.pid }, 0);
    assert.deepEqual([other.socket.recovered, seen], [true, ["a", "b"]]);
    assert.deepEqual(other.socket.handshake.auth, { token: "b" });
  });

  it("skipMiddlewares: false asks them again, and they can refuse", async () => {
    await using server = await start({ connectionStateRecovery: { skipMiddlewares: false } });
    let expired = false;
    server.io.use((_socket, next) => next(expired ? new Error("expired") : undefined));
    const member = await join(server, open);
    await lose(member);
    expired = true;
    const peer = await ask(server, open, { pid: member.pid });
    assert.deepEqual(await peer.packets(1), ['4{"message":"expired"}']);
    assert.equal(server.io.of("/").sockets.size, 0);
  });

  it("a middleware may let a socket join that comes back, and a ban holds meanwhile", async () => {
    await using server = await start({ connectionStateRecovery: { skipMiddlewares: false } });
    let at: ((socket: Socket) => void) | undefined;
    server.io.use((socket, next) => {
      socket.join("of the middleware");
      if (socket.recovered) at?.(socket);
      next();
    });
    const member = await join(server, open);
    member.socket.join("own");
    await lose(member);
    at = () => server.io.to("of the middleware").emit("meanwhile");
    const back = await comeBack(server, open, { pid: member.pid }, 1);
    assert.deepEqual([back.socket.recovered, back.sid], [true, member.sid]);
    assert.deepEqual(back.socket.rooms, new Set([member.sid, "of the middleware", "own"]));
    const left = once(back.socket, "disconnect");
    await back.peer.lose();
    await left;
    at = () => server.io.in("own").disconnectSockets();
    const banned = await comeBack(server, open, { pid: member.pid }, 0);
    assert.deepEqual([banned.socket.recovered, banned.sid === member.sid], [false, false]);
    assert.deepEqual([...server.io.sockets.adapter.sids.keys()], [banned.sid]);
  });

  it("a middleware that disconnects a client ends the session that it was to take up", async () => {
    await using server = await start({ connectionStateRecovery: { skipMiddlewares: false } });
    let unwanted = false;
    server.io.use((socket, next) => {
      if (unwanted) socket.disconnect();
      next();
    });
    const member = await join(server, open);
    await lose(member);
    unwanted = true;
    const peer = await ask(server, open, { pid: member.pid });
    assert.deepEqual(await peer.packets(1), ['4{"message":"Disconnected by the server"}']);
    unwanted = false;
    const back = await comeBack(server, open, { pid: member.pid }, 0);
    assert.deepEqual([back.socket.recovered, back.sid === member.sid], [false, false]);
  });

  it("what a listener of join-room sends reaches a client once that comes back", async () => {
    await using server = await start(ON);
    const member = await join(server, open);
    member.socket.join("room");
    await lose(member);
    server.io.emit("missed");
    server.io.sockets.adapter.on("join-room", (room) => server.io.to(room).emit("joined", room));
    const back = await comeBack(server, open, { pid: member.pid }, 3);
    const events = back.events.map(([name, room]) => name === "joined" ? `${name} ${room}` : name);
    assert.deepEqual(events.sort(), [`joined ${member.sid}`, "joined room", "missed"].sort());
  });

  it("a session expires in time although a middleware has not decided about its client", async () => {
    await using server = await start({
      connectionStateRecovery: { maxDisconnectionDuration: 100, skipMiddlewares: false },
    });
    let asked = 0;
    server.io.use((socket, next) => {
      if (!socket.recovered) return next();
      asked++;
    });
    const member = await join(server, open);
    const expired = once<[{ sid: string }]>(server.io, "session_expired");
    await lose(member);
    const peer = await ask(server, open, { pid: member.pid });
    await until(() => asked === 1, "the middleware to be asked");
    await peer.lose();
    assert.equal((await expired)[0].sid, member.sid);
    assert.equal(server.io.sockets.isEmpty, true);
  });

  it("without the option there is no pid and no offset", async () => {
    await using server = await start();
    const member = await join(server, open, { pid: "x", offset: "y", token: 1 });
    assert.equal(member.pid, undefined);
    assert.deepEqual(member.socket.handshake.auth, { pid: "x", offset: "y", token: 1 });
    server.io.emit("event");
    assert.deepEqual(await member.peer.packets(1), ['2["event"]']);
  });
}
