import { Server } from "../../mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients } from "../harness/official.ts";
import { until } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

const fail = (text: string) => () => {
  throw new Error(text);
};
const failLater = (text: string) => () => Promise.reject(new Error(text));

describe("what a program throws", () => {
  it("is reported wherever it comes from, and neither client nor server ends by it", async () => {
    const reports: string[] = [];
    const io = new Server({
      reportError: (error, { event }) => void reports.push(`${event}: ${(error as Error).message}`),
    });
    await using server = await serve(io);
    await using clients = new OfficialClients(server.url);
    io.on("connection", (socket) => {
      socket.on("throw", fail("listener"));
      socket.on("throw", failLater("async listener"));
      socket.onAny(fail("catch-all"));
      socket.on("work", (done) => done("done"));
      socket.emit("ask", fail("ack"));
      socket.emit("ask", failLater("async ack"));
      socket.timeout(1).emit("ignore", fail("ack after its timeout"));
    });
    io.on("connection", fail("connection listener"));

    const socket = clients.open({ transports: ["websocket"] });
    socket.on("ask", (done) => done(1));
    assert.equal(await socket.emitWithAck("work"), "done");
    io.timeout(10_000).emit("ask", fail("broadcast ack"));
    io.timeout(10_000).emit("ask", failLater("async broadcast ack"));
    io.timeout(1).emit("ignore", fail("broadcast ack after its timeout"));
    io.timeout(1).emit("ignore", failLater("async broadcast ack after its timeout"));
    socket.emit("throw");

    const expected = [
      "ask: ack",
      "ask: async ack",
      "ask: async broadcast ack",
      "ask: broadcast ack",
      "connection: connection listener",
      "ignore: ack after its timeout",
      "ignore: async broadcast ack after its timeout",
      "ignore: broadcast ack after its timeout",
      "throw: async listener",
      "throw: catch-all",
      "throw: listener",
      "work: catch-all",
    ];
    await until(() => reports.length >= expected.length, "all reports");
    assert.deepEqual(reports.sort(), expected);
    assert.equal(await socket.emitWithAck("work"), "done");
  });

  it("is reported below the namespaces as well", async () => {
    const reports: string[] = [];
    let failing = "cors";
    const io = new Server({
      allowRequest: () => failing === "allowRequest" ? failLater("async option")() : true,
      cors: { origin: () => failing === "cors" ? fail("option")() : true },
      reportError: (error, { event, namespace }) =>
        void reports.push(`${namespace} ${event}: ${(error as Error).message}`),
    });
    await using server = await serve(io);
    const ask = async (path = "") =>
      (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling${path}`)).text();
    await ask();
    failing = "allowRequest";
    await ask();
    failing = "";
    io.engine.use((request, next) => {
      if (request.url.includes("throw")) throw new Error("engine middleware");
      return next(request.url.includes("refuse") ? new Error("nobody's fault") : undefined);
    });
    await ask("&throw");
    await ask("&refuse");
    io.engine.once("initial_headers", fail("engine listener"));
    io.engine.on("connection", (session) => {
      session.on("close", fail("listener of a connection"));
      session.send('2["early"]', fail("callback"));
    });
    io.engine.on("connection_error", failLater("async engine listener"));
    await ask("&sid=unknown");
    io.sockets.adapter.on("join-room", fail("adapter listener"));
    await using clients = new OfficialClients(server.url);
    const client = await clients.connect({ transports: ["websocket"] });
    client.disconnect();
    const expected = [
      "undefined cors: option",
      "undefined allowRequest: async option",
      "undefined middleware: engine middleware",
      "undefined connection_error: async engine listener",
      "undefined initial_headers: engine listener",
      "undefined sent: callback",
      "/ join-room: adapter listener",
      "undefined close: listener of a connection",
    ];
    await until(() => reports.length >= expected.length, "all reports");
    assert.deepEqual(reports.sort(), expected.sort());
  });
});
