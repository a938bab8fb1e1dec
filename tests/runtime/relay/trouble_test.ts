import type { Session } from "../../../server/engine/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { once, until } from "../../harness/once.ts";
import { engineUrl, RawPolling, RawWebSocket } from "../../harness/raw.ts";
import { Relayed } from "../../harness/relayed.ts";

/** Moves a client to a WebSocket of the front. */
async function upgraded(server: Relayed): Promise<{ socket: RawWebSocket; session: Session }> {
  const connected = once<[Session]>(server.owner, "connection");
  const peer = await RawPolling.open(server.url);
  const [session] = await connected;
  const { sid } = peer.handshake;
  const socket = await RawWebSocket.open(server.url, { sid });
  socket.send("2probe");
  assert.equal(await socket.next(), "3probe");
  const moved = once(session, "upgrade");
  socket.send("5");
  await moved;
  return { socket, session };
}

describe("a WebSocket at another server", () => {
  for (const way of ["to the session", "to the client"] as const) {
    it(`ends if a frame is lost ${way}, and nothing comes out of order`, async () => {
      await using server = await Relayed.start();
      const { socket, session } = await upgraded(server);
      const heard: unknown[] = [];
      session.on("message", (data) => heard.push(data));
      const ended = once<[string]>(session, "close");
      let count = 0;
      server.network.passes = (message) =>
        JSON.stringify(message).includes('"frame"') && ++count === 2 ? undefined : message;
      for (const [i, text] of ["one", "two", "three"].entries()) {
        if (way === "to the session") socket.send(`4${text}`);
        else session.send(text);
        await until(() => count === i + 1, "the frame");
      }
      assert.match((await ended)[0], /^transport (error|close)$/);
      await socket.closed;
      assert.deepEqual(heard, way === "to the session" ? ["one"] : []);
      if (way === "to the client") assert.equal(await socket.next(), "4one");
      assert.equal(server.owner.clientsCount, 0);
    });
  }

  it("ends with a frame that is too long", async () => {
    await using server = await Relayed.start({ maxHttpBufferSize: 1000 });
    const { socket, session } = await upgraded(server);
    const ended = once<[string]>(session, "close");
    socket.send("4" + "x".repeat(2000));
    assert.equal((await socket.closed).code, 1009);
    assert.equal((await ended)[0], "transport error");
    assert.ok(!JSON.stringify(server.network.sent).includes("xxx"), "the frame was handed on");
  });

  it("is closed if the session knows nothing of it", async () => {
    await using server = await Relayed.start();
    const { socket, session } = await upgraded(server);
    // The owner's own word of the end is lost.
    server.network.passes = () => undefined;
    session.close(true);
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    server.network.passes = (message) => message;
    socket.send("4hello");
    await socket.closed;
  });
});

describe("a server of several", () => {
  it("lets the polls go that wait for others when it is closed, and loses nothing", async () => {
    await using server = await Relayed.start();
    const connected = once<[Session]>(server.owner, "connection");
    const peer = await RawPolling.open(server.url);
    const [session] = await connected;
    const poll = peer.get();
    await until(() => session.writable, "the poll");
    await server.front.close();
    assert.equal(await poll, "6");
    assert.equal(session.readyState, "open");
    session.send("hello");
    const { sid } = peer.handshake;
    const direct = await server.owner.fetch(
      new Request(engineUrl(server.url, { transport: "polling", sid })),
    );
    assert.equal(await direct.text(), "4hello");
  });

  it("says that there is no such session if its server is gone", async () => {
    await using server = await Relayed.start();
    const peer = await RawPolling.open(server.url);
    server.network.passes = () => undefined;
    const response = await fetch(peer.url);
    assert.deepEqual([response.status, await response.json()], [400, {
      code: 1,
      message: "Session ID unknown",
    }]);
  });

  it("lets no more made up ids wait than it has memory for", async () => {
    await using server = await Relayed.start();
    const runs = Array.from({ length: 10_001 }, (_, i) => {
      const sid = `x${i}`.padEnd(28, "-");
      const request = new Request(engineUrl(server.url, { transport: "polling", sid }));
      return server.front.fetch(request);
    });
    // The last is answered at once.
    assert.ok(runs.at(-1) instanceof Response);
    assert.equal((await Promise.all(runs)).every(({ status }) => status === 400), true);
  });

  it("reports what no server would say, and goes on", async () => {
    await using server = await Relayed.start();
    const peer = await RawPolling.open(server.url);
    const to = peer.handshake.sid.slice(-8);
    const request = { is: "request", id: 1, url: "/", method: "GET", headers: [], address: "" };
    const nonsense: unknown[] = [
      undefined,
      "text",
      { from: 1, asked: [], answered: [] },
      { from: "someone", asked: [null], answered: [] },
      { from: "someone", asked: [{ is: "constructor", id: 1 }], answered: [] },
      { from: "someone", asked: [{ is: "opened", id: -1 }], answered: [] },
      { from: "someone", asked: [{ is: "frame", id: 1, number: 0, data: 5 }], answered: [] },
      {
        from: "someone",
        asked: [],
        answered: [{ is: "reply", id: 1, status: "200", headers: [] }],
      },
      { from: "someone", asked: [{ ...request, headers: [["a"]] }], answered: [] },
    ];
    for (const message of nonsense) server.network.tell(to, message);
    for (const error of server.errors.splice(0, nonsense.length)) {
      assert.equal(
        (error as Error).message,
        "Cannot read relayed message: it has not the form of one",
      );
    }
    // Well formed, but for no engine, and nothing that `Request` takes.
    const asked = [{ ...request, hasBody: false }, {
      ...request,
      id: 2,
      method: "TRACE",
      hasBody: false,
    }];
    server.network.tell(to, { from: "someone", asked, answered: [] });
    const replies = () =>
      server.network.sent.filter(({ to }) => to === "someone").flatMap(({ message }) =>
        (message as { answered: { is: string; status?: number }[] }).answered
      );
    await until(() => replies().length >= 4, "the replies");
    assert.deepEqual(replies().map(({ is, status }) => [is, status]), [
      ["taken", undefined],
      ["taken", undefined],
      ["reply", 404],
      ["reply", 404],
    ]);
    // What nobody has asked for changes nothing.
    const answered = [{ is: "taken", id: 7 }, { is: "upgrade", id: 7 }, {
      is: "close",
      id: 7,
      now: true,
    }];
    server.network.tell(to, { from: "someone", asked: [{ is: "aborted", id: 9 }], answered });
    assert.equal((await peer.post("4hello")).body, "ok");
  });
});
