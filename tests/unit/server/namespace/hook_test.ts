import { type Hook, type Next, runHooks } from "../../../../server/namespace/hook.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { FakeServer } from "./fakes.ts";

/** Lets promises that are settled already take their turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Runs one hook; what it decided, if it has, and a later call of the `next` that it kept. */
class Run {
  readonly decided: (string | undefined)[] = [];
  readonly failed: string[] = [];

  constructor(hook: Hook<string>) {
    runHooks([hook], "subject", {
      done: (error) => this.decided.push(error?.message),
      failed: (error) => this.failed.push(`${error}`),
    });
  }
}

describe("what a hook returns", () => {
  let later: Next;
  const keep = (_subject: string, next: Next): unknown => void (later = next);

  const waiting: Record<string, Hook<string>> = {
    "a list of parameters": (...args) => keep(...args),
    "a list of parameters, async": async (...args) => {
      await Promise.resolve();
      keep(...args);
    },
    "a default for next": (subject, next = () => {}) => keep(subject, next),
    "two parameters": (subject, next) => keep(subject, next),
    "two parameters, async": async (subject, next) => {
      await Promise.resolve();
      keep(subject, next);
    },
    // deno-lint-ignore no-explicit-any
    "arguments": function (this: unknown, _subject: string): any {
      return keep(...arguments as unknown as [string, Next]);
    },
    "a bound function": keep.bind(null),
    "a value": (subject, next) => {
      keep(subject, next);
      return true;
    },
  };
  for (const [name, hook] of Object.entries(waiting)) {
    it(`lets nobody pass without next: ${name}`, async () => {
      const refused = new Run(hook);
      await turns();
      assert.deepEqual(refused.decided, []);
      later(new Error("denied"));
      assert.deepEqual(refused.decided, ["denied"]);
      const passed = new Run(hook);
      await turns();
      later();
      assert.deepEqual(passed.decided, [undefined]);
    });
  }

  it("lets nobody pass without next: one parameter and no promise", async () => {
    const hooks: Hook<string>[] = [(_subject) => {}, (_subject) => true, () => Promise.resolve()];
    for (const hook of hooks) {
      const run = new Run(hook);
      await turns();
      assert.deepEqual(run.decided, []);
    }
  });

  it("lets pass with one parameter and a promise, of whatever kind", async () => {
    const thenable = { then: (done: (value: unknown) => void) => done(1) };
    const hooks: Hook<string>[] = [async (_subject) => {}, (_subject) => thenable];
    for (const hook of hooks) {
      const run = new Run(hook);
      assert.deepEqual(run.decided, []);
      await turns();
      assert.deepEqual(run.decided, [undefined]);
    }
  });

  it("refuses by a rejection or a throw, however many parameters there are", async () => {
    const fail = () => {
      throw new Error("no");
    };
    const hooks: Hook<string>[] = [
      () => Promise.reject(new Error("no")),
      (_subject) => Promise.reject(new Error("no")),
      (_subject, _next) => Promise.reject(new Error("no")),
      (...args) => Promise.reject(new Error(args.length === 2 ? "no" : "?")),
      () => fail(),
      (_subject) => fail(),
      (_subject, _next) => fail(),
    ];
    for (const hook of hooks) {
      const run = new Run(hook);
      await turns();
      assert.deepEqual(run.decided, ["no"]);
    }
  });

  it("counts only if next was not called before", async () => {
    const refused = new Run((...[, next]) => {
      next(new Error("first"));
      return Promise.resolve();
    });
    const passed = new Run((...[, next]) => {
      next();
      return Promise.reject(new Error("late"));
    });
    await turns();
    assert.deepEqual([refused.decided, passed.decided], [["first"], [undefined]]);
    assert.deepEqual([refused.failed, passed.failed], [[], ["Error: late"]]);
  });

  it("is waited for until next is called, or it is through without", async () => {
    let later: Next = () => {};
    let end: (value?: unknown) => void = () => {};
    const outcome = { done() {}, failed() {} };
    const run = (...hooks: Hook<string>[]) => {
      let over = false;
      const running = runHooks(hooks, "subject", outcome);
      running?.then(() => over = true);
      return { running, isOver: () => over };
    };
    const keep: Hook<string> = (_subject, next) => {
      later = next;
      return new Promise((resolve) => end = resolve);
    };
    const never: Hook<string> = (_subject, next) => {
      next();
      return new Promise(() => {});
    };
    assert.equal(run(never, never).running, undefined);
    const called = run(keep, never);
    await turns();
    assert.equal(called.isOver(), false);
    later();
    await turns();
    assert.equal(called.isOver(), true);
    const dropped = run(keep);
    await turns();
    assert.equal(dropped.isOver(), false);
    end();
    await turns();
    assert.equal(dropped.isOver(), true);
    const second = run((_subject, next) => (next(), Promise.resolve()), keep);
    await turns();
    assert.equal(second.isOver(), false);
    later();
    await turns();
    assert.equal(second.isOver(), true);
  });
});

describe("a middleware that wraps another", () => {
  it("lets no client in before it has decided", () => {
    const server = new FakeServer();
    const nexts: Next[] = [];
    const check = (_socket: unknown, next: Next): void => void nexts.push(next);
    server.directory.of("/").use((...args) => check(...args));
    let connections = 0;
    server.directory.of("/").on("connection", () => void connections++);
    const [good, bad] = [server.link().receive("0"), server.link().receive("0")];
    assert.equal(connections, 0);
    nexts[1]?.(new Error("denied"));
    nexts[0]?.();
    assert.deepEqual(bad.take(), ['4{"message":"denied"}']);
    assert.equal(good.take().length, 1);
    assert.equal(connections, 1);
  });

  it("lets no event pass before it has decided", () => {
    const server = new FakeServer();
    const nexts: Next[] = [];
    const check = (_event: unknown, next: Next): void => void nexts.push(next);
    const heard: unknown[] = [];
    server.directory.of("/").on("connection", (socket) => {
      socket.use((...args) => check(...args));
      socket.on("error", ({ message }) => heard.push(message));
      socket.on("say", (text) => heard.push(text));
    });
    server.joined().receive('2["say","a"]', '2["say","b"]');
    assert.deepEqual(heard, []);
    nexts[0]?.(new Error("denied"));
    nexts[1]?.();
    assert.deepEqual(heard, ["denied", "b"]);
  });
});

describe("a middleware that is added while another is at work", () => {
  it("is not for the client on its way in, but for the next", () => {
    const server = new FakeServer();
    const nexts: Next[] = [];
    let later = 0;
    const main = server.directory.of("/");
    main.use((_socket, next) => void nexts.push(next));
    const first = server.link().receive("0");
    main.use((_socket, next) => {
      later++;
      next(new Error("later"));
    });
    nexts[0]?.();
    assert.match(String(first.take()[0]), /^0\{/);
    assert.equal(later, 0);
    const second = server.link().receive("0");
    nexts[1]?.();
    assert.deepEqual(second.take(), ['4{"message":"later"}']);
    assert.equal(later, 1);
  });

  it("is not for the client whose middleware adds it", () => {
    const server = new FakeServer();
    const main = server.directory.of("/");
    main.use((_socket, next) => {
      main.use((_socket, next) => next(new Error("later")));
      next();
    });
    assert.match(String(server.link().receive("0").take()[0]), /^0\{/);
    assert.deepEqual(server.link().receive("0").take(), ['4{"message":"later"}']);
  });

  it("is not for the event that is on its way", () => {
    const server = new FakeServer();
    const heard: unknown[] = [];
    server.directory.of("/").on("connection", (socket) => {
      socket.use((_event, next) => {
        socket.use((_event, next) => next(new Error("later")));
        next();
      });
      socket.on("error", ({ message }) => heard.push(message));
      socket.on("say", (text) => heard.push(text));
    });
    server.joined().receive('2["say","a"]', '2["say","b"]');
    assert.deepEqual(heard, ["a", "later"]);
  });
});
