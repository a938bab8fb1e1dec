import {
  bundle,
  CLIENT,
  gzipSize,
  MINIFIED,
  stop,
  WEBSOCKET_ONLY,
} from "../../../scripts/bundle.ts";
import { after, assert, describe, it } from "../../harness/mod.ts";

describe("the bundle of the client", () => {
  after(stop);

  it("stays small, with all transports and with one", async () => {
    const full = await bundle(CLIENT, { ...MINIFIED, sourcemap: false });
    const lean = await bundle(WEBSOCKET_ONLY, { minify: true, sourcemap: false });
    assert.ok(gzipSize(full.text) <= 9_300, `${gzipSize(full.text)} bytes`);
    assert.ok(gzipSize(lean.text) <= 7_240, `${gzipSize(lean.text)} bytes`);
  });

  it("has no polling, no WebTransport and no upgrade with WebSocket alone", async () => {
    const { text } = await bundle(WEBSOCKET_ONLY);
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
