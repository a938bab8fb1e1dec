import { assert, describe, it } from "../../../harness/mod.ts";
import { answerCors, type CorsDelegate, type CorsOptions } from "../../../../server/engine/cors.ts";

const ORIGIN = "https://a.example";

async function ask(cors: CorsOptions | CorsDelegate, init: RequestInit = {}) {
  const headers = { origin: ORIGIN, ...init.headers };
  const answer = await answerCors(cors, new Request("http://host/", { ...init, headers }));
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

  it("rejects if a function fails", async () => {
    await assert.rejects(ask({ origin: (_, callback) => callback(new Error("no")) }), /no/);
    await assert.rejects(
      ask({
        origin: () => {
          throw new Error("broken");
        },
      }),
      /broken/,
    );
  });
});
