import { connect } from "node:net";
import { Engine } from "../../../server/engine/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { once, until } from "../../harness/once.ts";
import { Relayed, type Said } from "../../harness/relayed.ts";
import { serve } from "../../harness/serve.ts";

/** What a server answers to bytes, up to a text. */
function exchange(port: number, bytes: string, end: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", reject);
    socket.on("data", (data) => {
      answer += String(data);
      if (!end.test(answer)) return;
      socket.destroy();
      resolve(answer);
    });
  });
}

function closed(socket: WebSocket): Promise<Event> {
  return new Promise((resolve) => socket.addEventListener("close", resolve));
}

function heard(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(data), { once: true });
  });
}

describe("a server whose requests come by way of another", () => {
  it("survives an answer of a middleware that cannot be read", async () => {
    const used = new Response("no", { status: 403 });
    await used.text();
    const broken = () =>
      new Response(new ReadableStream({ start: (stream) => stream.error(new Error("broken")) }));
    const answers = [() => used, broken];
    await using relayed = await Relayed.start();
    relayed.owner.use((request, next) =>
      request.headers.has("x-own") ? answers.shift()!() : next()
    );
    const sid = await relayed.shake();
    for (let i = 0; i < 2; i++) {
      const response = await relayed.get(sid, { headers: { "x-own": "1" } });
      assert.equal(response.status, 500);
      assert.equal(await response.text(), "");
    }
    assert.equal(relayed.errors.splice(0).length, 2);
  });

  it("takes whatever the runtime takes of a client", async () => {
    await using relayed = await Relayed.start();
    const sid = await relayed.shake();
    const messages: unknown[] = [];
    relayed.sessions.get(sid)!.on("message", (data) => messages.push(data));
    const path = relayed.path(sid);
    const post = (version: string, host: string, text: string) =>
      `POST ${path} HTTP/${version}\r\n${host}Content-Length: 2\r\n\r\n4${text}`;
    for (
      const bytes of [
        post("1.1", "Host: a b\r\n", "a"),
        post("1.1", "Host: [\r\n", "b"),
        post("1.1", "Host: user:word@host\r\n", "c"),
        post("1.0", "", "d"),
      ]
    ) assert.match(await exchange(relayed.port, bytes, /ok$/), /^HTTP\/1\.\d 200 /);
    assert.deepEqual(messages, ["a", "b", "c", "d"]);
    const trace = `TRACE ${path} HTTP/1.1\r\nHost: host\r\n\r\n`;
    assert.match(await exchange(relayed.port, trace, /\r\n\r\n/), /no-store/);
    assert.deepEqual(relayed.errors, []);
  });

  it("lets go of a WebSocket that is never opened", async () => {
    await using relayed = await Relayed.start({ upgradeTimeout: 100 });
    const sid = await relayed.shake();
    relayed.network.passes = (message) =>
      (message as { asked: Said[] }).asked.some(({ is }) => is === "opened") ? undefined : message;
    const [first, second] = [relayed.websocket(sid), relayed.websocket(sid)];
    // One that may move, and one that is refused.
    await Promise.all([closed(first), closed(second)]);
    assert.deepEqual(relayed.said.filter((is) => is === "close"), ["close", "close"]);
  });

  it("is told of a WebSocket that nobody waits for any more", async () => {
    await using relayed = await Relayed.start();
    const reply = await relayed.get(await relayed.shake(), { method: "POST", body: "4a" });
    assert.equal(await reply.text(), "ok");
    const { from } = relayed.network.sent[0]!.message as { from: string };
    relayed.network.tell(from, {
      from: "other___",
      asked: [],
      answered: [{ is: "upgrade", id: 9 }],
    });
    await until(() => relayed.network.sent.some(({ to }) => to === "other___"), "an answer");
    assert.equal(relayed.said.at(-1), "closed");
  });

  it("goes on without a client that the other has turned away", async () => {
    await using relayed = await Relayed.start();
    const sid = await relayed.shake();
    const ended = once(relayed.sessions.get(sid)!, "close");
    const poll = relayed.get(sid);
    await until(() => relayed.said.includes("taken"), "the poll");
    // Asked for an answer at once, the server of the session does not hear it.
    relayed.network.passes = (message) =>
      JSON.stringify(message).includes('"released"') ? undefined : message;
    await relayed.front.close();
    const response = await poll;
    assert.equal(response.status, 503);
    await response.body?.cancel();
    assert.equal((await ended)[0], "transport error");
  });
});

describe("a server that hands requests on", () => {
  it("ends a WebSocket whose session is gone with its server", async () => {
    const times = { pingInterval: 100, pingTimeout: 500, upgradeTimeout: 500 };
    await using relayed = await Relayed.start(times);
    const socket = relayed.websocket(await relayed.shake());
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send("2probe");
    assert.equal(await heard(socket), "3probe");
    const end = closed(socket);
    socket.send("5");
    assert.equal(await heard(socket), "2");
    relayed.network.passes = () => undefined;
    await end;
  });

  it("has the headers of CORS for a session that nobody has", async () => {
    await using relayed = await Relayed.start({ cors: { origin: "https://example.com" } });
    const headers = { origin: "https://example.com" };
    const response = await relayed.get("a".repeat(28), { headers });
    assert.deepEqual(await response.json(), { code: 1, message: "Session ID unknown" });
    assert.equal(response.headers.get("access-control-allow-origin"), "https://example.com");
  });

  it("asks nobody of a session that nobody can have", async () => {
    await using relayed = await Relayed.start();
    for (const sid of ["a".repeat(20) + "%00#*%C3%A9aaaa", "a".repeat(8), "a,b"]) {
      const response = await relayed.get(sid);
      assert.deepEqual(await response.json(), { code: 1, message: "Session ID unknown" });
    }
    assert.deepEqual(relayed.network.sent, []);
  });

  it("hands on no long body before somebody takes it", async () => {
    await using relayed = await Relayed.start();
    const body = "4" + "x".repeat(100_000);
    const lost = await relayed.get("a".repeat(28), { method: "POST", body });
    assert.equal(lost.status, 400);
    await lost.body?.cancel();
    assert.deepEqual(relayed.said, ["request", "aborted"]);
    const sid = await relayed.shake();
    const message = once(relayed.sessions.get(sid)!, "message");
    const response = await relayed.get(sid, { method: "POST", body });
    assert.equal(await response.text(), "ok");
    assert.equal((await message)[0], body.slice(1));
  });

  it("opens its bus again once that is closed", async () => {
    const log: string[] = [];
    const shut = Promise.withResolvers<void>();
    const engine = new Engine({
      relay: {
        open: () => void log.push("open"),
        send() {},
        async close() {
          log.push("close");
          await shut.promise;
          log.push("closed");
        },
      },
    });
    const closing = engine.close();
    await until(() => log.includes("close"), "the close of the bus");
    const { port } = await engine.listen({ port: 0, hostname: "127.0.0.1" });
    const url = `http://127.0.0.1:${port}/engine.io/?EIO=4&transport=polling`;
    const response = await fetch(url);
    assert.equal(response.status, 200);
    await response.body?.cancel();
    shut.resolve();
    await closing;
    await until(() => log.length === 4, "the bus to be open");
    await engine.close();
    assert.deepEqual(log, ["open", "close", "closed", "open", "close", "closed"]);
  });

  it("receives nothing once it is closed, though a handshake is late", async () => {
    const allow = Promise.withResolvers<boolean>();
    const asked = Promise.withResolvers<void>();
    const opened: string[] = [];
    const engine = new Engine({
      path: "/socket.io",
      relay: { open: (id) => void opened.push(id), send() {}, close() {} },
      allowRequest: () => {
        asked.resolve();
        return allow.promise;
      },
    });
    const served = await serve(engine.handler());
    try {
      const shake = fetch(served.url + "/socket.io/?EIO=4&transport=polling");
      await asked.promise;
      await engine.close();
      allow.resolve(true);
      const response = await shake;
      assert.equal(response.status, 503);
      await response.body?.cancel();
      assert.equal(opened.length, 1);
    } finally {
      await served.close();
    }
  });
});
