import { Engine, type EngineOptions } from "../../../../server/engine/mod.ts";
import { afterEach, assert, describe, it } from "../../../harness/mod.ts";
import { within } from "../../../harness/once.ts";

const URL_OF = "http://host/engine.io/?EIO=4&transport=polling";

/** Long polling by requests that a program has made, as a proxy or a test does. */
describe("Engine.fetch() of a poll or a post", () => {
  const engines: Engine[] = [];
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });

  async function open(options: EngineOptions = {}) {
    const engine = new Engine(options);
    engines.push(engine);
    const ask = (url: string, init?: RequestInit) =>
      within(Promise.resolve(engine.fetch(new Request(url, init))), "the answer");
    const handshake = await ask(URL_OF);
    const { sid } = JSON.parse((await handshake.text()).slice(1));
    return {
      engine,
      handshake,
      ask: (init?: RequestInit, more = "") => ask(`${URL_OF}&sid=${sid}${more}`, init),
    };
  }

  it("shows the same headers as the handshake, also to who makes a response of his own of it", async () => {
    const { handshake, ask } = await open();
    const poll = ask();
    assert.equal((await ask({ method: "POST", body: "1" })).status, 200);
    const answer = await poll;
    const copy = new Response(await answer.clone().arrayBuffer(), answer);
    for (const { headers } of [handshake, answer, copy]) {
      assert.equal(headers.get("content-type"), "text/plain; charset=UTF-8");
      assert.equal(headers.get("cache-control"), "no-store");
    }
  });

  it("answers a poll whose client has left before it began to wait", async () => {
    const { engine, ask } = await open();
    const controller = new AbortController();
    engine.use((_request, next) => {
      controller.abort();
      next();
    });
    assert.equal((await ask({ signal: controller.signal })).status, 400);
  });

  it("reads no third post of one stamp while the body of the first may still come", async () => {
    const { engine, ask } = await open();
    const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
    const post = () => {
      const body = new ReadableStream<Uint8Array>({ start: (stream) => void streams.push(stream) });
      const headers = { "content-length": "10" };
      const init = { method: "POST", body, headers, duplex: "half" };
      return ask(init as RequestInit, "&t=~a");
    };
    const [first, second] = [post(), post()];
    assert.equal((await first).status, 400);
    assert.equal(engine.clientsCount, 1);
    // Once the first has come to its end, another may come in place of the second.
    streams[0]?.error(new Error("gone"));
    await new Promise((resolve) => setTimeout(resolve, 0));
    const third = post();
    assert.equal((await second).status, 400);
    assert.equal(engine.clientsCount, 1);
    const fourth = post();
    assert.deepEqual([(await fourth).status, (await third).status], [400, 400]);
    assert.equal(engine.clientsCount, 0);
    for (const stream of streams.slice(1)) stream.error(new Error("gone"));
  });

  it("reads no further in a long body once the session has ended", async () => {
    const { engine, ask } = await open();
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() });
    const headers = { "content-length": "100000" };
    const post = ask({ method: "POST", body, headers, duplex: "half" } as RequestInit);
    await engine.close();
    const answer = await post;
    assert.deepEqual([answer.status, answer.headers.get("connection")], [400, "close"]);
    await within(cancelled.promise, "the end of the reading");
  });

  for (const length of ["2", "9999999"]) {
    it(`does not believe a body that says it has ${length} bytes`, async () => {
      const { ask } = await open({ maxHttpBufferSize: 1000 });
      const headers = { "content-length": length, "transfer-encoding": "chunked" };
      const { status } = await ask({ method: "POST", body: "4".repeat(1001), headers });
      assert.equal(status, 413);
      assert.equal((await ask({ method: "POST", body: "4".repeat(1000) })).status, 200);
    });
  }
});
