import {
  CLIENT,
  type ClientModule,
  Clients,
  type Peer,
  type StartPeer,
} from "../harness/client_peers.ts";
import { after, assert, before, describe, it, mock } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";

const BYTES = new Uint8Array([0, 1, 254, 255]);

/** How events of our client go to and fro, with a server that these tests start. */
export function clientEventsSuite(
  name: string,
  start: StartPeer,
  client: ClientModule = CLIENT,
): void {
  describe(`events, with ${name}`, () => {
    let peer: Peer;

    before(async () => {
      peer = await start();
    });

    after(async () => {
      await peer[Symbol.asyncDispose]();
    });

    for (const transport of ["polling", "websocket"]) {
      it(`carries all that can be sent, by ${transport}`, async () => {
        await using clients = new Clients(peer.url, client);
        const socket = await clients.connect({ transports: [transport] });
        const values = ["ä\u2028😀", 0, false, null, [[]], { deep: [{ bytes: BYTES }] }, BYTES];
        assert.deepEqual(
          plain(await socket.emitWithAck("echo", values)),
          values,
        );
        socket.emit("back", BYTES.buffer, new DataView(BYTES.buffer, 1, 2), new Blob(["ab"]));
        socket.emit("back", "behind");
        const heard: unknown[][] = [];
        socket.on("back", (...args: unknown[]) => heard.push(args));
        await until(() => heard.length === 2, "two events");
        const [[buffer, view, blob] = [], [behind] = []] = heard;
        assert.deepEqual(plain([buffer, view, blob, behind]), [
          BYTES,
          BYTES.slice(1, 3),
          new Uint8Array([97, 98]),
          "behind",
        ]);
      });
    }

    it("hands binary data over as ArrayBuffer where that is wanted", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ binaryType: "arraybuffer" });
      const value = await socket.emitWithAck("echo", BYTES);
      assert.ok(value instanceof ArrayBuffer);
      assert.deepEqual(new Uint8Array(value), BYTES);
    });

    it("answers what the server asks, once", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect();
      socket.on("question", (n: number, answer: (text: string) => void) => {
        answer(`answer ${n}`);
        answer("again");
      });
      assert.equal(await socket.emitWithAck("ask"), "answer 1");
    });

    it("sends what was emitted before it was connected, in order, ahead of the rest", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open({ autoConnect: false });
      const heard: unknown[] = [];
      socket.on("back", (value: unknown) => heard.push(value));
      socket.emit("back", 1);
      const dropped = socket.volatile.emitWithAck("echo", 0);
      socket.emit("back", 2);
      socket.once("connect", () => socket.emit("back", 3));
      assert.equal(socket.sendBuffer.length, 2);
      await assert.rejects(dropped, { message: "the event has been dropped" });
      socket.connect();
      await until(() => heard.length === 3, "three events");
      assert.deepEqual(heard, [1, 2, 3]);
      assert.equal(socket.sendBuffer.length, 0);
    });

    it("drops a volatile event while another one is leaving", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["polling"] });
      const heard: unknown[] = [];
      socket.on("back", (value: unknown) => heard.push(value));
      socket.emit("back", "first");
      socket.volatile.emit("back", "dropped");
      await until(() => heard.length === 1, "the first event");
      await until(() => socket.io.engine?.writable === true, "the end of the request");
      socket.volatile.emit("back", "second");
      await until(() => heard.length === 2, "the second event");
      assert.deepEqual(heard, ["first", "second"]);
    });

    it("calls a callback with a timeout with an error, or with null and the answer", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect();
      const answer = await new Promise((resolve) => {
        socket.timeout(5_000).emit("echo", 42, (...args: unknown[]) => resolve(args));
      });
      assert.deepEqual(answer, [null, 42]);
      const error = await new Promise<Error>((resolve) => {
        socket.timeout(10).emit("silent", resolve);
      });
      assert.equal(error.message, "operation has timed out");
      const silent = socket.timeout(10).emitWithAck("silent");
      await assert.rejects(silent, { message: "operation has timed out" });
    });

    it("takes what has timed out from the buffer", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open({ autoConnect: false, ackTimeout: 10 });
      const late = socket.emitWithAck("echo", 1);
      assert.equal(socket.sendBuffer.length, 1);
      await assert.rejects(late, { message: "operation has timed out" });
      assert.equal(socket.sendBuffer.length, 0);
    });

    it("settles what was sent when the connection ends, and keeps what was not", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect();
      socket.emit("silent", () => assert.fail("a callback without timeout was called"));
      const promise = socket.emitWithAck("silent");
      const limited = new Promise<Error>((resolve) => {
        socket.timeout(10_000).emit("silent", resolve);
      });
      socket.disconnect();
      const unsent = socket.emitWithAck("echo", "later");
      const gone = { message: "socket has been disconnected" };
      await assert.rejects(promise, gone);
      assert.equal((await limited).message, gone.message);
      socket.connect();
      assert.equal(await unsent, "later");
    });

    it("drops what is taken from the buffer, and settles it when the connection ends", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open({ autoConnect: false });
      const heard: unknown[] = [];
      socket.on("back", (value: unknown) => heard.push(value));
      socket.emit("back", "dropped").emit("back", "kept");
      const dropped = socket.emitWithAck("echo", "dropped");
      socket.emit("echo", "dropped", () => assert.fail("a dropped event was answered"));
      const late = socket.timeout(10).emitWithAck("echo", "dropped");
      socket.sendBuffer = socket.sendBuffer.slice(1, 2);
      await assert.rejects(late, { message: "operation has timed out" });
      assert.equal(socket.sendBuffer.length, 1);
      await Promise.all([once(socket, "connect"), socket.connect()]);
      assert.equal(await socket.emitWithAck("echo", "sent"), "sent");
      assert.deepEqual(heard, ["kept"]);
      socket.disconnect();
      await assert.rejects(dropped, { message: "socket has been disconnected" });
    });

    it("drops what a program filters out of the buffer by its name", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open({ autoConnect: false });
      const heard: unknown[] = [];
      socket.on("back", (value: unknown) => heard.push(value));
      socket.emit("typing", 1).emit("back", 2).compress(false).emit("back", 3);
      const wait = socket.emitWithAck("echo", 4);
      assert.deepEqual(socket.sendBuffer.map(({ type, nsp, data, id }) => [type, nsp, data, id]), [
        [2, "/", ["typing", 1], undefined],
        [2, "/", ["back", 2], undefined],
        [2, "/", ["back", 3], undefined],
        [2, "/", ["echo", 4], 0],
      ]);
      socket.sendBuffer = socket.sendBuffer.filter((packet) => packet.data[0] !== "typing");
      assert.equal(socket.sendBuffer.length, 3);
      socket.connect();
      assert.equal(await wait, 4);
      assert.deepEqual(heard, [2, 3]);
    });

    it("drops what was emitted while it was away, where the program wants that", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect();
      const heard: unknown[] = [];
      socket.on("back", (value: unknown) => heard.push(value));
      socket.io.on("reconnect", () => socket.sendBuffer = []);
      socket.once("disconnect", () => {
        socket.emit("back", "stale");
        socket.emit("back", "stale too");
      });
      const again = Promise.all([once(socket, "disconnect"), once(socket.io, "reconnect")]);
      socket.emit("break");
      await again;
      await once(socket, "connect");
      assert.equal(await socket.emitWithAck("echo", 1), 1);
      assert.deepEqual(heard, []);
    });

    it("ends the wait for an answer by a signal", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect();
      const controller = new AbortController();
      const wait = socket.emitWithAck("silent", controller.signal);
      controller.abort(new Error("enough"));
      await assert.rejects(wait, { message: "enough" });
      await assert.rejects(socket.emitWithAck("silent", controller.signal), { message: "enough" });
      const unused = new AbortController();
      assert.equal(await socket.emitWithAck("echo", 1, unused.signal), 1);
    });

    it("sends again what is not acknowledged, one event at a time", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open({ retries: 2, ackTimeout: 500, autoConnect: false });
      const sent: unknown[] = [];
      socket.onAnyOutgoing((event, value) => sent.push([event, value]));
      const outcomes: unknown[] = [];
      socket.emit("echo", 1, (error: unknown, value: unknown) => outcomes.push([error, value]));
      socket.emit("silent", 2, (error: Error) => outcomes.push(error.message));
      socket.emit("echo", 3, (error: unknown, value: unknown) => outcomes.push([error, value]));
      socket.connect();
      await until(() => outcomes.length === 3, "three outcomes");
      assert.deepEqual(outcomes, [[null, 1], "operation has timed out", [null, 3]]);
      assert.deepEqual(sent, [
        ["echo", 1],
        ["silent", 2],
        ["silent", 2],
        ["silent", 2],
        ["echo", 3],
      ]);
    });

    it("lets listeners hear every event, in both directions", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open();
      const heard: unknown[] = [];
      const never = () => assert.fail("a removed listener was called");
      socket.onAny((...args) => heard.push(["in", ...args]));
      socket.prependAny((...args) => heard.push(["in first", ...args]));
      socket.onAnyOutgoing((...args) => heard.push(["out", ...args]));
      socket.prependAnyOutgoing((...args) => heard.push(["out first", ...args]));
      socket.onAny(never).offAny(never).onAnyOutgoing(never).offAnyOutgoing(never);
      assert.equal(socket.listenersAny().length + socket.listenersAnyOutgoing().length, 4);
      await once(socket, "connect");
      socket.on("back", () => heard.push("back"));
      socket.emit("back", 1);
      await until(() => heard.length === 5, "five calls");
      // The server may put an offset behind the arguments.
      assert.deepEqual(heard.map((call) => Array.isArray(call) ? call.slice(0, 3) : call), [
        ["out first", "back", 1],
        ["out", "back", 1],
        ["in first", "back", 1],
        ["in", "back", 1],
        "back",
      ]);
    });

    it("is refused with message and data, and let in with other credentials", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = clients.open({ auth: { token: "wrong" } }, "/refuses");
      const [error] = await once<[Error & { data: unknown }]>(socket, "connect_error");
      assert.equal(error.message, "wrong");
      assert.deepEqual(error.data, { token: "wrong" });
      assert.equal(socket.active, false);
      socket.auth = { token: "right" };
      socket.connect();
      await once(socket, "connect");
    });

    it("tries again by itself where that is wanted, with new credentials", async () => {
      await using clients = new Clients(peer.url, client);
      const tokens = ["wrong", "worse", "right"];
      const socket = clients.open({
        auth: () => Promise.resolve({ token: tokens.shift() }),
        refusalRetries: 2,
      }, "/refuses");
      const refusals: string[] = [];
      socket.on("connect_error", ({ message }) => refusals.push(message));
      await once(socket, "connect");
      assert.deepEqual(refusals, ["wrong", "wrong"]);
      assert.deepEqual(tokens, []);
    });

    it("gives credentials of every kind", async () => {
      await using clients = new Clients(peer.url, client);
      const kinds = [
        { a: 1 },
        (callback: (auth: { a: number }) => void) => callback({ a: 1 }),
        () => ({ a: 1 }),
        async () => ({ a: await Promise.resolve(1) }),
        (callback: (auth: { a: number }) => void) => setTimeout(callback, 1, { a: 1 }),
        async (callback: (auth: { a: number }) => void) => {
          callback(await Promise.resolve({ a: 1 }));
        },
      ];
      for (const auth of kinds) {
        const socket = await clients.connect({ auth });
        assert.deepEqual((await socket.emitWithAck("handshake")).auth, { a: 1 });
        // Nor is it given twice: a second CONNECT would end the connection.
        assert.equal(await socket.emitWithAck("echo", 1), 1);
      }
      const failing = clients.open({ auth: () => Promise.reject(new Error("no token")) });
      assert.equal((await once<[Error]>(failing, "connect_error"))[0].message, "no token");
    });

    it("is refused by itself with credentials that cannot be sent", async () => {
      await using clients = new Clients(peer.url, client);
      for (const auth of [{ a: 1n }, (callback: (auth: object) => void) => callback({ a: 1n })]) {
        const socket = clients.open({ auth });
        const [error] = await once<[Error]>(socket, "connect_error");
        assert.match(error.message, /BigInt/);
        assert.equal(socket.active, false);
      }
    });

    it("stays connected if the function fails that has given the credentials already", async () => {
      await using clients = new Clients(peer.url, client);
      const written = mock.method(console, "error", () => {});
      try {
        const { promise: failed, reject } = Promise.withResolvers<never>();
        const socket = await clients.connect({
          auth: (callback: (auth: object) => void) => {
            callback({ a: 1 });
            callback({ a: 2 }); // once is enough
            return failed;
          },
        });
        socket.on("connect_error", () => assert.fail("it is connected"));
        reject(new Error("too late"));
        await until(() => written.mock.callCount() > 0, "the report");
        assert.deepEqual((await socket.emitWithAck("handshake")).auth, { a: 1 });
        assert.equal(socket.active, true);
      } finally {
        written.mock.restore();
      }
    });

    it("keeps what one socket is given from the others of its connection", async () => {
      const options = { auth: { token: "secret" }, retries: 2, ackTimeout: 10_000 };
      await using manager = new client.Manager(peer.url, options);
      const first = manager.socket("/other", options);
      const second = manager.socket("/");
      await once(second, "connect");
      assert.deepEqual((await second.emitWithAck("handshake")).auth, {});
      const answer = await new Promise((resolve) =>
        second.emit("echo", "a", (...args: unknown[]) => resolve(args))
      );
      assert.deepEqual(answer, ["a"]);
      assert.deepEqual((await first.emitWithAck("handshake")).auth, { token: "secret" });
    });

    it("hears what it missed when its session is recovered", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["websocket"] });
      assert.equal(socket.recovered, false);
      const heard: string[] = [];
      socket.on("told", (text: string) => heard.push(text));
      socket.emit("back", "for the offset");
      await once(socket, "back");
      socket.once("disconnect", () => heard.push("disconnect"));
      socket.emit("break and tell", "missed");
      await until(() => heard.length === 2, "the missed event");
      assert.deepEqual(heard, ["disconnect", "missed"]);
      assert.equal(socket.recovered, true);
      socket.disconnect().connect();
      await once(socket, "connect");
      assert.equal(socket.recovered, false);
    });

    it("throws at what is no name of an event, such as a constant misspelt", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect({ transports: ["websocket"] });
      for (const name of [undefined, null, { a: 1 }, Symbol("s")]) {
        const event = name as unknown as string;
        const message = `"${String(name)}" is no event name`;
        assert.throws(() => socket.emit(event, 1), { name: "TypeError", message });
        assert.throws(() => socket.volatile.emit(event), { name: "TypeError", message });
        await assert.rejects(socket.emitWithAck(event), { name: "TypeError", message });
      }
      socket.emit(5 as unknown as string);
      assert.equal(await socket.emitWithAck("echo", 1), 1);
    });

    it("throws at reserved names, and at what cannot be sent", async () => {
      await using clients = new Clients(peer.url, client);
      const socket = await clients.connect();
      for (const event of ["connect", "connect_error", "disconnect", "disconnecting"]) {
        assert.throws(() => socket.emit(event), { message: `"${event}" is a reserved event name` });
      }
      const cyclic: unknown[] = [];
      cyclic.push(cyclic);
      assert.throws(() => socket.emit("back", cyclic), TypeError);
      assert.throws(() => socket.emit("back", 1n), TypeError);
    });
  });
}

/** The same value with plain Uint8Arrays, whatever kind of view the runtime made. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
