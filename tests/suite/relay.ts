import type { RelayBus } from "../../server/engine/relay/bus.ts";
import { Server } from "../../mod.ts";
import { assert, it } from "../harness/mod.ts";
import { OfficialClients, type OfficialSocket, ROADS } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import { serve, type Served } from "../harness/serve.ts";
import type { Handler } from "../../server/engine/runtime.ts";
import type { ServerOptions } from "../../server/options.ts";

/** Where the ways of a test are. */
export interface RelayWays extends AsyncDisposable {
  /** The way of one more server. */
  bus(): RelayBus | Promise<RelayBus>;
}

/** Servers behind one address, which gives each of them a request in turn. */
export class Spread implements AsyncDisposable {
  /** The servers. */
  readonly servers: readonly Server[];
  /** The address. */
  readonly url: string;
  /** What their functions threw. */
  readonly errors: unknown[];
  readonly #served: Served;

  readonly #remove: (i: number) => void;

  private constructor(
    servers: readonly Server[],
    served: Served,
    errors: unknown[],
    remove: (i: number) => void,
  ) {
    this.#remove = remove;
    this.servers = servers;
    this.url = served.url;
    this.errors = errors;
    this.#served = served;
  }

  static async start(ways: RelayWays, count: number, options: ServerOptions = {}): Promise<Spread> {
    const errors: unknown[] = [];
    const servers = await Promise.all(Array.from({ length: count }, async () =>
      new Server({
        ...options,
        relay: await ways.bus(),
        reportError: (error) => errors.push(error),
      })));
    const handlers = servers.map((server) => server.handler());
    let next = 0;
    const fetch = (request: Request, connection?: unknown) =>
      handlers[next++ % handlers.length]!(request, connection);
    const served = await serve(Object.assign(fetch, { ...handlers[0], fetch }) as Handler);
    return new Spread(servers, served, errors, (i) => handlers.splice(i, 1));
  }

  /** Closes a server, which gets no more requests from then on. */
  async leave(server: Server): Promise<void> {
    const closed = server.close();
    this.#remove(this.servers.indexOf(server));
    await closed;
  }

  /** Which of the servers has this client. */
  ownerOf({ id }: OfficialSocket): Server {
    const owner = this.servers.find((server) => server.sockets.sockets.has(id!));
    assert.ok(owner !== undefined, "no server has the client");
    return owner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
    await this.#served.close();
    assert.deepEqual(this.errors, []);
  }
}

/** What clients see of servers, each of which may get any request. */
export function relaySuite(create: () => RelayWays | Promise<RelayWays>): void {
  for (const [name, road] of Object.entries(ROADS)) {
    it(`carries everything in order: ${name}`, async () => {
      await using ways = await create();
      await using spread = await Spread.start(ways, 3);
      for (const server of spread.servers) {
        server.on("connection", (socket) => {
          socket.on("echo", (...args) => socket.emit("echo", ...args));
          socket.on("ask", (value, done) => done(value));
        });
      }
      await using clients = new OfficialClients(spread.url);
      const sockets = await Promise.all(Array.from({ length: 5 }, () => clients.connect(road)));
      await Promise.all(sockets.map(async (socket, i) => {
        const heard: unknown[] = [];
        socket.on("echo", (...args) => heard.push(args));
        const bytes = new Uint8Array([i, 1, 2]);
        for (let n = 0; n < 200; n++) socket.emit("echo", n, n % 10 === 0 ? bytes : "text");
        await until(() => heard.length === 200, "all echoes");
        assert.deepEqual(heard.map((args) => (args as number[])[0]), [...heard.keys()]);
        assert.deepEqual(new Uint8Array((heard[0] as [number, Uint8Array])[1]), bytes);
        assert.equal(await socket.emitWithAck("ask", "é".repeat(100_000)), "é".repeat(100_000));
      }));
      const owners = new Set(sockets.map((socket) => spread.ownerOf(socket)));
      assert.ok(owners.size > 1, "one server has all clients");
      const [socket] = sockets as [OfficialSocket];
      const owner = spread.ownerOf(socket);
      const ended = once(owner.sockets.sockets.get(socket.id as never) as never, "disconnect");
      socket.disconnect();
      assert.deepEqual((await ended)[0], "client namespace disconnect");
      const [, other] = sockets as [OfficialSocket, OfficialSocket];
      const dropped = once(other, "disconnect");
      spread.ownerOf(other).disconnectSockets(true);
      assert.equal((await dropped)[0], "io server disconnect");
    });
  }

  it("notices a client that is gone", async () => {
    await using ways = await create();
    await using spread = await Spread.start(ways, 3);
    await using clients = new OfficialClients(spread.url);
    for (const road of Object.values(ROADS)) {
      const socket = await clients.connect(road);
      const owner = spread.ownerOf(socket);
      const ended = once(owner.sockets.sockets.get(socket.id as never) as never, "disconnect");
      // Without a word to the server.
      socket.io.engine.close();
      assert.match(String((await ended)[0]), /^transport (close|error)$/);
      assert.equal(owner.engine.clientsCount, 0);
    }
  });

  for (const [name, road] of Object.entries(ROADS)) {
    it(`lets clients of a server that is closed begin anew: ${name}`, async () => {
      await using ways = await create();
      await using spread = await Spread.start(ways, 2);
      await using clients = new OfficialClients(spread.url);
      const again = { reconnection: true, reconnectionDelay: 10 };
      const sockets = await Promise.all(
        Array.from({ length: 6 }, () => clients.connect({ ...road, ...again })),
      );
      const [one, two] = spread.servers as [Server, Server];
      await until(() => sockets.every(({ io }) => settled(io.engine, road)), "all upgrades");
      assert.notEqual(two.sockets.sockets.size, 0);
      const moved = sockets.filter((socket) => spread.ownerOf(socket) === two);
      const gone = moved.map((socket) => once(socket, "disconnect"));
      await spread.leave(two);
      await Promise.all(gone);
      const isThere = ({ id }: OfficialSocket) => one.sockets.sockets.has(id!);
      await until(() => sockets.every(isThere), "all clients at the other server");
    });
  }
}

function settled(
  engine: OfficialSocket["io"]["engine"],
  road: { readonly transports: readonly string[] },
): boolean {
  return engine.transport.name === road.transports.at(-1);
}
