import { VERSION } from "../../server/version.ts";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { assert, it } from "../harness/mod.ts";
import { rawRequest } from "../harness/raw_request.ts";
import type { start as Start } from "../harness/started.ts";

const SCRIPTS = [
  "socket.io.js",
  "socket.io.min.js",
  "socket.io.esm.min.js",
  "socket.io.websocket.esm.min.js",
  "socket.io.msgpack.min.js",
];
const UNPACK = { gzip: gunzipSync, br: brotliDecompressSync, deflate: inflateSync };

/** What the server answers to plain HTTP beside Engine.IO: the bundles of the client, and CORS. */
export function http(start: typeof Start): void {
  for (const name of SCRIPTS.flatMap((script) => [script, `${script}.map`])) {
    it(`serves ${name}, and knows who has it already`, async () => {
      await using server = await start();
      const response = await rawRequest(`${server.url}/socket.io/${name}`);
      const type = name.endsWith(".map") ? "application/json" : "application/javascript";
      assert.equal(response.status, 200);
      assert.equal(response.headers["content-type"], `${type}; charset=utf-8`);
      assert.equal(response.headers["etag"], `"${VERSION}"`);
      assert.equal(response.headers["cache-control"], "public, max-age=0");
      assert.equal(response.body.length > 1000, true);
      if (name.endsWith(".map")) assert.equal(JSON.parse(response.body.toString()).version, 3);
      for (const etag of [`"${VERSION}"`, `W/"${VERSION}"`]) {
        const again = await rawRequest(`${server.url}/socket.io/${name}`, {
          headers: { "if-none-match": etag },
        });
        assert.deepEqual([again.status, again.body.length], [304, 0]);
      }
    });
  }

  it("serves a script packed as the client likes best", async () => {
    await using server = await start();
    const url = `${server.url}/socket.io/socket.io.min.js?v=1`;
    const plain = (await rawRequest(url)).body;
    const asked = {
      gzip: "gzip, br",
      br: "gzip;q=0.5, br",
      deflate: "deflate, br;q=0, gzip;q=0.0",
    };
    for (const [encoding, accepted] of Object.entries(asked)) {
      const packed = await rawRequest(url, { headers: { "accept-encoding": accepted } });
      assert.equal(packed.headers["content-encoding"], encoding);
      assert.match(packed.headers["vary"] ?? "", /accept-encoding/i);
      assert.equal(packed.body.length < plain.length, true);
      const unpacked = UNPACK[encoding as keyof typeof UNPACK](packed.body);
      assert.equal(unpacked.equals(plain), true);
    }
    const none = await rawRequest(url, { headers: { "accept-encoding": "zstd" } });
    assert.equal(none.headers["content-encoding"], undefined);
    const head = await rawRequest(url, { method: "HEAD" });
    assert.deepEqual([head.status, head.body.length], [200, 0]);
  });

  it("serves nothing else, and nothing at all without serveClient", async () => {
    await using server = await start();
    for (const name of ["other.js", "..%2fdeno.json", "socket.io.js.map.map", "SOCKET.IO.js"]) {
      assert.equal((await rawRequest(`${server.url}/socket.io/${name}`)).status, 400, name);
    }
    await using bare = await start({ serveClient: false });
    assert.equal((await rawRequest(`${bare.url}/socket.io/socket.io.js`)).status, 400);
  });

  it("answers no CORS header unless told to", async () => {
    await using server = await start();
    for (const path of ["?EIO=4&transport=polling", "socket.io.min.js", "?EIO=9&transport=x"]) {
      const { headers } = await rawRequest(`${server.url}/socket.io/${path}`, {
        headers: { origin: "https://a.example" },
      });
      const names = Object.keys(headers).filter((name) => name.startsWith("access-control"));
      assert.deepEqual(names, [], path);
    }
  });

  it("answers every kind of reply with the headers of cors, preflights included", async () => {
    await using server = await start({
      cors: { origin: ["https://a.example", /\.b\.example$/], credentials: true, maxAge: 7 },
    });
    for (
      const path of ["?EIO=4&transport=polling", "socket.io.min.js", "?EIO=9&transport=polling"]
    ) {
      for (
        const [origin, expected] of [
          ["https://a.example", "https://a.example"],
          ["https://x.b.example", "https://x.b.example"],
          ["https://evil.example", undefined],
        ] as const
      ) {
        const { headers } = await rawRequest(`${server.url}/socket.io/${path}`, {
          headers: { origin },
        });
        assert.equal(headers["access-control-allow-origin"], expected, path);
        assert.match(headers["vary"] ?? "", /origin/i);
      }
    }
    const preflight = await rawRequest(`${server.url}/socket.io/?EIO=4&transport=polling`, {
      method: "OPTIONS",
      headers: { origin: "https://a.example", "access-control-request-headers": "x-token" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers["access-control-allow-headers"], "x-token");
    assert.equal(preflight.headers["access-control-max-age"], "7");
    assert.equal(preflight.headers["access-control-allow-credentials"], "true");
  });

  it("requests for other paths go to the program's own handler", async () => {
    await using server = await start({ path: "/live" });
    assert.equal((await rawRequest(`${server.url}/socket.io/`)).status, 404);
    assert.equal((await rawRequest(`${server.url}/live/?EIO=4&transport=polling`)).status, 200);
    assert.equal(server.io.path(), "/live");
  });
}
