import { reportListenerError } from "../../../../events/mod.ts";
import { assert, describe, it, mock } from "../../../harness/mod.ts";
import { answerCors, type CorsDelegate, type CorsOptions } from "../../../../server/engine/cors.ts";

const ORIGIN = "https://a.example";

async function ask(cors: CorsOptions | CorsDelegate, init: RequestInit = {}) {
  const headers = { origin: ORIGIN, ...init.headers };
  const answer = await answerCors(
    cors,
    new Request("http://host/", { ...init, headers }),
    reportListenerError,
  );
  const lines: Record<string, string> = {};
  new Headers(answer.headers as [string, string][]).forEach((value, name) => lines[name] = value);
  return { allowed: answer.allowed, status: answer.status, lines };
}

describe("answerCors()", () => {
  const rules: [string, CorsOptions["origin"], string | undefined, boolean][] = [
    ["a star", "*", "*", true],
    ["an origin that fits", ORIGIN, ORIGIN, true],
    ["an origin that does not fit", "https://b.example", "https://b.example", false],
    ["true", true, ORIGIN, true],
    ["false", false, undefined, false],
    ["a pattern that fits", /\.example$/, ORIGIN, true],
    ["a sticky pattern", /https/y, ORIGIN, true],
    ["a pattern that does not fit", /\.org$/, undefined, false],
    ["a list that fits", ["https://b.example", /a\.ex/], ORIGIN, true],
    ["a list that does not fit", ["https://b.example"], undefined, false],
    ["an empty list", [], undefined, false],
    ["a list with a star, which is no origin", ["https://b.example", "*"], undefined, false],
    ["a callback with a star", (_origin, callback) => callback(null, "*"), "*", true],
    ["a callback", (_origin, callback) => callback(null, true), ORIGIN, true],
    ["a callback with an origin", (_origin, callback) => callback(null, ORIGIN), ORIGIN, true],
    ["a callback that says no", (_origin, callback) => callback(null, false), undefined, false],
    ["a promise", (origin) => Promise.resolve(origin === ORIGIN), ORIGIN, true],
  ];
  for (const [what, origin, header, allowed] of rules) {
    it(`goes by ${what}`, async () => {
      const answer = await ask(origin === undefined ? {} : { origin });
      assert.equal(answer.lines["access-control-allow-origin"], header);
      assert.equal(answer.allowed, allowed);
    });
  }

  it("allows everybody by default", async () => {
    assert.deepEqual((await ask({})).lines, { "access-control-allow-origin": "*" });
  });

  it("says that the answer depends on the origin", async () => {
    assert.equal((await ask({ origin: true })).lines["vary"], "Origin");
  });

  it("names credentials and exposed headers", async () => {
    const { lines } = await ask({ credentials: true, exposedHeaders: ["a", "b"] });
    assert.equal(lines["access-control-allow-credentials"], "true");
    assert.equal(lines["access-control-expose-headers"], "a,b");
  });

  it("answers a preflight", async () => {
    const asked = { "access-control-request-headers": "x-one" };
    const { lines, status } = await ask({ maxAge: 5 }, { method: "OPTIONS", headers: asked });
    assert.equal(status, 204);
    assert.deepEqual(lines, {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
      "access-control-allow-headers": "x-one",
      "access-control-max-age": "5",
      "vary": "Access-Control-Request-Headers",
    });
  });

  it("takes methods, headers and the status from the options", async () => {
    const { lines, status } = await ask({
      methods: ["GET", "POST"],
      allowedHeaders: "x-two",
      optionsSuccessStatus: 200,
    }, { method: "OPTIONS" });
    assert.equal(status, 200);
    assert.equal(lines["access-control-allow-methods"], "GET,POST");
    assert.equal(lines["access-control-allow-headers"], "x-two");
  });

  it("knows allowedHeaders by its short name, too", async () => {
    const asked = { "access-control-request-headers": "x-one" };
    const headersFor = async (cors: CorsOptions) =>
      (await ask(cors, { method: "OPTIONS", headers: asked }))
        .lines["access-control-allow-headers"];
    assert.equal(await headersFor({ headers: ["x-two", "x-three"] }), "x-two,x-three");
    assert.equal(await headersFor({ headers: "x-two", allowedHeaders: "x-four" }), "x-four");
  });

  it("lets a preflight go on", async () => {
    const { status } = await ask({ preflightContinue: true }, { method: "OPTIONS" });
    assert.equal(status, undefined);
  });

  it("lets a function choose the options by the request", async () => {
    const byCallback: CorsDelegate = (_, callback) => callback(null, { origin: ORIGIN });
    const byPromise: CorsDelegate = (request) =>
      Promise.resolve({ origin: request.headers.get("origin") ?? "" });
    for (const cors of [byCallback, byPromise]) {
      assert.equal((await ask(cors)).lines["access-control-allow-origin"], ORIGIN);
    }
  });

  const refusing: [string, CorsOptions | CorsDelegate][] = [
    ["an origin function", { origin: (_, callback) => callback(new Error("no")) }],
    ["a delegate", (_, callback) => callback(new Error("no"))],
  ];
  for (const [what, cors] of refusing) {
    it(`refuses by the error that ${what} calls back with, and reports nothing`, async () => {
      const written = mock.method(console, "error", () => {});
      try {
        for (const headers of [{ origin: ORIGIN }, undefined]) {
          const answer = await answerCors(
            cors,
            new Request("http://host/", headers && { headers }),
            reportListenerError,
          );
          assert.equal(answer.allowed, false);
          assert.equal(answer.refusal?.status, 400);
          assert.match(String(answer.refusal.context["error"]), /no/);
        }
        assert.equal(written.mock.callCount(), 0);
      } finally {
        written.mock.restore();
      }
    });
  }

  const broken = new Error("broken");
  const failing: [string, CorsOptions | CorsDelegate][] = [
    ["an origin function that throws", { origin: () => fail() }],
    ["an origin function that rejects", { origin: () => Promise.reject(broken) }],
    ["a delegate that throws", () => fail()],
    ["a delegate that rejects", () => Promise.reject(broken)],
  ];
  function fail(): never {
    throw broken;
  }
  for (const [what, cors] of failing) {
    it(`refuses because of ${what}, and reports it once`, async () => {
      const written = mock.method(console, "error", () => {});
      try {
        const answer = await answerCors(cors, new Request("http://host/"), reportListenerError);
        assert.equal(answer.refusal?.context["error"], broken);
        assert.deepEqual(written.mock.calls.map((call) => call.arguments.at(-1)), [broken]);
      } finally {
        written.mock.restore();
      }
    });
  }

  it("reports what a function throws after it has called back", async () => {
    const written = mock.method(console, "error", () => {});
    try {
      const origin: CorsOptions["origin"] = (_, callback) => {
        callback(null, true);
        return fail();
      };
      assert.equal((await ask({ origin })).allowed, true);
      await Promise.resolve();
      assert.deepEqual(written.mock.calls.map((call) => call.arguments.at(-1)), [broken]);
    } finally {
      written.mock.restore();
    }
  });
});
