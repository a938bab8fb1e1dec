import { inspect } from "node:util";
import { Server } from "../../mod.ts";
import { Engine } from "../../server/engine/mod.ts";
import { RemoteSocket } from "../../server/namespace/mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { start, type Started } from "../harness/started.ts";

const { Deno, Bun } = globalThis as unknown as {
  readonly Deno?: { inspect(value: unknown, options?: object): string };
  readonly Bun?: { inspect(value: unknown, options?: object): string };
};
/** What `console.log` writes of a value, and what `util.inspect` makes of it. */
const WAYS = [(Deno ?? Bun)!.inspect, inspect];

/** A text of `console.log` without what differs from runtime to runtime. */
function plain(text: string): string {
  return text.replaceAll("'", '"').replace(/,?\s+/g, " ").replaceAll("[ ]", "[]");
}

/** How a value is shown, which is the same in all ways. */
function shown(value: unknown, options: object = {}): string {
  const [first, ...others] = WAYS.map((way) => plain(way(value, options)));
  for (const other of others) assert.equal(other, first);
  return first!;
}

/** A server with one client, which has told secrets: a token, a cookie, and what recovery needs. */
async function meet(): Promise<Started & { readonly secrets: readonly string[] }> {
  const server = await start({ connectionStateRecovery: true });
  const headers = { cookie: "a=COOKIE", authorization: "HEADER" };
  await server.clients.connect({
    auth: { token: "TOKEN" },
    transports: ["websocket"],
    extraHeaders: headers,
  });
  const [socket] = [...server.io.sockets.sockets.values()];
  const { pid, conn } = socket!;
  assert.ok(pid);
  return { ...server, secrets: ["TOKEN", "COOKIE", "HEADER", pid, conn.id] };
}

const CARRIED = 'transport: "websocket" remoteAddress: "127.0.0.1"';
const CARRIER =
  '{ protocol: 4 transport: "websocket" readyState: "open" remoteAddress: "127.0.0.1" }';

describe("console.log", () => {
  it("shows what a program looks for in a socket, and none of its secrets", async () => {
    await using server = await meet();
    const socket = [...server.io.sockets.sockets.values()][0]!;
    socket.join("lobby");
    socket.data = { name: "Ada" };
    const { id } = socket;
    assert.equal(
      shown(socket),
      `Socket { id: "${id}" nsp: "/" connected: true recovered: false ` +
        `rooms: [ "${id}" "lobby" ] data: { name: "Ada" } ${CARRIED} }`,
    );
    assert.equal(shown(socket.client), `Connection ${CARRIER}`);
    assert.equal(shown(socket.conn), `Session ${CARRIER}`);
    const remote = new RemoteSocket(
      { id, handshake: socket.handshake, rooms: [id, "lobby"], data: { name: "Ada" } },
      server.io.to(id),
    );
    assert.equal(
      shown(remote),
      `RemoteSocket { id: "${id}" rooms: [ "${id}" "lobby" ] data: { name: "Ada" } }`,
    );
    assert.equal(
      shown(socket.to("lobby").except("muted").volatile),
      `BroadcastOperator { nsp: "/" rooms: [ "lobby" ] except: [ "${id}" "muted" ] ` +
        "flags: { broadcast: true volatile: true } }",
    );
    assert.equal(
      shown(socket.timeout(5)),
      `SocketOperator { socket: "${id}" flags: { timeout: 5 } }`,
    );
  });

  it("shows what a server, its engine and its namespaces have", async () => {
    await using server = await meet();
    const { io } = server;
    for (const socket of io.sockets.sockets.values()) socket.join("lobby");
    const parent = io.of(/^\/team-/);
    io.of("/team-1");
    const have = 'path: "/socket.io"';
    assert.equal(
      shown(io),
      `Server { ${have} namespaces: [ "/" "/team-1" ] clientsCount: 1 }`,
    );
    assert.equal(
      shown(io.engine),
      `Engine { ${have} clientsCount: 1 transports: [ "polling" "websocket" ] }`,
    );
    assert.equal(shown(io.sockets), 'Namespace { name: "/" sockets: 1 rooms: [ "lobby" ] }');
    assert.match(shown(parent), /^ParentNamespace { name: "[^"]*" namespaces: \[ "\/team-1" ] }$/);
    assert.equal(
      shown(new Engine({ path: "/live" })),
      'Engine { path: "/live" clientsCount: 0 transports: [ "polling" "websocket" ] }',
    );
  });

  it("shows no secret, however deep it looks", async () => {
    await using server = await meet();
    const { io, secrets } = server;
    const socket = [...io.sockets.sockets.values()][0]!;
    const { client, conn, nsp } = socket;
    const parts = [
      io,
      io.engine,
      nsp,
      io.of(/x/),
      socket,
      client,
      conn,
      io.to("a"),
      socket.volatile,
    ];
    const remote = new RemoteSocket(
      { id: socket.id, handshake: socket.handshake, rooms: [], data: {} },
      io.to(socket.id),
    );
    for (const part of [...parts, remote]) {
      const texts = WAYS.flatMap((way) => [
        way(part),
        way(part, { depth: Infinity, showHidden: true }),
        way({ deep: [part] }, { depth: 10 }),
      ]);
      for (const text of texts) {
        for (const secret of secrets) assert.equal(text.includes(secret), false, text);
      }
    }
  });

  it("names a socket within another one, and those beyond the depth that is asked for", async () => {
    await using server = await meet();
    const socket = [...server.io.sockets.sockets.values()][0]!;
    const game: Record<string, unknown> = { players: [socket, socket] };
    socket.data.game = game;
    game.self = game;
    for (const way of WAYS) {
      const text = plain(way(socket, { depth: Infinity }));
      assert.match(text, /players: \[ \[Socket] \[Socket] ]/);
      assert.match(plain(way([socket])), /^\[ Socket {/);
    }
    assert.match(inspect({ a: { b: socket } }, { depth: 1 }), /b: \[Socket]/);
    assert.ok(inspect(socket, { colors: true }).includes("true\x1b[39m"));
  });

  it("throws nothing at what only looks like a socket", async () => {
    await using server = await meet();
    const socket = [...server.io.sockets.sockets.values()][0]!;
    for (const way of WAYS) {
      assert.match(way(Object.getPrototypeOf(socket)), /Socket/);
      assert.match(way(Object.create(socket)), /Socket/);
      assert.match(way(new Proxy(socket, {})), /Socket/);
    }
  });

  it("leaves nothing of a socket but its id to who copies or sends it by mistake", async () => {
    await using server = await meet();
    const socket = [...server.io.sockets.sockets.values()][0]!;
    assert.deepEqual({ ...socket }, { id: socket.id });
    assert.equal(JSON.stringify([socket]), JSON.stringify([{ id: socket.id }]));
    const texts = [inspect(socket, { customInspect: false }), inspect({ ...socket })];
    for (const text of texts) {
      for (const secret of server.secrets) assert.equal(text.includes(secret), false, text);
    }
  });

  it("leaves comparing as it is, and adds no member to an object", async () => {
    await using server = await meet();
    const socket = [...server.io.sockets.sockets.values()][0]!;
    assert.deepEqual(socket, socket);
    assert.notDeepEqual(socket, { ...socket });
    assert.throws(() => assert.deepEqual(server.io, new Server()));
    const keys = Reflect.ownKeys(socket).map(String);
    assert.equal(keys.some((key) => /inspect/i.test(key)), false);
  });
});
