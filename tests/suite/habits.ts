import type { Adapter, Server } from "../../mod.ts";
import { assert, it } from "../harness/mod.ts";
import type { OfficialOptions } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import type { start as Start } from "../harness/started.ts";

/** A middleware for Express, as those for sessions and for passwords are. */
type ExpressMiddleware = (request: Request, response: object, next: () => void) => void;

interface Request {
  readonly headers: Record<string, string | undefined>;
  readonly method: string;
  session?: { readonly id: string | undefined };
}

/** What programs for npm `socket.io` do with a socket, besides what its documentation teaches. */
export function habits(start: typeof Start, road: OfficialOptions): void {
  it("a socket knows its server and its adapter", async () => {
    await using server = await start({}, (io) => io.of("/chat"));
    const client = await server.clients.connect(road, "/chat");
    const chat = server.io.of("/chat");
    const socket = chat.sockets.get(client.id!)!;
    const adapter: Adapter = socket.adapter;
    assert.equal(adapter, chat.adapter);
    socket.join("room");
    assert.deepEqual([...socket.adapter.rooms.get("room") ?? []], [socket.id]);
    assert.equal(socket.server as Server, server.io);
  });

  it("leaveAll() leaves every room, that of the id too", async () => {
    await using server = await start();
    const client = await server.clients.connect(road);
    const socket = server.io.sockets.sockets.get(client.id!)!;
    socket.join(["one", "two"]);
    void socket.leaveAll();
    assert.equal(socket.rooms.size, 0);
    assert.equal(server.io.sockets.adapter.rooms.size, 0);
    assert.equal(socket.connected, true);
  });

  it("who replaces onevent is told what to use instead", async () => {
    await using server = await start();
    server.io.use((socket, next) => {
      assert.equal((socket as { onevent?: unknown }).onevent, undefined);
      socket.onevent = (() => {}) as never;
      next();
    });
    const [error] = await once<[Error]>(server.clients.open(road), "connect_error");
    assert.match(error.message, /socket\.onAny\(\)/);
    assert.equal(server.reported.pop()?.error instanceof TypeError, true);
  });

  it("a middleware for Express leaves what it finds with socket.request", async () => {
    await using server = await start({}, (io) => io.of("/other"));
    const session: ExpressMiddleware = (request, _response, next) => {
      request.session = { id: request.headers["cookie"]?.split("=")[1] };
      next();
    };
    const requestOf = (socket: { request: object }) => socket.request as Request;
    server.io.use((socket, next) => session(requestOf(socket), {}, next));
    const client = await server.clients.connect({ ...road, extraHeaders: { cookie: "sid=7" } });
    const socket = server.io.sockets.sockets.get(client.id!)!;
    assert.deepEqual(requestOf(socket).session, { id: "7" });
    const other = client.io.socket("/other");
    await once(other, "connect");
    const otherSocket = server.io.of("/other").sockets.get(other.id!)!;
    assert.deepEqual(requestOf(otherSocket).session, { id: "7" });
  });

  it('disconnect(true) ends the connection with "forced close", although the client ends it too', async () => {
    await using server = await start();
    const client = await server.clients.connect(road);
    const socket = server.io.sockets.sockets.get(client.id!)!;
    const reasons: string[] = [];
    socket.conn.on("close", (reason) => reasons.push(reason));
    client.emit("something");
    await once(socket, "something");
    socket.disconnect(true);
    await until(() => reasons.length > 0, "the end of the connection");
    assert.deepEqual(reasons, ["forced close"]);
  });
}
