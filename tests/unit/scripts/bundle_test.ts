import {
  bundle,
  CLASSIC,
  CLASSIC_FORM,
  CLIENT,
  gzipSize,
  MINIFIED,
  stop,
  WEBSOCKET,
} from "../../../scripts/bundle.ts";
import { after, assert, describe, it } from "../../harness/mod.ts";

describe("the bundle of the client", () => {
  after(stop);

  it("stays small, with all transports and with one", async () => {
    const full = await bundle(CLIENT, { ...MINIFIED, sourcemap: false });
    assert.ok(gzipSize(full.text) <= 10_089, `${gzipSize(full.text)} bytes`);
    const lean = await bundle(WEBSOCKET, { ...MINIFIED, sourcemap: false });
    assert.ok(gzipSize(lean.text) <= 6_992, `${gzipSize(lean.text)} bytes`);
    // Whoever bundles a program does not know the internal names.
    const own = await bundle(WEBSOCKET, { minify: true, sourcemap: false });
    assert.ok(gzipSize(own.text) <= 7_101, `${gzipSize(own.text)} bytes`);
  });

  it("is, as a script, a global, or a module of CommonJS or AMD where there are such", async () => {
    const { text } = await bundle(CLASSIC, { ...CLASSIC_FORM, ...MINIFIED, sourcemap: false });
    const run = new Function("module", "define", "globalThis", text);
    const module: { exports: unknown } = { exports: {} };
    const place: { io?: unknown } = {};
    const made: unknown[] = [];
    run(module, undefined, place);
    made.push(module.exports);
    run(
      undefined,
      Object.assign((_: unknown, make: () => unknown) => made.push(make()), {
        amd: {},
      }),
      place,
    );
    assert.equal("io" in place, false);
    run(undefined, undefined, place);
    made.push(place.io);
    assert.equal(made.length, 3);
    for (const io of made) {
      assert.equal(typeof io, "function");
      assert.equal((io as { protocol: number }).protocol, 5);
    }
  });

  it("has no polling, no WebTransport and no upgrade with WebSocket alone", async () => {
    const { text } = await bundle(WEBSOCKET);
    for (const word of ["fetch(", "2probe", "webtransport", "PollingTransport"]) {
      assert.ok(!text.includes(word), word);
    }
  });

  it("needs no eval, no DOM and no runtime when it is loaded", async () => {
    const { text } = await bundle(CLIENT);
    assert.doesNotMatch(text, /\beval\b|new Function|\brequire\b|\bprocess\b|\bwindow\b/);
    const names = Object.keys(await import(`data:text/javascript;base64,${btoa(ascii(text))}`));
    for (const name of ["io", "connect", "Manager", "Socket", "protocol", "default"]) {
      assert.ok(names.includes(name), name);
    }
  });
});

function ascii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
