import { assert, describe, it } from "../../../harness/mod.ts";
import { decodeBase64 } from "../../../../parser/engine/mod.ts";
import { encodingFor } from "../../../../server/engine/compression.ts";
import { cookieMaker } from "../../../../server/engine/cookie.ts";
import { randomId } from "../../../../server/engine/id.ts";
import { parseQuery, pathOf } from "../../../../server/engine/query.ts";
import { Rejection } from "../../../../server/engine/rejection.ts";
import { snapshot } from "../../../../server/engine/snapshot.ts";
import { UrlReader } from "../../../../server/engine/url_reader.ts";
import { verify, verifyProtocol } from "../../../../server/engine/verify.ts";
import { isLonger, utf8Length } from "../../../../server/engine/websocket.ts";

describe("parseQuery()", () => {
  const cases: [string, object][] = [
    ["", {}],
    ["EIO=4&transport=polling", { EIO: "4", transport: "polling" }],
    ["transport=websocket&sid=a-b_c&t=123", { transport: "websocket", sid: "a-b_c" }],
    ["sid", { sid: "" }],
    ["&&sid=x&&", { sid: "x" }],
    ["sid=a%2Bb+c", { sid: "a+b c" }],
    ["sid=%", { sid: "%" }],
    ["sid=a=b", { sid: "a=b" }],
    ["sid=a&sid=b", { sid: "a,b" }],
    ["EIO=4&transport=polling&sid=a%20b&EIO=4&transport=polling&sid=a+b", {
      EIO: "4",
      transport: "polling",
      sid: "a b",
    }],
    ["transport=polling&transport=polling&transport=websocket", {
      transport: "polling,websocket",
    }],
    ["sid=a&sid=b&sid=a", { sid: "a,b,a" }],
    ["__proto__=x&constructor=y&sid=__proto__", { sid: "__proto__" }],
    ["b64=1&j=0", { b64: "1", j: "0" }],
    ["EIO=44&transport=pollings&sid=polling&j=4", {
      EIO: "44",
      transport: "pollings",
      sid: "polling",
      j: "4",
    }],
    ["eio=4&TRANSPORT=polling&transpor=x&transports=y&i=1&sidx=2", {}],
    ["EIO=4&EIO=3", { EIO: "4,3" }],
  ];
  for (const [query, expected] of cases) {
    it(`reads ${JSON.stringify(query)}`, () =>
      assert.deepEqual(
        [{ ...parseQuery(query) }, { ...parseQuery("sid=before?" + query, 11) }],
        [expected, expected],
      ));
  }
});

describe("pathOf()", () => {
  const cases: [string, string][] = [
    ["http://host/socket.io/?a=b", "/socket.io/"],
    ["https://host:8080/a/b", "/a/b"],
    ["http://host/", "/"],
    ["http://host", ""],
    ["http://[::1]:3000/x?y=/z?", "/x"],
    ["/x/?ref=http://host/y", "/x/"],
    ["/", "/"],
  ];
  for (const [url, path] of cases) {
    it(`finds the path of ${url}`, () => {
      const { start, end } = pathOf(url);
      assert.equal(url.slice(start, end), path);
    });
  }
});

describe("UrlReader.read()", () => {
  const strict = new UrlReader("/io/", false);
  const bare = new UrlReader("/io", true);
  const cases: [string, string | undefined, string | undefined][] = [
    ["http://host/io/?sid=a", " a", " a"],
    ["/io/?sid=a&ref=http://host/y", " a", " a"],
    ["http://host/io/file.js", "file.js ", "file.js "],
    ["http://host/io/a/b?sid=x", "a/b x", "a/b x"],
    ["http://host/io?sid=a", undefined, " a"],
    ["http://host/iota/?sid=a", undefined, undefined],
    ["http://host/other", undefined, undefined],
    ["http://host", undefined, undefined],
  ];
  const told = (reader: UrlReader, url: string) => {
    const asked = reader.read(url);
    return asked && `${asked.file} ${asked.query.sid ?? ""}`;
  };
  for (const [url, ofStrict, ofBare] of cases) {
    it(`tells whom ${url} is for, and what it asks`, () => {
      assert.deepEqual([told(strict, url), told(bare, url)], [ofStrict, ofBare]);
    });
  }

  it("reads each of many URLs in turn as if it were the only one", () => {
    for (const [a] of cases) {
      for (const [b, expected] of cases) {
        strict.read(a);
        assert.equal(told(strict, b), expected, `${b} after ${a}`);
        assert.equal(told(strict, b), expected, `${b} again`);
      }
    }
  });
});

describe("verify()", () => {
  const session = (name: "polling" | "websocket") => ({ transport: { name } });
  const polling = session("polling");
  const websocket = session("websocket");
  const rules = {
    transports: ["polling", "websocket"],
    sessions: new Map([["p", polling], ["w", websocket]]),
  };
  const check = (query: object, more: object = {}) =>
    verify({ query, method: "GET", origin: null, upgrade: false, ...more }, rules);
  const refused: [string, object, object, number, string?][] = [
    ["no transport", {}, {}, 0],
    ["an unknown transport", { transport: "tin" }, {}, 0],
    ["an inherited name as transport", { transport: "constructor" }, {}, 0],
    ["a transport given twice", { transport: "polling,polling" }, {}, 0],
    ["a bad origin", { transport: "polling" }, { origin: "a\u0001b" }, 3, "INVALID_ORIGIN"],
    ["an unknown sid", { transport: "polling", sid: "x" }, {}, 1],
    ["an inherited name as sid", { transport: "polling", sid: "__proto__" }, {}, 1],
    ["another method", { transport: "polling" }, { method: "POST" }, 2],
    [
      "websocket without an upgrade",
      { transport: "websocket" },
      {},
      3,
      "TRANSPORT_HANDSHAKE_ERROR",
    ],
    [
      "a poll of an upgraded session",
      { transport: "polling", sid: "w" },
      {},
      3,
      "TRANSPORT_MISMATCH",
    ],
    [
      "websocket without an upgrade and a sid",
      { transport: "websocket", sid: "p" },
      {},
      3,
      "TRANSPORT_MISMATCH",
    ],
    [
      "the transport before the origin",
      { transport: "tin" },
      { origin: "\u0001" },
      0,
    ],
    ["the sid before the method", { transport: "polling", sid: "x" }, { method: "PUT" }, 1],
  ];
  for (const [what, query, more, code, name] of refused) {
    it(`refuses ${what}`, () => {
      const result = check(query, more);
      assert.ok(result instanceof Rejection);
      assert.equal(result.code, code);
      assert.equal(result.status, 400);
      if (name !== undefined) assert.equal(result.context["name"], name);
    });
  }

  it("finds the session of a request", () => {
    assert.equal(check({ transport: "polling", sid: "p" }), polling);
    assert.equal(check({ transport: "websocket", sid: "p" }, { upgrade: true }), polling);
    assert.equal(check({ transport: "websocket", sid: "w" }, { upgrade: true }), websocket);
  });

  it("lets a handshake pass, with an empty sid as well", () => {
    assert.equal(check({ transport: "polling" }), undefined);
    assert.equal(check({ transport: "polling", sid: "" }), undefined);
    assert.equal(check({ transport: "websocket" }, { upgrade: true }), undefined);
  });

  it("takes protocol 4, and 3 where it is allowed", () => {
    const codes = ["4", "3", "2", "abc", "4,4", undefined].map((EIO) =>
      [true, false].map((allowEIO3) =>
        verifyProtocol(EIO === undefined ? {} : { EIO }, { allowEIO3 })?.code
      )
    );
    const no = [5, 5];
    assert.deepEqual(codes, [[undefined, undefined], [undefined, 5], no, no, no, no]);
  });

  it("tells the protocol that is not spoken here as a number", () => {
    const told = [{ EIO: "5" }, { EIO: "3" }, {}, { EIO: "x" }, { EIO: "4,4" }, { EIO: "" }]
      .map((query) => verifyProtocol(query, { allowEIO3: false })?.context);
    assert.deepEqual(told, [5, 3, 3, 3, 3, 3].map((protocol) => ({ protocol })));
  });
});

describe("encodingFor()", () => {
  const cases: [string | null, string | undefined][] = [
    [null, undefined],
    ["", undefined],
    ["gzip", "gzip"],
    ["deflate, gzip;q=0.5", "gzip"],
    ["gzip;q=0, deflate", "deflate"],
    ["GZIP", "gzip"],
    ["*", "gzip"],
    ["br", undefined],
    ["identity;q=1, *;q=0", undefined],
    [",".repeat(65_536), undefined],
  ];
  for (const [header, encoding] of cases) {
    it(`reads ${JSON.stringify(header?.slice(0, 40))}`, () =>
      assert.equal(encodingFor(header), encoding));
  }
});

describe("cookieMaker()", () => {
  it("has the defaults of the reference", () => {
    assert.equal(cookieMaker({})("a b"), "io=a%20b; Path=/; HttpOnly; SameSite=Lax");
  });

  it("writes every attribute", () => {
    const make = cookieMaker({
      name: "sid",
      path: "/x",
      domain: "example.org",
      httpOnly: false,
      secure: true,
      sameSite: "none",
      maxAge: 60.5,
      expires: new Date(0),
      partitioned: true,
      priority: "high",
    });
    assert.equal(
      make("1"),
      "sid=1; Max-Age=60; Domain=example.org; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; " +
        "Secure; Partitioned; Priority=High; SameSite=None",
    );
  });

  it("refuses what would break out of the header", () => {
    for (const name of ["a b", "a\r\nb", "", "a=b", "é"]) {
      assert.throws(() => cookieMaker({ name }), TypeError, name);
    }
    for (const path of ["/;x", "/\r\nset-cookie: a=b", "/é"]) {
      assert.throws(() => cookieMaker({ path }), TypeError, path);
    }
  });
});

describe("randomId()", () => {
  it("repeats none of a hundred thousand ids of 20 characters", () => {
    const ids = new Set(Array.from({ length: 100_000 }, randomId));
    assert.equal(ids.size, 100_000);
    for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{20}$/);
  });

  it("leaves each of its 120 bits to chance", () => {
    const ones = Array<number>(120).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const bytes = decodeBase64(randomId().replaceAll("-", "+").replaceAll("_", "/"));
      for (let bit = 0; bit < 120; bit++) ones[bit]! += bytes[bit >> 3]! >> (bit & 7) & 1;
    }
    // Six times the standard deviation: once in a million runs for one of the bits.
    for (const count of ones) assert.ok(Math.abs(count - 10_000) < 425, `${count}`);
  });
});

describe("snapshot()", () => {
  it("keeps the URL, the method and the headers", () => {
    const request = new Request("http://host/path?x=1", {
      headers: [["X-A", "1"], ["x-a", "2"], ["sec-websocket-key", "secret"]],
    });
    const { url, method, headers } = snapshot(request);
    assert.equal(url, "http://host/path?x=1");
    assert.equal(method, "GET");
    assert.equal(headers["x-a"], "1, 2");
    assert.equal(headers["sec-websocket-key"], undefined);
    assert.equal(headers["constructor"], undefined);
  });

  it("takes the host of the URL where no header has one, as with HTTP/2 on Deno", () => {
    const hostOf = (url: string, headers: Record<string, string> = {}) =>
      // A `Request` that a program makes has no URL without a host.
      snapshot({ url, method: "GET", headers: new Headers(headers) } as Request).headers["host"];
    assert.equal(hostOf("https://host:8443/path?x=1"), "host:8443");
    assert.equal(hostOf("http://[::1]:3000?x"), "[::1]:3000");
    assert.equal(hostOf("https://host/path", { host: "other" }), "other");
    assert.equal(hostOf("/path?x=http://host/"), undefined);
    assert.equal(hostOf("http+unix://%2Ftmp%2Fio.sock/path"), undefined);
  });
});

describe("isLonger()", () => {
  const texts = ["", "abc", "é", "€", "😀", "a\ud800b", "x€".repeat(100)];
  it("counts bytes of UTF-8", () => {
    for (const text of texts) {
      const length = new TextEncoder().encode(text.toWellFormed()).length;
      if (text.isWellFormed()) assert.equal(utf8Length(text), length, text);
      assert.equal(isLonger(text.toWellFormed(), length), false, text);
      if (length > 0) assert.equal(isLonger(text.toWellFormed(), length - 1), true, text);
    }
    assert.equal(isLonger(new Uint8Array(3), 3), false);
    assert.equal(isLonger(new Uint8Array(4), 3), true);
  });
});
