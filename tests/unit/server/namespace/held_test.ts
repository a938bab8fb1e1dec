import type { Socket } from "../../../../server/namespace/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { type FakeLink, FakeServer } from "./fakes.ts";

// A tenth of what a connection of a FakeServer may hold, in memory: two bytes for each character.
const TENTH = "x".repeat(50_000);

/** Lets promises that are settled already take their turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 100; i++) await Promise.resolve();
}

function connectWith(link: FakeLink, namespace: string, credentials: string): void {
  link.receive(`0${namespace},{"token":"${credentials}"}`);
}

describe("what a connection holds of what its client sent", () => {
  function heldUp(server: FakeServer): { release(): void; ends: unknown[]; heard: unknown[] } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ends: unknown[] = [];
    const heard: unknown[] = [];
    server.directory.of("/").on("connection", (socket: Socket) => {
      socket.use(([event], next) => event === "wait" ? promise.then(() => next()) : next());
      socket.on("say", (_text, number) => heard.push(number));
      socket.on("disconnect", (reason, details) => ends.push([reason, details?.description]));
    });
    return { release: resolve, ends, heard };
  }

  it("is bounded where events wait for a middleware", async () => {
    const server = new FakeServer();
    const { ends, heard, release } = heldUp(server);
    const link = server.joined().receive('2["wait"]');
    for (let i = 0; i < 9; i++) link.receive(`2["say","${TENTH}",${i}]`);
    assert.deepEqual(ends, []);
    link.receive(`2["say","${TENTH}",9]`);
    assert.deepEqual(ends, [[
      "forced server close",
      "more than 1000000 bytes would have to be kept",
    ]]);
    assert.deepEqual(link.closed, [undefined]);
    release();
    await turns();
    assert.deepEqual(heard, []);
  });

  it("is bounded where many short events wait", () => {
    const server = new FakeServer();
    const { ends } = heldUp(server);
    const link = server.joined().receive('2["wait"]');
    let sent = 0;
    for (; ends.length === 0 && sent < 10_000; sent++) link.receive('2["a"]');
    assert.ok(sent > 1000 && sent < 10_000, `${sent}`);
  });

  it("is nothing any more once events have passed, in order", async () => {
    const server = new FakeServer();
    const { ends, heard, release } = heldUp(server);
    const link = server.joined();
    const expected: number[] = [];
    for (let round = 0; round < 5; round++) {
      link.receive('2["wait"]');
      for (let i = 0; i < 9; i++) link.receive(`2["say","${TENTH}",${round * 9 + i}]`);
      for (let i = 0; i < 9; i++) expected.push(round * 9 + i);
      release();
      await turns();
    }
    assert.deepEqual([ends, heard], [[], expected]);
  });

  it("is nothing any more once a socket has left", async () => {
    const server = new FakeServer();
    const { ends, heard, release } = heldUp(server);
    const link = server.joined();
    for (let round = 0; round < 5; round++) {
      link.receive('2["wait"]');
      for (let i = 0; i < 9; i++) link.receive(`2["say","${TENTH}",${i}]`);
      link.receive("1", "0");
    }
    assert.equal(link.closed.length, 0);
    release();
    await turns();
    assert.deepEqual([ends.length, heard], [5, []]);
  });

  it("is bounded in credentials, and given back for namespaces that are left", () => {
    const server = new FakeServer();
    server.directory.of("/");
    for (let i = 0; i < 12; i++) server.directory.of(`/n${i}`);
    const link = server.joined();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 9; i++) connectWith(link, `/n${i}`, TENTH);
      for (let i = 0; i < 9; i++) link.receive(`1/n${i}`);
    }
    for (let i = 0; i < 9; i++) connectWith(link, `/n${i}`, TENTH);
    assert.deepEqual(link.closed, []);
    connectWith(link, "/n9", TENTH);
    assert.deepEqual(link.closed, [undefined]);
    assert.equal(server.directory.of("/").sockets.size, 0);
  });

  for (const how of ["a middleware", "a rule"]) {
    it(`is bounded where a client asks again and again while ${how} is at work`, () => {
      const server = new FakeServer();
      let asked = 0;
      const wait = () => {
        asked++;
        return new Promise<never>(() => {});
      };
      if (how === "a rule") server.directory.of(wait);
      else server.directory.of("/slow").use(wait);
      const link = server.link();
      for (let i = 0; i < 5000; i++) link.receive("0/slow,");
      assert.deepEqual(link.closed, [undefined]);
      assert.ok(asked > 500 && asked < 1000, `${asked}`);
    });
  }

  it("is nothing any more for clients that were refused, or asked anew", async () => {
    const server = new FakeServer();
    server.directory.of("/slow").use(async () => await Promise.reject(new Error("no")));
    server.directory.of(async () => await Promise.resolve(false));
    const link = server.link();
    for (let round = 0; round < 10; round++) {
      for (const name of ["/slow", "/slow", "/unknown", "/unknown"]) connectWith(link, name, TENTH);
      await turns();
    }
    assert.deepEqual(link.closed, []);
    assert.equal(link.take().length, 20);
  });
});
