import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "../../mod.ts";
import type { Socket } from "../../server/namespace/mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients, ROADS } from "../harness/official.ts";
import { once } from "../harness/once.ts";
import { rawRequest } from "../harness/raw_request.ts";
import { RUNTIME } from "../harness/serve.ts";

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

describe("listen() in a program that has added to Object.prototype", () => {
  it("serves clients", async () => {
    const io = new Server();
    const prototype = Object.prototype as { added?: string };
    prototype.added = "by a library";
    try {
      const { port } = await io.listen(LOCAL);
      await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
      await clients.connect();
    } finally {
      delete prototype.added;
      await io.close();
    }
  });
});

describe("listen() on a Unix socket", () => {
  it("serves clients, whose handshake has the path and the query of the request", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sockeye-"));
    const socketPath = join(folder, "io.sock");
    const io = new Server();
    const listening = await io.listen(
      RUNTIME === "deno" ? { path: socketPath } : { unix: socketPath },
    );
    assert.deepEqual([listening.port, listening.hostname], [0, ""]);
    const path = "/socket.io/?EIO=4&transport=polling";
    const send = async (query: string, body?: string) => {
      const method = body === undefined ? "GET" : "POST";
      const options = { socketPath, method, ...body !== undefined && { body } };
      return (await rawRequest(`http://localhost${path}${query}`, options)).body.toString();
    };
    const connected = once<[Socket]>(io, "connection");
    const { sid } = JSON.parse((await send("")).slice(1));
    assert.equal(await send(`&sid=${sid}`, "40"), "ok");
    const [{ handshake }] = await connected;
    assert.equal(handshake.url, path);
    assert.equal(handshake.secure, false);
    assert.equal(handshake.address, "");
    assert.match(await send(`&sid=${sid}`), /^40/);
    await io.close();
    rmSync(folder, { recursive: true });
  });
});

describe("listen() without TLS", () => {
  // Bun refuses other schemes by itself.
  const schemes = ["https", "HTTPS", ...RUNTIME === "deno" ? ["wss"] : []];
  for (const scheme of schemes) {
    it(`does not believe a client that asks for a whole URL with ${scheme}`, async () => {
      const io = new Server();
      const { port } = await io.listen(LOCAL);
      const connected = once<[Socket]>(io, "connection");
      const peer = connect(port, "127.0.0.1");
      const path = "/socket.io/?EIO=4&transport=websocket";
      const lines = [
        `GET ${scheme}://example.org${path} HTTP/1.1`,
        "Host: example.org",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ];
      peer.write(lines.join("\r\n") + "\r\n\r\n");
      // A frame with the text "40", which joins the main namespace.
      once(peer, "data").then(() => peer.write(new Uint8Array([0x81, 0x82, 0, 0, 0, 0, 52, 48])));
      const [{ handshake }] = await connected;
      assert.equal(handshake.secure, false);
      assert.equal(handshake.url, path);
      peer.destroy();
      await io.close();
    });
  }
});
