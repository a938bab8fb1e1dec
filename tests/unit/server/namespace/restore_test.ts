import { createJsonParser } from "../../../../parser/mod.ts";
import {
  LocalAdapter,
  type RestoredSession,
  type Session,
} from "../../../../server/adapter/mod.ts";
import { Connection, Directory } from "../../../../server/namespace/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { FakeLink, FakeServer } from "./fakes.ts";

/** Connects a client that names a session, with an adapter that restores sessions like this. */
async function comeBack(restoreSession: () => RestoredSession | Promise<RestoredSession>) {
  const reported: unknown[] = [];
  let ids = 0;
  class Adapter extends LocalAdapter {
    restoreSession = restoreSession;
  }
  const directory = new Directory({
    maxEmpty: Infinity,
    context: {
      createAdapter: (scope) => new Adapter(scope),
      newId: () => `id${++ids}`,
      reportError: (error) => reported.push(error),
      publish: undefined,
      recovery: { skipMiddlewares: true, maxDisconnectionDuration: 1000 },
    },
  });
  directory.of("/");
  const link = new FakeLink();
  link.handler = new Connection(link, {
    directory,
    parsers: [createJsonParser()],
    maxNamespaces: 1,
    maxHeldBytes: 10_000,
    settled() {},
  }, true);
  link.receive('0{"pid":"private","offset":"1"}');
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  return { reported, sent: link.take() };
}

describe("a client that comes back", () => {
  it("is asked nothing more when it goes while its session is looked for", async () => {
    const session = { sid: "old", pid: "private", rooms: [], data: {}, missedPackets: [] };
    for (const ended of [false, true]) {
      for (const leave of ["goes", "asks anew"] as const) {
        const found = Promise.withResolvers<RestoredSession>();
        const kept: Session[] = [];
        class Adapter extends LocalAdapter {
          restoreSession = () => found.promise;
          persistSession = (session: Session) => kept.push(session);
        }
        const recovery = { skipMiddlewares: false };
        const server = new FakeServer(Infinity, (scope) => new Adapter(scope), recovery);
        const namespace = server.directory.of("/");
        let asked = 0;
        namespace.use(() => void asked++);
        const link = server.link().receive('0{"pid":"private","offset":"1"}');
        if (leave === "goes") link.handler?.close("transport close");
        else link.receive("0");
        assert.equal(namespace.isEmpty, false);
        const restored = { ...session, ended };
        found.resolve(restored);
        await new Promise((resolve) => setTimeout(resolve));
        assert.equal(asked, leave === "goes" ? 0 : 1);
        assert.deepEqual(kept, ended ? [] : [restored]);
        assert.equal(namespace.isEmpty, leave === "goes");
        assert.deepEqual(server.reported, []);
        link.handler?.close("transport close");
      }
    }
  });

  it("takes up what the adapter restores, at once or later", async () => {
    const session = { sid: "old", pid: "private", rooms: [], data: {}, missedPackets: [] };
    for (const restore of [() => session, () => Promise.resolve(session)]) {
      const { sent, reported } = await comeBack(restore);
      assert.deepEqual(sent, ['0{"sid":"old","pid":"private"}']);
      assert.deepEqual(reported, []);
    }
  });

  it("joins anew where the adapter fails, at once or later", async () => {
    const failure = new Error("no session store");
    const fail = () => {
      throw failure;
    };
    for (const restore of [fail, () => Promise.reject(failure)]) {
      const { sent, reported } = await comeBack(restore);
      assert.deepEqual(sent, ['0{"sid":"id1","pid":"id2"}']);
      assert.deepEqual(reported, [failure]);
    }
  });
});
