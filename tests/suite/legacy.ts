import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { LegacyClients, type LegacySocket } from "../harness/legacy.ts";
import { once, until } from "../harness/once.ts";
import type { start as Start, Started } from "../harness/started.ts";

const OLD = { allowEIO3: true };

async function pair(
  server: Started,
  clients: LegacyClients,
  road: object,
  path = "/",
): Promise<[LegacySocket, Socket]> {
  const connection = once<[Socket]>(server.io.of(path.replace(/\?.*/, "")), "connection");
  const client = clients.open(road, path);
  await once(client, "connect");
  return [client, (await connection)[0]];
}

function bytesOf(value: unknown): number[] {
  return [...new Uint8Array(value as Uint8Array)];
}

/** Old clients take no views for binary. */
function bufferOf(...bytes: number[]): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** Clients of protocol 3: npm socket.io-client 2. */
export function legacy(start: typeof Start, road: object): void {
  it("connects without being asked to, with an id that both sides know", async () => {
    await using server = await start(OLD);
    await using clients = new LegacyClients(server.url);
    const [client, socket] = await pair(server, clients, road);
    assert.equal(socket.id, client.id);
    assert.equal(socket.conn.protocol, 3);
    assert.equal(socket.handshake.query["EIO"], "3");
    assert.deepEqual(socket.rooms, new Set([socket.id]));
  });

  it("events, acknowledgements and broadcasts go both ways", async () => {
    await using server = await start(OLD);
    await using clients = new LegacyClients(server.url);
    const [client, socket] = await pair(server, clients, road);
    socket.on("ask", (value, done) => done(value, "ä\u2028😀"));
    const answer = await new Promise<unknown[]>((resolve) =>
      client.emit("ask", { deep: [1, null] }, (...args: unknown[]) => resolve(args))
    );
    assert.deepEqual(answer, [{ deep: [1, null] }, "ä\u2028😀"]);
    client.on("question", (done: (answer: string) => void) => done("é"));
    assert.equal(await socket.timeout(10_000).emitWithAck("question"), "é");
    assert.deepEqual(await server.io.timeout(10_000).emitWithAck("question"), ["é"]);
    const heard = once(client, "news");
    server.io.emit("news", 1, ["two"]);
    assert.deepEqual(await heard, [1, ["two"]]);
  });

  it("binary goes both ways, in events and acknowledgements, among other events", async () => {
    await using server = await start(OLD);
    await using clients = new LegacyClients(server.url);
    const [client, socket] = await pair(server, clients, road);
    const heard: unknown[][] = [];
    socket.on("echo", (...args) => socket.emit("echo", ...args));
    client.on("echo", (...args: unknown[]) => heard.push(args));
    client.emit("echo", 1);
    client.emit("echo", bufferOf(0, 127, 128, 255), { deep: bufferOf(7) });
    client.emit("echo", 2);
    await until(() => heard.length === 3, "three echoes");
    assert.deepEqual([heard[0], heard[2]], [[1], [2]]);
    const [bytes, { deep }] = heard[1] as [unknown, { deep: unknown }];
    assert.deepEqual([bytesOf(bytes), bytesOf(deep)], [[0, 127, 128, 255], [7]]);
    socket.on("ask", (value, done) => done(value));
    const answer = await new Promise((resolve) => client.emit("ask", bufferOf(1, 2), resolve));
    assert.deepEqual(bytesOf(answer), [1, 2]);
  });

  it("joins a namespace with a query, refused or not", async () => {
    await using server = await start(OLD);
    server.io.of("/chat").use((socket, next) => {
      if (socket.handshake.query["token"] === "good") return next();
      next(Object.assign(new Error("bad token"), { data: { code: 1 } }));
    });
    await using clients = new LegacyClients(server.url);
    const [client, socket] = await pair(server, clients, road, "/chat?token=good&n=1");
    assert.equal(client.id, socket.id);
    assert.equal(socket.id, `/chat#${socket.conn.id}`);
    assert.equal(socket.handshake.query["n"], "1");
    assert.deepEqual(socket.handshake.auth, { token: "good", n: "1" });
    const heard = once(client, "hello");
    server.io.of("/chat").emit("hello", new Uint8Array([1]));
    assert.deepEqual(bytesOf((await heard)[0]), [1]);

    const refused = clients.open(road, "/chat?token=bad");
    assert.deepEqual(await once(refused, "error"), [{ code: 1 }]);
    const unknown = clients.open(road, "/nowhere");
    assert.deepEqual(await once(unknown, "error"), ["Invalid namespace"]);
  });

  it("a refusal without data tells the message", async () => {
    await using server = await start(OLD);
    server.io.use((_socket, next) => next(new Error("not today")));
    await using clients = new LegacyClients(server.url);
    const client = clients.open(road);
    assert.deepEqual(await once(client, "error"), ["not today"]);
    assert.equal(server.io.of("/").sockets.size, 0);
  });

  it("pings are answered, and a client that falls silent is given up", async () => {
    await using server = await start({ ...OLD, pingInterval: 50, pingTimeout: 500 });
    await using clients = new LegacyClients(server.url);
    const [client, socket] = await pair(server, clients, road);
    const { conn } = socket as unknown as { conn: EventTarget };
    await once(conn, "heartbeat");
    await once(conn, "heartbeat");
    assert.equal(client.connected, true);
    client.io.engine.write = () => {};
    Object.assign(client.io.engine, { sendPacket() {} });
    assert.equal((await once(socket, "disconnect"))[0], "ping timeout");
  });

  it("each side can end it", async () => {
    await using server = await start(OLD);
    await using clients = new LegacyClients(server.url);
    const [first, one] = await pair(server, clients, road);
    const left = once(one, "disconnect");
    first.disconnect();
    assert.equal((await left)[0], "client namespace disconnect");
    const [second, two] = await pair(server, clients, road);
    const gone = once(second, "disconnect");
    two.disconnect();
    assert.equal((await gone)[0], "io server disconnect");
    await until(() => server.io.of("/").sockets.size === 0, "the end of both");
  });

  it("old and new clients share rooms", async () => {
    await using server = await start(OLD);
    await using clients = new LegacyClients(server.url);
    const [old] = await pair(server, clients, road);
    const modern = await server.clients.connect();
    const heard = Promise.all([once(old, "all"), once(modern, "all")]);
    server.io.emit("all", new Uint8Array([1, 2]), "text");
    for (const [bytes, text] of await heard) {
      assert.deepEqual([bytesOf(bytes), text], [[1, 2], "text"]);
    }
  });

  it("a client that asks twice while a middleware is at work is in once, with its rooms", async () => {
    await using server = await start(OLD);
    await using clients = new LegacyClients(server.url);
    const waiting: (() => void)[] = [];
    server.io.of("/slow").use((_socket, next) => void waiting.push(next));
    const [client] = await pair(server, clients, road);
    client.io.engine.write("0/slow");
    client.io.engine.write("0/slow");
    await until(() => waiting.length === 2, "the middleware to be asked twice");
    waiting[1]?.();
    waiting[0]?.(); // both have the same id: the first must not take the second along
    const { sockets, adapter } = server.io.of("/slow");
    assert.deepEqual([[...sockets.keys()], [...adapter.sids.keys()]], [
      [`/slow#${client.id}`],
      [`/slow#${client.id}`],
    ]);
  });

  it("is refused where allowEIO3 is not set", async () => {
    await using server = await start();
    await using clients = new LegacyClients(server.url);
    const client = clients.open(road);
    await once(client, "connect_error");
    assert.equal(server.io.engine.clientsCount, 0);
  });
}
