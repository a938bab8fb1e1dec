import { Server } from "../../mod.ts";
import { Engine } from "../../server/engine/mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients } from "../harness/official.ts";
import { once } from "../harness/once.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME } from "../harness/serve.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

describe("setting up a server", () => {
  it("refuses an HTTP server, as npm socket.io takes, and says what to do instead", () => {
    const httpServer = { listen() {}, on() {} };
    assert.throws(() => new Server(httpServer as never), /io\.handler\(next\)/);
    assert.throws(() => new Server((() => {}) as never), /io\.handler\(next\)/);
  });

  it("takes a port that is a text, as from the environment, and refuses what is none", async () => {
    const io = new Server();
    const { port } = await io.listen(LOCAL);
    const rival = new Server();
    // The port is taken, and the error says that it was tried.
    await assert.rejects(rival.listen(`${port}` as never), /in use/i);
    for (const wrong of [undefined, null, "3000x", true]) {
      await assert.rejects(rival.listen(wrong as never), /expected a port .*, not/);
    }
    await io.close();
    assert.throws(() => new Server("3000x" as never), /Options must be an object/);
  });

  it("refuses what would answer requests in its place, and says where that belongs", async () => {
    const io = new Server();
    const wrong = [{ fetch: () => new Response() }, { handler() {} }, { websocket: {} }, {
      routes: {},
    }];
    for (const more of [...wrong, { ...io.handler() }]) {
      await assert.rejects(io.listen({ ...LOCAL, ...more }), {
        name: "TypeError",
        message:
          /^Cannot listen: "\w+" does not .* io\.handler\(next\), .* listen\(port, handler\)/,
      });
    }
  });

  it("refuses what would have another runtime listen elsewhere, and says what to write", async () => {
    const io = new Server();
    const wrong = RUNTIME === "bun"
      ? { host: "127.0.0.1", path: "/tmp/never" }
      : { host: "127.0.0.1", unix: "/tmp/never", tls: {} };
    const right: Record<string, RegExp> = {
      host: /"hostname"/,
      path: /"unix"/,
      unix: /"path"/,
      tls: /"cert" and "key"/,
    };
    for (const [name, value] of Object.entries(wrong)) {
      await assert.rejects(io.listen({ ...LOCAL, [name]: value }), {
        name: "TypeError",
        message: right[name]!,
      });
    }
    if (RUNTIME === "deno") {
      await assert.rejects(io.listen({ ...LOCAL, path: "/live" }), {
        name: "TypeError",
        message: /"path" is that of a Unix socket.* option of the constructor/,
      });
    }
    for (const [name, value] of Object.entries({ cors: {}, pingInterval: 5, adapter() {} })) {
      await assert.rejects(io.listen({ ...LOCAL, [name]: value }), {
        name: "TypeError",
        message: `Cannot listen: "${name}" is an option of the constructor`,
      });
    }
    await io.listen({ ...LOCAL, path: undefined, unix: undefined, tls: undefined });
    await io.close();
  });

  it("says which port is taken, to reportError or to whoever started the process", async () => {
    const first = new Server();
    const { port } = await first.listen(0);
    const failed = Promise.withResolvers<Error>();
    new Server(port, { reportError: (error) => failed.resolve(error as Error) });
    const said = new RegExp(`Cannot listen on port ${port}: .*in use`, "i");
    assert.match((await failed.promise).message, said);
    const program = `import { Server } from "./mod.ts"; new Server(${port});`;
    const [command, args] = RUNTIME === "bun"
      ? ["bun", ["-e", program]] as const
      : ["deno", ["eval", "--no-check", program]] as const;
    await using process = new Process(command, args);
    assert.equal(await process.exited, 1);
    assert.match(process.output, said);
    await first.close();
  });

  it("takes options behind a port that is missing", () => {
    for (const missing of [undefined, null]) {
      assert.equal(new Server(missing as never, { path: "/live" }).path(), "/live");
    }
  });

  it("takes 0 for the default time to join, and any size for a message", async () => {
    const io = new Server({
      connectTimeout: 0,
      maxHttpBufferSize: Infinity,
      maxBackpressure: Infinity,
    });
    assert.equal(io.connectTimeout(), 45_000);
    const { port } = await io.listen(LOCAL);
    await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
    const client = await clients.connect({ transports: ["websocket"] });
    assert.ok(client.connected);
    await io.close();
  });

  it("tells connection_error why allowRequest refused", async () => {
    const io = new Server({ allowRequest: () => "no seats" });
    const { port } = await io.listen(LOCAL);
    const heard = once<[{ code: number; context: unknown }]>(io.engine, "connection_error");
    const answer = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`);
    await answer.body?.cancel();
    const [{ code, context }] = await heard;
    assert.deepEqual([code, context], [4, { message: "no seats" }]);
    await io.close();
  });

  it("takes a path, and what makes ids, at any time", async () => {
    const io = new Server();
    assert.equal(io.path(), "/socket.io");
    assert.equal(io.path("/live"), io);
    io.engine.generateId = () => "made-by-hand";
    const { port } = await io.listen(LOCAL);
    const answer = await fetch(`http://127.0.0.1:${port}/live/?EIO=4&transport=polling`);
    assert.match(await answer.text(), /"sid":"made-by-hand"/);
    const old = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`);
    assert.equal(old.status, 404);
    await old.body?.cancel();
    await io.close();
  });

  it("lets a program put something before the ids that are made anyway", async () => {
    const io = new Server();
    const { generateId } = io.engine;
    io.engine.generateId = (request) => `node-1-${generateId.call(io.engine, request)}`;
    const { port } = await io.listen(LOCAL);
    const answer = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`);
    assert.match(await answer.text(), /"sid":"node-1-[\w-]{20}"/);
    await io.close();
  });

  it("still ends those who joined nothing when the time for others is set", async () => {
    const io = new Server({ connectTimeout: 50 });
    const { port } = await io.listen(LOCAL);
    const silent = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
    const closed = once(silent, "close");
    await once(silent, "message");
    io.connectTimeout(60_000);
    assert.equal(io.connectTimeout(), 60_000);
    await closed;
    assert.equal(io.engine.clientsCount, 0);
    await io.close();
  });

  it("keeps the handshake of clients whose request a program has set to null", async () => {
    const io = new Server();
    io.engine.on("connection", (raw) => {
      raw.request = null;
    });
    io.use((socket, next) => next(socket.handshake.query["EIO"] === "4" ? undefined : new Error()));
    const { port } = await io.listen(LOCAL);
    await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
    await clients.connect({ transports: ["websocket"] });
    const [socket] = io.sockets.sockets.values();
    assert.match(socket?.request.url ?? "", /EIO=4/);
    await io.close();
  });

  it("reaches clients of a bound engine by every road", async () => {
    const io = new Server();
    const engine = new Engine({ path: "/bound" });
    io.bind(engine);
    io.on("connection", (socket) => socket.join("room"));
    const own = await io.listen(LOCAL);
    const bound = await engine.listen(LOCAL);
    await using owned = new OfficialClients(`http://127.0.0.1:${own.port}`);
    await using others = new OfficialClients(`http://127.0.0.1:${bound.port}`);
    const transports = ["websocket"];
    const clients = [
      await owned.connect({ transports }),
      await owned.connect({ transports }),
      await others.connect({ transports, path: "/bound" }),
      await others.connect({ transports, path: "/bound" }),
    ];
    for (const send of [() => io.emit("news", 1), () => io.to("room").emit("news", 2)]) {
      const heard = Promise.all(clients.map((client) => once(client, "news")));
      send();
      assert.deepEqual((await heard).length, 4);
    }
    await io.close();
    await engine.close();
  });
});
