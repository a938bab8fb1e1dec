import { Engine, type Next } from "../../../../server/engine/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const PAGE = "http://host/page";

describe("handler(next)", () => {
  const express = Object.assign(() => {}, { handle() {}, use() {}, listen() {} });
  const refused: Record<string, [next: unknown, message: RegExp]> = {
    "an application of express": [express, /express request handler function/],
    "a router": [
      Object.assign(() => {}, { handle() {}, use() {} }),
      /express request handler function/,
    ],
    "an application of a fetch framework": [{ fetch() {} }, /io\.handler\(app\.fetch\)$/],
  };
  for (const [name, [next, message]] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      const engine = new Engine();
      assert.throws(() => engine.handler(next as Next), { name: "TypeError", message });
    });
  }

  it("takes a fetch framework that is a function", async () => {
    const app = Object.assign(() => new Response("page"), { handle() {}, use() {}, fetch() {} });
    const engine = new Engine();
    const answer = await engine.handler(app as Next)(new Request(PAGE));
    assert.equal(await answer.text(), "page");
    await engine.close();
  });

  it("answers 404 where the program has no Response, and reports that once", async () => {
    for (const silent of [() => undefined, async () => await Promise.resolve(null)]) {
      const reported: string[] = [];
      const engine = new Engine({
        reportError: (error, { event }) => reported.push(`${event}: ${error}`),
      });
      const handler = engine.handler(silent as unknown as Next);
      for (let i = 0; i < 2; i++) assert.equal((await handler(new Request(PAGE))).status, 404);
      assert.equal(reported.length, 1);
      assert.match(reported[0] ?? "", /^request: TypeError: .* returned no Response/);
      await engine.close();
    }
  });

  it("reports no request that has become a WebSocket of the program", async () => {
    const reported: unknown[] = [];
    const engine = new Engine({ reportError: (error) => reported.push(error) });
    const handler = engine.handler((() => {}) as unknown as Next);
    await handler(new Request(PAGE, { headers: { upgrade: "websocket" } }));
    assert.deepEqual(reported, []);
    await engine.close();
  });

  it("hands on what the program answers, at once or later", async () => {
    const engine = new Engine();
    const response = new Response("a page");
    assert.equal(await engine.handler(() => response)(new Request(PAGE)), response);
    assert.equal(
      await engine.handler(() => Promise.resolve(response))(new Request(PAGE)),
      response,
    );
    await engine.close();
  });
});
