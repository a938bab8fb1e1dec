import { connect as connectTcp } from "node:net";
import { assert, describe, it } from "../harness/mod.ts";
import { once, until, within } from "../harness/once.ts";
import { engineUrl, RawPolling, RawWebSocket } from "../harness/raw.ts";
import { startEcho } from "./engine_server.ts";

const PLAIN = "text/plain;charset=utf-8";

const refusal = (code: number, message: string) => JSON.stringify({ code, message });

/**
 * What long polling does, request by request.
 *
 * @param relayed whether the requests of sessions come by way of another server.
 */
export function pollingSuite(relayed = false): void {
  describe("Engine.IO over long polling", () => {
    it("opens a session", async () => {
      await using server = await startEcho();
      const response = await fetch(engineUrl(server.url, { transport: "polling" }));
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/plain; charset=UTF-8");
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.deepEqual(
        [...response.headers.keys()].filter((name) => name.startsWith("access-control")),
        [],
      );
      const { sid, ...rest } = JSON.parse((await response.text()).slice(1));
      assert.match(sid, relayed ? /^[\w-]{28}$/ : /^[\w-]{20}$/);
      assert.deepEqual(rest, {
        upgrades: ["websocket"],
        pingInterval: 25_000,
        pingTimeout: 20_000,
        maxPayload: 1_000_000,
      });
      assert.equal(server.engine.clientsCount, 1);
    });

    const refused: [string, Record<string, string> | string, RequestInit, number, string][] = [
      ["no transport", {}, {}, 400, refusal(0, "Transport unknown")],
      [
        "an inherited transport",
        { transport: "constructor" },
        {},
        400,
        refusal(0, "Transport unknown"),
      ],
      [
        "two transports",
        "transport=websocket&transport=polling&EIO=4",
        {},
        400,
        refusal(0, "Transport unknown"),
      ],
      [
        "an unknown sid",
        { transport: "polling", sid: "x" },
        {},
        400,
        refusal(1, "Session ID unknown"),
      ],
      [
        "an inherited sid",
        { transport: "polling", sid: "__proto__" },
        {},
        400,
        refusal(1, "Session ID unknown"),
      ],
      [
        "two sids",
        "EIO=4&transport=polling&sid=a&sid=b",
        {},
        400,
        refusal(1, "Session ID unknown"),
      ],
      [
        "a POST",
        { transport: "polling" },
        { method: "POST" },
        400,
        refusal(2, "Bad handshake method"),
      ],
      [
        "a PUT",
        { transport: "polling" },
        { method: "PUT" },
        400,
        refusal(2, "Bad handshake method"),
      ],
      [
        "OPTIONS without cors",
        { transport: "polling" },
        { method: "OPTIONS" },
        400,
        refusal(2, "Bad handshake method"),
      ],
      ["no upgrade", { transport: "websocket" }, {}, 400, refusal(3, "Bad request")],
      [
        "protocol 3",
        { EIO: "3", transport: "polling" },
        {},
        400,
        refusal(5, "Unsupported protocol version"),
      ],
      [
        "two protocols",
        "EIO=3&EIO=4&transport=polling",
        {},
        400,
        refusal(5, "Unsupported protocol version"),
      ],
    ];
    for (const [what, query, init, status, body] of refused) {
      it(`refuses a handshake with ${what}`, async () => {
        await using server = await startEcho();
        const url = typeof query === "string"
          ? `${server.url}/socket.io/?${query}`
          : engineUrl(server.url, query);
        const errors: number[] = [];
        for (const engine of server.engines) {
          engine.on("connection_error", ({ code }) => errors.push(code));
        }
        const response = await fetch(url, init);
        assert.deepEqual([response.status, await response.text()], [status, body]);
        assert.equal(response.headers.get("content-type"), "application/json");
        assert.deepEqual(errors, [JSON.parse(body).code]);
        assert.equal(server.engine.clientsCount, 0);
      });
    }

    it("takes a query that comes twice, as behind a proxy that appends it", async () => {
      await using server = await startEcho();
      const twice = (query: string) => `${server.url}/socket.io/?${query}&${query}`;
      const opened = await (await fetch(twice("EIO=4&transport=polling"))).text();
      const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
      const url = twice(`EIO=4&transport=polling&sid=${sid}`);
      const posted = await fetch(url, { method: "POST", body: "4a" });
      assert.equal(await posted.text(), "ok");
      assert.equal(await (await fetch(url)).text(), "4a");
    });

    it("answers below its path only, with the slash", async () => {
      await using server = await startEcho();
      for (
        const [path, status] of [["/socket.io", 404], ["/socket.iox/", 404], ["/", 404], [
          "/socket.io/x",
          400,
        ]]
      ) {
        assert.equal((await fetch(server.url + path)).status, status, String(path));
      }
    });

    it("answers without the slash where that is asked for", async () => {
      await using server = await startEcho({ addTrailingSlash: false });
      for (const path of ["/socket.io", "/socket.io/"]) {
        const response = await fetch(engineUrl(server.url, { transport: "polling" }, path));
        assert.equal(response.status, 200);
      }
    });

    it("returns what is posted, text and binary, in order", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      for (const body of ["4hello", "4a\x1e4\x1e4€😀", "4a\x1ebAQIDBA==\x1e4b", "b"]) {
        assert.deepEqual(await peer.post(body), { status: 200, body: "ok" });
        assert.equal(await peer.get(), body);
      }
    });

    it("gathers in one answer what is sent in one turn", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      const poll = peer.get();
      await until(() => session.writable, "the poll");
      session.send("1").send("2").send(new Uint8Array([1]));
      assert.equal(session.writable, false);
      assert.equal(await poll, "41\x1e42\x1ebAQ==");
    });

    it("keeps the place of a Blob that is still being read", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      session.send("1").send(new Blob(["x"])).send("2");
      let body = await peer.get();
      while (!body.endsWith("42")) body += "\x1e" + await peer.get();
      assert.equal(body, "41\x1ebeA==\x1e42");
    });

    const malformed = ["", "abc", "9", "4a\x1e", "4a\x1ex", "b?", "\ufeff4a"];
    for (const body of malformed) {
      it(`closes the session at the body ${JSON.stringify(body)}`, async () => {
        await using server = await startEcho();
        const peer = await RawPolling.open(server.url);
        const answer = await peer.post(body);
        // A byte order mark is dropped by the decoder of the platform.
        if (body.startsWith("\ufeff")) return assert.equal(answer.status, 200);
        assert.deepEqual(answer, { status: 400, body: refusal(3, "Bad request") });
        assert.match(server.ends.join(), /^parse error: Cannot decode/);
        assert.equal((await fetch(peer.url)).status, 400);
      });
    }

    it("delivers the packets before a bad one", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const seen: unknown[] = [];
      (await connected).on("data", (data) => seen.push(data));
      assert.equal((await peer.post("4a\x1e4b\x1exx\x1e4c")).status, 400);
      assert.deepEqual(seen, ["a", "b"]);
    });

    it("takes no more packets in a body than allowed", async () => {
      await using server = await startEcho({ maxPayloadPackets: 3 });
      const peer = await RawPolling.open(server.url);
      assert.equal((await peer.post("6\x1e6\x1e6")).status, 200);
      assert.equal((await peer.post("6\x1e6\x1e6\x1e6")).status, 400);
      assert.deepEqual(server.ends.length, 1);
    });

    it("refuses binary bodies and closes the session", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      const headers = { "content-type": "application/octet-stream" };
      assert.equal((await peer.post(new Uint8Array([1]), { headers })).status, 400);
      assert.deepEqual(server.ends, ["transport error: invalid content"]);
    });

    it("refuses a body over the limit, announced or not, and goes on", async () => {
      await using server = await startEcho({ maxHttpBufferSize: 1000 });
      const peer = await RawPolling.open(server.url);
      const large = "4" + "€".repeat(333) + "a";
      assert.equal((await peer.post(large.slice(0, -1))).status, 200);
      assert.equal((await peer.post(large)).status, 413);
      const chunks = (count: number) =>
        new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("4"));
            for (let i = 1; i < count; i++) controller.enqueue(new Uint8Array([97]));
            controller.close();
          },
        });
      const init = { duplex: "half" } as RequestInit;
      assert.equal((await peer.post(chunks(1000), init)).status, 200);
      assert.equal(
        (await peer.post(chunks(1001), init).catch(() => ({ status: 413 }))).status,
        413,
      );
      assert.equal((await peer.packets()).length, 2);
      assert.deepEqual(server.ends, []);
    });

    it("closes the session when two polls overlap", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      const first = peer.get();
      await until(() => session.writable, "the first poll");
      assert.equal((await fetch(peer.url)).status, 400);
      assert.equal(await first, "1");
      assert.deepEqual(server.ends, ["transport error: overlap from client"]);
    });

    it("survives a thousand polls at once", async () => {
      await using server = await startEcho();
      const other = await RawPolling.open(server.url);
      const peer = await RawPolling.open(server.url);
      const polls = Array.from({ length: 300 }, () => fetch(peer.url).then((r) => r.text()));
      const answers = await within(Promise.all(polls), "every answer", 30_000);
      assert.deepEqual(answers.filter((answer) => !answer.startsWith("{")), ["1"]);
      assert.equal((await other.post("4x")).status, 200);
      assert.equal(await other.get(), "4x");
      assert.equal(server.engine.clientsCount, 1);
    });

    it("gives a poll that comes twice the same answer, if the client marks its requests", async () => {
      await using server = await startEcho();
      const opened = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await opened;
      const poll = async (stamp: string) => (await fetch(`${peer.url}&t=${stamp}`)).text();
      session.send("1").send("2");
      const answer = await poll("~a");
      assert.match(answer, /^41/);
      session.send("3").send(new Uint8Array([1]));
      assert.equal(await poll("~a"), answer);
      assert.equal(await poll("~a"), answer);
      let rest = answer;
      for (let i = 0; rest.split("\x1e").length < 4; i++) rest += "\x1e" + await poll(`~b${i}`);
      assert.equal(rest, "41\x1e42\x1e43\x1ebAQ==");
      // Whether others ever repeat a value is unknown.
      session.send("5");
      assert.equal(await poll("1"), "45");
      session.send("6");
      assert.equal(await poll("1"), "46");
    });

    it("gives the same answer three times at most", async () => {
      await using server = await startEcho();
      const opened = server.session();
      const peer = await RawPolling.open(server.url);
      (await opened).send("1");
      const poll = () => fetch(`${peer.url}&t=~a`);
      for (let i = 0; i < 3; i++) assert.equal(await (await poll()).text(), "41");
      // From now on it is a poll like any other.
      const fourth = poll();
      (await opened).send("2");
      assert.equal(await (await fourth).text(), "42");
    });

    it("lets a poll that comes twice take the place of the first", async () => {
      await using server = await startEcho();
      const opened = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await opened;
      const first = fetch(`${peer.url}&t=~a`);
      await until(() => session.writable, "the poll");
      const second = fetch(`${peer.url}&t=~a`);
      assert.equal((await within(first, "the end of the first")).status, 400);
      session.send("1");
      assert.equal(await (await within(second, "the answer")).text(), "41");
      assert.deepEqual(server.ends, []);
    });

    it("handles a post that comes twice once, if the client marks its requests", async () => {
      await using server = await startEcho();
      const opened = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await opened;
      const heard: unknown[] = [];
      session.on("message", (data) => heard.push(data));
      const post = async (stamp: string, body: string) => {
        const response = await fetch(`${peer.url}&t=${stamp}`, { method: "POST", body });
        assert.equal(await response.text(), "ok");
      };
      await post("~a", "41");
      await post("~a", "41");
      await post("~b", "42");
      await post("1", "43");
      await post("1", "43");
      assert.deepEqual(heard, ["1", "2", "3", "3"]);
    });

    it("lets a post that comes twice take the place of the first, which is still read", async () => {
      await using server = await startEcho();
      const opened = server.session();
      const peer = await RawPolling.open(server.url);
      const heard: unknown[] = [];
      (await opened).on("message", (data) => heard.push(data));
      const url = `${peer.url}&t=~a`;
      const slow = slowPost(url, "4a");
      await slow.started;
      // The server has read its headers once a second one is not handled as the first.
      while (heard.length === 0) {
        assert.equal(await (await fetch(url, { method: "POST", body: "4a" })).text(), "ok");
      }
      assert.match(await slow.answer, /^HTTP\/1.1 (400|200)/);
      assert.deepEqual([heard, server.ends], [["a"], []]);
    });

    it("closes the session when two posts overlap", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      const slow = slowPost(peer.url, "4a");
      await slow.started;
      // The server has read the headers once it answers a request that came later.
      let status = 200;
      while (status === 200) status = (await peer.post("6")).status;
      assert.equal(status, 400);
      assert.deepEqual(server.ends, ["transport error: overlap from client"]);
      assert.match(await slow.answer, /^HTTP\/1.1 400/);
    });

    it("notices that the client has left its post", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      const slow = slowPost(peer.url, "4a");
      await slow.started;
      slow.leave();
      await until(() => server.ends.length > 0, "the end of the session");
      assert.match(server.ends.join(), /^transport error: data request/);
      assert.equal(server.engine.clientsCount, 0);
    });

    it("ends a session whose post never ends", async () => {
      await using server = await startEcho({ pingInterval: 100, pingTimeout: 100 });
      const peer = await RawPolling.open(server.url);
      const slow = slowPost(peer.url, "4a");
      assert.match(await within(slow.answer, "the end of the post"), /^HTTP\/1.1 400/);
      assert.deepEqual(server.ends, ["ping timeout"]);
    });

    it("ends a session whose post takes too long", async () => {
      await using server = await startEcho({ httpRequestBodyTimeout: 300 });
      const peer = await RawPolling.open(server.url);
      assert.equal((await peer.post("4a")).status, 200);
      const slow = slowPost(peer.url, "4a");
      const answer = await within(slow.answer, "the end of the post");
      assert.match(answer, /^HTTP\/1.1 408/);
      assert.match(answer, /\r\nconnection: close\r\n/i);
      assert.deepEqual(server.ends, ["transport error: http request timeout"]);
    });

    it("answers other methods by 500", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      assert.equal((await fetch(peer.url, { method: "PUT", body: "4a" })).status, 500);
      assert.equal((await fetch(peer.url, { method: "DELETE" })).status, 500);
      assert.equal((await peer.post("4a")).status, 200);
    });

    it("ends a waiting poll by a noop when the client closes", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      const poll = peer.get();
      await until(() => session.writable, "the poll");
      assert.deepEqual(await peer.post("1"), { status: 200, body: "ok" });
      assert.equal(await poll, "6");
      assert.deepEqual(server.ends, ["transport close: closed by the client"]);
    });

    it("sends the close packet behind what still waits", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      session.send("last").close();
      assert.equal(session.readyState, "closing");
      session.send("too late");
      assert.equal(await peer.get(), "4last");
      assert.deepEqual(server.ends, []);
      assert.equal(await peer.get(), "6\x1e1");
      assert.deepEqual(server.ends, ["forced close"]);
    });

    it("drops what waits if asked, and waits for nobody", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      (await connected).send("last").close(true);
      assert.deepEqual(server.ends, ["forced close"]);
      assert.equal(await peer.get(), '{"code":1,"message":"Session ID unknown"}');
      const another = server.session();
      const poll = (await RawPolling.open(server.url)).get();
      const session = await another;
      await until(() => session.writable, "the poll");
      session.close(true);
      assert.equal(await poll, "1");
    });

    it("lets a session that is closing be ended at once", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await RawPolling.open(server.url);
      const session = await connected;
      session.close();
      assert.equal(session.readyState, "closing");
      session.close(true);
      assert.equal(session.readyState, "closed");
      assert.deepEqual(server.ends, ["forced close"]);
    });

    it("waits for the client of a session that is closing no longer than for one that is asked", async () => {
      await using server = await startEcho({ pingInterval: 300, pingTimeout: 300 });
      const connected = server.session();
      await RawPolling.open(server.url);
      const session = await connected;
      session.close();
      assert.deepEqual(await within(once(session, "close"), "the end", 5000), [
        "ping timeout",
        undefined,
      ]);
      assert.equal(server.engine.clientsCount, 0);
    });

    it("shows a listener of close what was not sent", async () => {
      await using server = await startEcho();
      const connected = server.session();
      await RawPolling.open(server.url);
      const session = await connected;
      let left: unknown;
      session.on("close", () => left = session.writeBuffer.map(({ frames }) => frames));
      session.send("a").send("b").close(true);
      assert.deepEqual(left, [["4a"], ["4b"]]);
      assert.deepEqual(session.writeBuffer, []);
    });

    it("shows what it sends because of the heartbeat", async () => {
      await using server = await startEcho({ allowEIO3: true, pingInterval: 50 });
      const seen: unknown[] = [];
      server.engine.on("connection", (session) => {
        session.on("packetCreate", (packet) => seen.push([session.protocol, packet]));
      });
      const url = engineUrl(server.url, { EIO: "3", transport: "polling", b64: "1" });
      const sid = /"sid":"([^"]+)"/.exec(await (await fetch(url)).text())![1];
      await (await fetch(`${url}&sid=${sid}`, { method: "POST", body: "1:2" })).text();
      assert.equal(await (await fetch(`${url}&sid=${sid}`)).text(), "1:3");
      assert.deepEqual(seen, [[3, { type: "pong" }]]);
      assert.equal(await (await RawPolling.open(server.url)).get(), "2");
      assert.deepEqual(seen[1], [4, { type: "ping" }]);
    });

    it("notices that the client has left its poll", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      const closed = once(session, "close");
      const controller = new AbortController();
      const poll = fetch(peer.url, { signal: controller.signal }).catch(() => "left");
      await until(() => session.writable, "the poll");
      controller.abort();
      assert.equal(await poll, "left");
      assert.deepEqual(await closed, [
        "transport error",
        { description: "poll connection closed prematurely" },
      ]);
      assert.equal(server.engine.clientsCount, 0);
    });

    it("pings, and closes when no pong comes", async () => {
      await using server = await startEcho({ pingInterval: 50, pingTimeout: 500 });
      const peer = await RawPolling.open(server.url);
      for (let i = 0; i < 3; i++) {
        assert.equal(await peer.get(), "2");
        assert.equal((await peer.post("3")).status, 200);
      }
      assert.equal(await peer.get(), "2");
      assert.equal(await peer.get(), "1");
      assert.deepEqual(server.ends, ["ping timeout"]);
      assert.equal(server.engine.clientsCount, 0);
    });

    it("takes no ping from a client of protocol 4", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      await peer.post("2");
      assert.deepEqual(server.ends, ["transport error: invalid heartbeat direction"]);
    });

    it("ignores packets that only a server sends", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      assert.equal((await peer.post("0{}\x1e5\x1e6\x1e4a")).status, 200);
      assert.equal(await peer.get(), "4a");
    });

    it("drops a volatile message unless a poll waits", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      session.send("lost", { volatile: true });
      const poll = peer.get();
      await until(() => session.writable, "the poll");
      session.send("1", { volatile: true }).send("2", { volatile: true });
      assert.equal(await poll, "41");
      await peer.post("4end");
      assert.equal(await peer.get(), "4end");
    });

    it("ends a client that takes nothing", async () => {
      await using server = await startEcho({ maxBackpressure: 10_000 });
      const connected = server.session();
      await RawPolling.open(server.url);
      const session = await connected;
      for (let i = 0; i < 20; i++) session.send("x".repeat(1000));
      assert.deepEqual(server.ends, ["transport error: too much is waiting for the client"]);
      assert.equal(server.engine.clientsCount, 0);
    });

    it("compresses long answers if the client takes that", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      const long = "4" + "a".repeat(5000);
      for (const encoding of ["gzip", "deflate"] as const) {
        await peer.post(long);
        const response = await fetch(peer.url, { headers: { "accept-encoding": encoding } });
        assert.equal(response.headers.get("vary"), "Accept-Encoding");
        assert.equal(await decoded(response, encoding), long);
      }
      await peer.post(long);
      const plain = await fetch(peer.url, { headers: { "accept-encoding": "identity" } });
      assert.equal(plain.headers.get("content-encoding"), null);
      assert.equal(await plain.text(), long);
    });

    it("sends a first packet along if there is one", async () => {
      await using server = await startEcho({ initialPacket: "welcome" });
      const response = await fetch(engineUrl(server.url, { transport: "polling" }));
      const [open, first] = (await response.text()).split("\x1e");
      assert.match(String(open), /^0\{.*\}$/);
      assert.equal(first, "4welcome");
      await using socket = await RawWebSocket.open(server.url);
      assert.match(String(await socket.next()), /^0/);
      assert.equal(await socket.next(), "4welcome");
    });

    it("speaks protocol 3 by JSONP", async () => {
      await using server = await startEcho({ allowEIO3: true });
      const query = { EIO: "3", transport: "polling", b64: "1" };
      const called = async (sid: string, j: string) => {
        const response = await fetch(engineUrl(server.url, { ...query, sid, j }));
        assert.equal(response.headers.get("content-type"), "text/javascript; charset=UTF-8");
        const script = await response.text();
        assert.ok(script.startsWith(`___eio[${j}](`) && script.endsWith(");"), script);
        return JSON.parse(script.slice(`___eio[${j}](`.length, -2)) as string;
      };
      const open = await called("", "0");
      const { sid } = JSON.parse(open.slice(open.indexOf("{")));
      const form = new URLSearchParams({ d: "4:4a\\nb" });
      const post = await fetch(engineUrl(server.url, { ...query, sid, j: "1" }), {
        method: "POST",
        body: form,
      });
      assert.deepEqual([await post.text(), post.headers.get("content-type")], ["ok", "text/html"]);
      assert.equal(await called(sid, "2"), "4:4a\nb");
    });

    it("says of each answer what it is, and that none is to be kept", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      const type = ({ headers }: Response) => headers.get("content-type")?.replaceAll(" ", "");
      const posted = await fetch(peer.url, { method: "POST", body: "4é\x1e4b" });
      assert.deepEqual([await posted.text(), type(posted)?.toLowerCase()], ["ok", PLAIN]);
      const polled = await fetch(peer.url);
      const { headers } = polled;
      assert.equal(await polled.text(), "4é\x1e4b");
      assert.equal(type(polled)?.toLowerCase(), "text/plain;charset=utf-8");
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(
        headers.get("content-length"),
        String(new TextEncoder().encode("4é\x1e4b").length),
      );
    });

    it("takes no request that announces its length in two ways", async () => {
      await using server = await startEcho();
      const peer = await RawPolling.open(server.url);
      const chunked = "transfer-encoding: chunked";
      for (const lines of [["content-length: 2", chunked], [chunked, "content-length: 2"]]) {
        const { answer } = sendRaw(peer.url, lines, "3\r\n4ab\r\n0\r\n\r\n");
        assert.match(await answer, /^HTTP\/1.1 400 /);
      }
      assert.equal((await peer.post("4c")).status, 200);
      assert.equal(await peer.get(), "4c");
    });

    // What is left then is a server that knows nothing of the session.
    const gone = relayed ? 400 : 503;

    it("ends everything when it is closed", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      const poll = peer.get();
      await until(() => session.writable, "the poll");
      await server.engine.close();
      assert.equal(await poll, "1");
      assert.deepEqual(server.ends, ["server shutting down"]);
      assert.equal((await fetch(peer.url)).status, gone);
      assert.equal(server.engine.clientsCount, 0);
    });

    it("answers a waiting poll with what was sent before it is closed, and the next one with the end", async () => {
      await using server = await startEcho({ cors: { origin: "*" } });
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      const session = await connected;
      const poll = peer.packets();
      await until(() => session.writable, "the poll");
      session.send("1").send("2");
      const closing = server.engine.close();
      assert.deepEqual(server.ends, ["server shutting down"]);
      assert.equal(server.engine.clientsCount, 0);
      assert.deepEqual(await poll, ["41", "42"]);
      assert.deepEqual(await peer.post("4late"), { status: 200, body: "ok" });
      const stranger = await fetch(engineUrl(server.url, { transport: "polling" }));
      assert.equal(stranger.status, 503);
      const last = await fetch(peer.url, { headers: { origin: "http://elsewhere" } });
      assert.equal(last.headers.get("access-control-allow-origin"), "*");
      assert.equal(await last.text(), "6\x1e1");
      await closing;
      assert.equal((await fetch(peer.url)).status, gone);
    });

    it("waits for the poll of a client for which something waits, but not for ever", async () => {
      await using server = await startEcho({ maxConnectionsPerAddress: 2 });
      const first = server.session();
      const peer = await RawPolling.open(server.url);
      (await first).send("1");
      const second = server.session();
      const silent = await RawPolling.open(server.url);
      (await second).send("2");
      const closing = server.engine.close();
      assert.equal(await peer.get(), "41");
      assert.equal(await peer.get(), "6\x1e1");
      assert.equal((await fetch(peer.url)).status, 503);
      await within(closing, "the server to close", 3000);
      assert.equal((await fetch(silent.url)).status, gone);
      const { port } = await server.engine.listen({ port: 0, hostname: "127.0.0.1" });
      const url = `http://127.0.0.1:${port}`;
      await Promise.all([RawPolling.open(url), RawPolling.open(url)]);
    });

    it("does not wait for a client for which nothing waits", async () => {
      await using server = await startEcho();
      const connected = server.session();
      const peer = await RawPolling.open(server.url);
      await connected;
      const closing = server.engine.close();
      assert.ok([503, gone].includes((await fetch(peer.url)).status));
      await closing;
    });
  });
}

/** The body of a compressed answer. Some clients decode it by themselves, some do not. */
async function decoded(response: Response, encoding: CompressionFormat): Promise<string> {
  const body = await response.blob();
  const text = await body.text();
  if (text.startsWith("4")) return text;
  return await new Response(body.stream().pipeThrough(new DecompressionStream(encoding))).text();
}

interface SlowPost {
  readonly started: Promise<void>;
  readonly answer: Promise<string>;
  leave(): void;
}

/** A POST of which all but the last byte is sent. */
function slowPost(url: string, body: string): SlowPost {
  return sendRaw(url, ["Content-Type: text/plain", `Content-Length: ${body.length + 1}`], body);
}

function sendRaw(url: string, headers: readonly string[], body: string): SlowPost {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  const started = new Promise<void>((resolve) => {
    const lines = [`POST ${pathname}${search} HTTP/1.1`, `Host: ${hostname}:${port}`, ...headers];
    socket.write(lines.join("\r\n") + "\r\n\r\n" + body, () => resolve());
  });
  const answer = new Promise<string>((resolve) => {
    socket.once("data", (data) => {
      resolve(String(data));
      socket.destroy();
    });
    socket.once("close", () => resolve("closed"));
    socket.on("error", () => {});
  });
  return { started, answer, leave: () => void socket.destroy() };
}
