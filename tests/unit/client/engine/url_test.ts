import { parseAddress } from "../../../../client/engine/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const PAGE = { protocol: "https:", hostname: "page.com", port: "" };
const PORT = { protocol: "http:", hostname: "[::1]", port: "4005" };

const CASES = [
  ["http://a.com", undefined, "http a.com 80  "],
  ["https://a.com", undefined, "https a.com 443  "],
  ["wss://a.com:81/nsp?b=c&d", undefined, "https a.com 81 /nsp b=c&d"],
  ["HTTP://[::1]:3000/", undefined, "http [::1] 3000 / "],
  ["http://user:secret@a.com/x#y", undefined, "http a.com 80 /x "],
  ["localhost:3000", undefined, "http localhost 3000  "],
  ["a.com/x", PAGE, "https a.com 443 /x "],
  ["//a.com:1?q", PAGE, "https a.com 1  q"],
  ["/nsp?q=1", PAGE, "https page.com 443 /nsp q=1"],
  ["", PORT, "http [::1] 4005  "],
  ["", undefined, "http localhost 80  "],
] as const;

describe("parseAddress()", () => {
  it("takes a port of its own before the one of the page, and behind that of the address", () => {
    assert.equal(parseAddress("", PORT, 81).port, "81");
    assert.equal(parseAddress("//a.com:82", PORT, "81").port, "82");
  });

  for (const [uri, base, expected] of CASES) {
    it(`splits ${JSON.stringify(uri)}${base ? ` from ${base.hostname}` : ""}`, () => {
      const { secure, hostname, port, path, query } = parseAddress(uri, base);
      const scheme = secure ? "https" : "http";
      assert.equal([scheme, hostname, port, path, query].join(" "), expected);
    });
  }
});
