import { type Adapter, LocalAdapter } from "../../server/adapter/mod.ts";
import type { Server } from "../../mod.ts";
import { assert, it } from "../harness/mod.ts";
import { until } from "../harness/once.ts";
import type { Reported, start as Start } from "../harness/started.ts";
import type { OpenPeer } from "./recovery.ts";

/** Takes out what was reported, as texts. */
function taken(reported: Reported[]): string[] {
  return reported.splice(0).map(({ error, event }) => `${event}: ${(error as Error).message}`);
}

/** A rule for namespaces that waits for its answer. */
function heldRule(io: Server): { asked: string[]; answer(allow: boolean): void } {
  const answers: ((allow: boolean) => void)[] = [];
  const asked: string[] = [];
  io.of((name, _auth, next) => {
    asked.push(name);
    answers.push((allow) => next(null, allow));
  });
  return {
    asked,
    answer: (allow) => answers.splice(0).forEach((answer) => answer(allow)),
  };
}

/** Clients that make a mess of entering, and what fails on their way. */
export function hostileEntrance(start: typeof Start, open: OpenPeer): void {
  it("no namespace is made for a client that left while the rule was at work", async () => {
    await using server = await start({ cleanupEmptyChildNamespaces: true });
    const rule = heldRule(server.io);
    const peer = await open(server.url);
    for (let i = 0; i < 100; i++) await peer.send(`0/dynamic-${i},`);
    await until(() => rule.asked.length === 100, "the rule to be asked");
    await peer.lose();
    await until(() => server.io.engine.clientsCount === 0, "the client to be gone");
    rule.answer(true);
    const witness = await open(server.url);
    await witness.send("0/dynamic-last,");
    await until(() => rule.asked.length === 101, "the rule to be asked again");
    rule.answer(true);
    await witness.packets(1);
    assert.deepEqual([...server.io._nsps.keys()], ["/", "/dynamic-last"]);
    await witness.send("1/dynamic-last,");
    await until(() => server.io._nsps.size === 1, "the namespace to be removed");
  });

  it("a middleware that never answers keeps no namespace of clients that are gone", async () => {
    await using server = await start({ cleanupEmptyChildNamespaces: true });
    let asked = 0;
    server.io.of(/^\/dynamic/).use(() => {
      asked++;
      return new Promise(() => {});
    });
    const peer = await open(server.url);
    for (let i = 0; i < 50; i++) await peer.send(`0/dynamic-${i},`);
    await until(() => asked === 50, "the middleware to be asked");
    assert.equal(server.io._nsps.size, 51);
    await peer.lose();
    await until(() => server.io._nsps.size === 1, "the namespaces to be removed");
  });

  it("who is let in behind one that is refused is in the namespace that the server has", async () => {
    await using server = await start({ cleanupEmptyChildNamespaces: true });
    const rule = heldRule(server.io);
    server.io.on("new_namespace", (namespace) => {
      namespace.use((socket, next) =>
        next(socket.handshake.auth["good"] === true ? undefined : new Error("refused"))
      );
    });
    const peers = [await open(server.url), await open(server.url)];
    await peers[0]!.send('0/dynamic,{"good":false}');
    await until(() => rule.asked.length === 1, "the rule to be asked");
    await peers[1]!.send('0/dynamic,{"good":true}');
    await until(() => rule.asked.length === 2, "the rule to be asked again");
    rule.answer(true);
    assert.deepEqual(await peers[0]!.packets(1), ['4/dynamic,{"message":"refused"}']);
    const [answer] = await peers[1]!.packets(1);
    assert.match(answer!, /^0\/dynamic,/);
    assert.equal(server.io._nsps.get("/dynamic")?.sockets.size, 1);
    server.io.of("/dynamic").emit("news");
    assert.deepEqual(await peers[1]!.packets(1), ['2/dynamic,["news"]']);
  });

  it("300 clients that ask for one new namespace at once meet in one", async () => {
    await using server = await start();
    const rule = heldRule(server.io);
    let made = 0;
    server.io.on("new_namespace", () => void made++);
    const peers = await Promise.all(Array.from({ length: 300 }, () => open(server.url)));
    await Promise.all(peers.map((peer) => peer.send("0/dynamic,")));
    await until(() => rule.asked.length === 300, "the rule to be asked");
    rule.answer(true);
    await Promise.all(peers.map((peer) => peer.packets(1)));
    assert.deepEqual([made, server.io._nsps.get("/dynamic")?.sockets.size], [1, 300]);
  });

  it("an adapter that cannot be made refuses its client, and is reported", async () => {
    await using server = await start({
      adapter: (scope): Adapter => {
        if (scope.name === "/bad") throw new Error("no adapter");
        return new LocalAdapter(scope);
      },
    });
    server.io.of(/^\/(bad|good)$/);
    const peer = await open(server.url);
    await peer.send("0/bad,");
    assert.deepEqual(await peer.packets(1), ['4/bad,{"message":"Invalid namespace"}']);
    await peer.send("0/good,");
    assert.match((await peer.packets(1))[0]!, /^0\/good,/);
    assert.deepEqual(taken(server.reported), ["adapter: no adapter"]);
  });

  it("an adapter whose promises reject is reported, and ends nothing", async () => {
    class Failing extends LocalAdapter {
      override addAll(id: string, rooms: ReadonlySet<string>): Promise<void> {
        super.addAll(id, rooms);
        return Promise.reject(new Error("cannot add"));
      }
      override delAll(id: string): Promise<void> {
        super.delAll(id);
        return Promise.reject(new Error("cannot delete"));
      }
    }
    await using server = await start({
      // Its methods may return promises, as those of an adapter that reaches other servers.
      adapter: Failing as unknown as typeof LocalAdapter,
    });
    const peer = await open(server.url);
    await peer.send("0");
    await peer.packets(1);
    await peer.send("1");
    await until(() => server.reported.length === 2, "both to be reported");
    assert.deepEqual(taken(server.reported), ["adapter: cannot add", "adapter: cannot delete"]);
  });

  const REFUSALS: Record<string, (error: Error, next: (error: Error) => void) => unknown> = {
    "next(error)": (error, next) => next(error),
    "next(error), later": (error, next) => void setTimeout(next, 0, error),
    "a rejected promise": (error) => Promise.reject(error),
  };
  for (const [how, refuse] of Object.entries(REFUSALS)) {
    it(`data that cannot be sent does not keep a client from being refused, by ${how}`, async () => {
      await using server = await start();
      const data: Record<string, unknown> = {};
      data["itself"] = data;
      server.io.use((_socket, next) => refuse(Object.assign(new Error("go away"), { data }), next));
      const peer = await open(server.url);
      await peer.send("0");
      assert.deepEqual(await peer.packets(1), ['4{"message":"go away"}']);
      const [{ event } = {}] = server.reported.splice(0);
      assert.equal(event, "connection");
      assert.equal(server.io.sockets.sockets.size, 0);
    });
  }

  for (const how of ["throws", "rejects"]) {
    it(`a reportError that ${how} ends nothing, and keeps nobody from hearing`, async () => {
      const lines: unknown[][] = [];
      const { error: write } = console;
      console.error = (...line) => lines.push(line);
      try {
        await using server = await start({
          reportError() {
            if (how === "throws") throw new Error("reporter");
            return Promise.reject(new Error("reporter"));
          },
        });
        server.io.on("connection", (socket) => {
          socket.on("ask", () => {
            throw new Error("listener");
          });
          socket.on("ask", (done) => done("heard"));
        });
        const peer = await open(server.url);
        await peer.send("0");
        await peer.packets(1);
        await peer.send('21["ask"]');
        assert.deepEqual(await peer.packets(1), ['31["heard"]']);
      } finally {
        console.error = write;
      }
      const errors = lines.map((line) => (line[1] as Error).message);
      assert.deepEqual(errors, ["listener", "reporter"]);
    });
  }

  it("a client that asks again and again while a middleware is at work enters once", async () => {
    await using server = await start();
    const waiting: (() => void)[] = [];
    server.io.use((_socket, next) => void waiting.push(next));
    let entered = 0;
    server.io.on("connection", () => void entered++);
    const peer = await open(server.url);
    for (let i = 0; i < 50; i++) await peer.send("0");
    await until(() => waiting.length === 50, "the middleware to be asked");
    for (const next of waiting) next();
    const [answer] = await peer.packets(1);
    const { sid } = JSON.parse(answer!.slice(1));
    assert.deepEqual([entered, [...server.io.sockets.sockets.keys()]], [1, [sid]]);
    assert.deepEqual([...server.io.sockets.adapter.sids.keys()], [sid]);
  });

  it("a client that asks again when it was cancelled enters once, and leaves nothing", async () => {
    await using server = await start();
    const waiting: (() => void)[] = [];
    server.io.use((_socket, next) => void waiting.push(next));
    const peer = await open(server.url);
    await peer.send("0");
    await peer.send("0");
    await until(() => waiting.length === 2, "the middleware to be asked twice");
    waiting[0]?.(); // what was cancelled must not make room for a third beside the second
    await peer.send("0");
    await until(() => waiting.length === 3, "the middleware to be asked again");
    for (const next of waiting) next();
    await peer.packets(1);
    assert.equal(server.io.sockets.sockets.size, 1);
    await peer.lose();
    await until(() => server.io.engine.clientsCount === 0, "the client to be gone");
    assert.deepEqual([server.io.sockets.sockets.size, server.io.sockets.adapter.sids.size], [0, 0]);
  });

  it("100 clients that say nothing are gone after connectTimeout", async () => {
    await using server = await start({ connectTimeout: 2000 });
    await Promise.all(Array.from({ length: 100 }, () => open(server.url)));
    assert.equal(server.io.engine.clientsCount, 100);
    await until(() => server.io.engine.clientsCount === 0, "all of them to be gone");
  });
}
