import { addressOf } from "../../../../client/engine/address.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const CASES = [
  ["http://a.com", { port: 81 }, "http://a.com:81/engine.io/"],
  ["http://a.com:82", { port: 81 }, "http://a.com:82/engine.io/"],
  [undefined, { port: 81 }, "http://localhost:81/engine.io/"],
  ["wss://a.com", { hostname: "b.com", secure: false }, "https://a.com:443/engine.io/"],
  ["http://[::1]:81?a=b", { path: "/x/" }, "http://[::1]:81/x/?a=b"],
  ["http://a.com?", { query: { c: "ü&" } }, "http://a.com:80/engine.io/?c=%C3%BC%26"],
  ["http://a.com?a=b+c==", {}, "http://a.com:80/engine.io/?a=b%2Bc=="],
  ["http://a.com", { query: { c: "a b+" } }, "http://a.com:80/engine.io/?c=a+b%2B"],
  ["http://a.com?a=b", { query: { c: "d" } }, "http://a.com:80/engine.io/?a=b"],
  [undefined, { hostname: "a.com", host: "b.com" }, "http://a.com:80/engine.io/"],
  [undefined, { host: "a.com", secure: true }, "https://a.com:443/engine.io/"],
  [undefined, { host: "a.com", addTrailingSlash: false }, "http://a.com:80/engine.io"],
  [undefined, { host: "::1", port: "8080" }, "http://[::1]:8080/engine.io/"],
  [
    undefined,
    { hostname: "2001:db8::A:80", secure: true },
    "https://[2001:db8::A:80]:443/engine.io/",
  ],
  ["http://a.com", { port: "" }, "http://a.com:80/engine.io/"],
  ["http://a.com", { path: "" }, "http://a.com:80/engine.io/"],
  [undefined, { host: "a.com", hostname: "" }, "http://a.com:80/engine.io/"],
  [undefined, { host: "[::1]" }, "http://[::1]:80/engine.io/"],
  [undefined, { host: "a.com:81" }, "http://a.com:81/engine.io/"],
] as const;

describe("addressOf()", () => {
  for (const [uri, options, expected] of CASES) {
    it(`joins ${uri ?? "no address"} and ${JSON.stringify(options)}`, () => {
      const { secure, host, path, query } = addressOf(uri, options);
      const url = `http${secure ? "s" : ""}://${host}${path}${query.replace("&", "?")}`;
      assert.equal(url, expected);
    });
  }
});
