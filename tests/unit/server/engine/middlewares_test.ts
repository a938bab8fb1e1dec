import { type Middleware, Middlewares } from "../../../../server/engine/middlewares.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const reported: string[] = [];

function list(): Middlewares {
  return new Middlewares((error, { event }) => reported.push(`${event}: ${error}`));
}

function refuse(error: unknown): Response {
  return new Response(`${error}`);
}

/** Leads a request through middlewares; the text of the answer, and how often it reached the end. */
async function run(...middlewares: Middleware[]): Promise<[answer: string, reached: number]> {
  reported.length = 0;
  const all = list();
  for (const middleware of middlewares) all.use(middleware);
  let reached = 0;
  const answer = await all.run(new Request("http://host/"), () => {
    reached++;
    return new Response("engine");
  }, refuse);
  return [await answer.text(), reached];
}

describe("middlewares of the engine", () => {
  it("answer by a Response, at once or later, with next or without", async () => {
    assert.deepEqual(await run(() => new Response("own")), ["own", 0]);
    assert.deepEqual(await run(async (_request) => await new Response("own")), ["own", 0]);
    assert.deepEqual(await run((...[, next]) => next()), ["engine", 1]);
    assert.deepEqual(await run((_request, next) => next(), (_request, next) => next()), [
      "engine",
      1,
    ]);
  });

  it("leave the answer to next, now or later, if they return nothing", async () => {
    const styles: Middleware[] = [
      (_request, next) => void next(),
      (_request, next) => void queueMicrotask(next),
      (...[, next]) => void queueMicrotask(next),
      async (_request, next) => void await next(),
    ];
    for (const middleware of styles) assert.deepEqual(await run(middleware), ["engine", 1]);
  });

  it("let nobody pass by returning nothing", async () => {
    const forgetful: Middleware[] = [
      async () => {},
      async (_request) => {},
      async (..._args) => {},
    ];
    for (const middleware of forgetful) {
      const [answer, reached] = await run(middleware);
      assert.match(answer, /^TypeError: .*no Response/);
      assert.equal(reached, 0);
    }
    const all = list();
    const { promise, resolve } = Promise.withResolvers<() => void>();
    all.use((_request, next) => resolve(next));
    let passed = false;
    const answer = all.run(new Request("http://host/"), () => new Response("engine"), refuse)
      .finally(() => passed = true);
    const next = await promise;
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assert.equal(passed, false);
    next();
    assert.equal(await (await answer).text(), "engine");
  });

  it("let nobody pass by anything else that is no Response", async () => {
    for (const value of [true, null, "x", {}]) {
      const [answer, reached] = await run(() => value as unknown as Response);
      assert.match(answer, /^TypeError: .*no Response/);
      assert.equal(reached, 0);
    }
  });

  it("refuse by next(error), however it was called, and by a failure, which is reported", async () => {
    const denied = new Error("denied");
    const refusals: Middleware[] = [
      (_request, next) => next(denied),
      (_request, next) => void next(denied),
      (_request, next) => void queueMicrotask(() => next(denied)),
      async (_request, next) => void await next(denied),
    ];
    for (const middleware of refusals) {
      assert.deepEqual(await run(middleware), ["Error: denied", 0]);
      assert.deepEqual(reported, []);
    }
    const failures: Middleware[] = [
      () => Promise.reject(denied),
      () => {
        throw denied;
      },
    ];
    for (const middleware of failures) {
      assert.deepEqual(await run(middleware), ["Error: denied", 0]);
      assert.deepEqual(reported, ["middleware: Error: denied"]);
    }
  });

  it("reach what is behind them once, and the first call of next decides", async () => {
    assert.deepEqual(await run((_request, next) => next().then(() => next())), ["engine", 1]);
    const late: Middleware = (_request, next) => {
      void next();
      return next(new Error("late"));
    };
    assert.deepEqual(await run(late), ["engine", 1]);
  });

  it("are those that were there when the request came", async () => {
    const all = list();
    all.use((_request, next) => {
      all.use(() => new Response("new"));
      return next();
    });
    const answer = await all.run(
      new Request("http://host/"),
      () => new Response("engine"),
      refuse,
    );
    assert.equal(await answer.text(), "engine");
  });

  it("are no functions for Node, which take three parameters", () => {
    const all = list();
    const express = (_req: unknown, _res: unknown, _next: unknown) => {};
    assert.throws(() => all.use(express as unknown as Middleware), {
      name: "TypeError",
      message: /\(request, next\).*docs\/migrating\.md/,
    });
    assert.throws(() => all.use("x" as unknown as Middleware), TypeError);
    assert.equal(all.size, 0);
  });
});
