import { endSockets } from "../../../../server/namespace/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

function namespace(log: string[], name: string, drained?: Promise<void>) {
  const adapter = drained === undefined ? {} : { drain: () => drained };
  const socket = { closed: (reason: string) => void log.push(`${name}: ${reason}`) };
  return { adapter, sockets: new Map([["id", socket]]) };
}

describe("endSockets()", () => {
  it("ends all at once where nothing is held back", () => {
    const log: string[] = [];
    const namespaces = new Map([["/", namespace(log, "/")], ["/a", namespace(log, "/a")]]);
    assert.equal(endSockets(namespaces), undefined);
    assert.deepEqual(log, ["/: server shutting down", "/a: server shutting down"]);
  });

  it("waits for adapters that hold something back, and ends who came meanwhile as well", async () => {
    const log: string[] = [];
    const drained = Promise.withResolvers<void>();
    const namespaces = new Map([
      ["/", namespace(log, "/")],
      ["/a", namespace(log, "/a", drained.promise)],
    ]);
    const ended = endSockets(namespaces);
    namespaces.set("/late", namespace(log, "/late"));
    await Promise.resolve();
    assert.deepEqual(log, []);
    drained.resolve();
    await ended;
    assert.equal(log.length, 3);
  });
});
