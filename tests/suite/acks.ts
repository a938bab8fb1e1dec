import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import type { OfficialOptions, OfficialSocket } from "../harness/official.ts";
import { once, until, within } from "../harness/once.ts";
import type { start as Start, Started } from "../harness/started.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const SOON = 30;

async function pair(server: Started, road: OfficialOptions): Promise<[OfficialSocket, Socket]> {
  const client = await server.clients.connect(road);
  return [client, server.io.sockets.sockets.get(client.id!)!];
}

function bytesOf(value: unknown): number[] {
  return [...value as Uint8Array];
}

/** Acknowledgements: both ways, of one and of many, and what becomes of those that never come. */
export function acks(start: typeof Start, road: OfficialOptions): void {
  it("a client's question is answered once, whatever the listener does", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    socket.on("ask", (bytes, done) => {
      assert.deepEqual(bytesOf(bytes), [1, 2, 3]);
      done("first", { deep: [bytes] });
      done("second");
    });
    const [text, { deep }] = await new Promise<[string, { deep: unknown[] }]>((resolve) =>
      client.emit("ask", BYTES, (...answer: [string, { deep: unknown[] }]) => resolve(answer))
    );
    assert.equal(text, "first");
    assert.deepEqual(bytesOf(deep[0]), [1, 2, 3]);
    assert.equal(await client.emitWithAck("ask", BYTES), "first");
  });

  it("emit() with a function and emitWithAck() get the client's answer", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    client.on("ask", (value, done) => done(value, BYTES));
    const answer = await new Promise<unknown[]>((resolve) =>
      socket.emit("ask", 1, (...args: unknown[]) => resolve(args))
    );
    assert.equal(answer[0], 1);
    assert.deepEqual(bytesOf(answer[1]), [1, 2, 3]);
    assert.equal(await socket.emitWithAck("ask", "two"), "two");
    assert.equal(await socket.timeout(10_000).emitWithAck("ask", "three"), "three");
  });

  it("timeout() tells of an answer that does not come, and ignores it when it is late", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    let late: (value: string) => void = () => {};
    client.on("ask", (done) => late = done);
    const calls: unknown[][] = [];
    socket.timeout(SOON).emit("ask", (...args: unknown[]) => calls.push(args));
    await until(() => calls.length === 1, "the timeout");
    late("late");
    client.on("mark", (done) => done());
    await socket.emitWithAck("mark");
    assert.equal(calls.length, 1);
    assert.equal((calls[0]?.[0] as Error).message, "operation has timed out");
    await assert.rejects(socket.timeout(SOON).emitWithAck("ask"), {
      message: "operation has timed out",
    });
  });

  it("questions that are open when the client leaves end with an error", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    const ends: string[] = [];
    const note = (error: Error | null) => ends.push(String(error?.message));
    socket.emitWithAck("ask").catch(note);
    socket.timeout(60_000).emit("ask", note);
    socket.timeout(60_000).emitWithAck("ask").catch(note);
    socket.emit("ask", () => ends.push("called without an error"));
    client.disconnect();
    await until(() => ends.length === 3, "three errors");
    assert.deepEqual(ends, Array(3).fill("socket has been disconnected"));
    await assert.rejects(socket.emitWithAck("ask"), { message: "socket has been disconnected" });
  });

  it("a broadcast collects the answers of all", async () => {
    await using server = await start();
    for (let i = 1; i <= 3; i++) {
      const [client, socket] = await pair(server, road);
      client.on("ask", (done) => done(i));
      if (i > 1) socket.join("some");
    }
    const sorted = async (answers: Promise<unknown>) => [...await answers as number[]].sort();
    assert.deepEqual(await sorted(server.io.timeout(10_000).emitWithAck("ask")), [1, 2, 3]);
    assert.deepEqual(await sorted(server.io.to("some").emitWithAck("ask")), [2, 3]);
    assert.deepEqual(await sorted(server.io.to("nobody").timeout(10_000).emitWithAck("ask")), []);
    const [first] = server.io.sockets.sockets.values();
    assert.deepEqual(await sorted(first!.broadcast.timeout(10_000).emitWithAck("ask")), [2, 3]);
    const [error, answers] = await new Promise<[Error | null, number[]]>((resolve) =>
      server.io.timeout(10_000).emit("ask", (...args: [Error | null, number[]]) => resolve(args))
    );
    assert.equal(error, null);
    assert.deepEqual(answers.sort(), [1, 2, 3]);
  });

  it("a broadcast that not all answer in time fails with the answers that came", async () => {
    await using server = await start();
    const [quick] = await pair(server, road);
    const [slow] = await pair(server, road);
    quick.on("ask", (done) => done("quick"));
    slow.on("ask", () => {});
    await assert.rejects(server.io.timeout(500).emitWithAck("ask"), (error: Error) => {
      assert.equal(error.message, "operation has timed out");
      assert.deepEqual((error as Error & { responses: unknown }).responses, ["quick"]);
      return true;
    });
    const [error, answers] = await new Promise<[Error, unknown]>((resolve) =>
      server.io.timeout(500).emit("ask", (...args: [Error, unknown]) => resolve(args))
    );
    assert.equal(error.message, "operation has timed out");
    assert.deepEqual(answers, ["quick"]);
  });

  it("a broadcast without a timeout settles when whoever has not answered leaves", async () => {
    await using server = await start();
    const [quick] = await pair(server, road);
    const [leaver] = await pair(server, road);
    quick.on("ask", (done) => done("quick"));
    leaver.on("ask", () => leaver.disconnect());
    assert.deepEqual(await server.io.emitWithAck("ask"), ["quick"]);
  });

  it("a broadcast with a timeout fails when nobody is left who could answer", async () => {
    await using server = await start();
    const [quick] = await pair(server, road);
    const [leaver] = await pair(server, road);
    quick.on("ask", (done) => done("quick"));
    leaver.on("ask", () => leaver.disconnect());
    const fails = assert.rejects(server.io.timeout(60_000).emitWithAck("ask"), {
      responses: ["quick"],
    });
    await within(fails, "the error");
  });

  it("a broadcast with a timeout fails when the server closes", async () => {
    await using server = await start();
    const [client] = await pair(server, road);
    client.on("ask", () => {});
    const fails = assert.rejects(server.io.timeout(60_000).emitWithAck("ask"), {
      name: "BroadcastTimeoutError",
      responses: [],
    });
    await server.io.close();
    await within(fails, "the error");
  });

  it("RemoteSocket.timeout() gets the one answer, not a list", async () => {
    await using server = await start();
    const [client] = await pair(server, road);
    client.on("ask", (done) => done("one"));
    const [remote] = await server.io.fetchSockets();
    const answer = await new Promise<unknown[]>((resolve) =>
      remote!.timeout(10_000).emit("ask", (...args: unknown[]) => resolve(args))
    );
    assert.deepEqual(answer, [null, "one"]);
  });

  it("answers that nobody asked for are ignored", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    for (const id of ["0", "99", "9007199254740991"]) client.io.engine.write(`3${id}["forged"]`);
    let count = 0;
    client.on("ask", (done) => done("real"));
    socket.emit("ask", () => count++);
    client.io.engine.write('30["forged too early or too late"]');
    assert.equal(await socket.emitWithAck("ask"), "real");
    assert.equal(count, 1);
    assert.equal(client.connected, true);
  });

  it("serverSideEmit() on a single server warns, and asks nobody", async () => {
    await using server = await start();
    const { warn } = console;
    const warnings: string[] = [];
    console.warn = (text) => warnings.push(text);
    try {
      assert.equal(server.io.serverSideEmit("hello"), true);
      assert.deepEqual(await server.io.serverSideEmitWithAck("ask"), []);
    } finally {
      console.warn = warn;
    }
    assert.equal(warnings.length, 2);
    for (const name of ["connect", "connection", "new_namespace", "session_expired"]) {
      assert.throws(() => server.io.serverSideEmit(name), {
        message: `"${name}" is a reserved event name`,
      });
    }
  });

  it("10,000 open questions settle when the client leaves, and the socket forgets them", async () => {
    await using server = await start();
    const [client, socket] = await pair(server, road);
    let settled = 0;
    for (let i = 0; i < 10_000; i++) socket.timeout(60_000).emit("ask", () => settled++);
    const left = once(socket, "disconnect");
    client.disconnect();
    await left;
    assert.equal(settled, 10_000);
  });
}
