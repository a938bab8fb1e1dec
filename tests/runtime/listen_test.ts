import { Server } from "../../mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients, ROADS } from "../harness/official.ts";
import { once } from "../harness/once.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

/** What is used of a `Deno.HttpServer` and of a `Bun.Server`. */
interface HttpServer {
  shutdown?(): Promise<void>;
  stop?(): Promise<void>;
  [Symbol.asyncDispose]?(): Promise<void>;
}

const shutDown = (server: HttpServer) => server.shutdown?.() ?? server.stop?.();

/** The orders in which a program may end a server and what `listen` has started for it. */
const ENDS: Record<string, (io: Server, server: HttpServer) => Promise<unknown>> = {
  "behind the HTTP server": (io, server) => {
    const ended = shutDown(server);
    return io.close().then(() => ended);
  },
  "ahead of the HTTP server": (io, server) => io.close().then(() => shutDown(server)),
  "together with it": (io, server) => Promise.all([io.close(), shutDown(server)]),
  "behind its disposal": (io, server) => {
    const ended = server[Symbol.asyncDispose]?.();
    return io.close().then(() => ended);
  },
};

/** Collects what is thrown where nobody can catch it; outside of tests that ends the process. */
function uncaught(): { errors: unknown[] } & Disposable {
  const errors: unknown[] = [];
  const listener = (event: Event) => {
    event.preventDefault();
    errors.push((event as ErrorEvent).error);
  };
  globalThis.addEventListener("error", listener);
  return {
    errors,
    [Symbol.dispose]: () => globalThis.removeEventListener("error", listener),
  };
}

describe("a server that listen() has started", () => {
  for (const [road, options] of Object.entries(ROADS)) {
    for (const [order, end] of Object.entries(ENDS)) {
      it(`ends for a client, ${road}, that is there when it is closed ${order}`, async () => {
        using thrown = uncaught();
        const io = new Server();
        const { port } = await io.listen(LOCAL);
        await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
        const client = await clients.connect(options);
        const over = once(io.sockets.sockets.get(client.id!)!, "disconnect");
        await end(io, io.httpServer as HttpServer);
        await over;
        await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
        assert.deepEqual(thrown.errors, []);
      });
    }
  }
});
