import {
  createLookup,
  LeanManager,
  type LeanManagerOptions,
  type Lookup,
  WebSocketTransport,
} from "../../client/mod.ts";
import { bundle, MINIFIED, stop, WEBSOCKET } from "../../scripts/bundle.ts";
import { startOfficial } from "../harness/client_peers.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { once } from "../harness/once.ts";

const { text } = await bundle(WEBSOCKET, { ...MINIFIED, sourcemap: false, charset: "ascii" });
await stop();
const file: { io: Lookup<LeanManagerOptions> } = await import(
  `data:text/javascript;base64,${btoa(text)}`
);
const io = createLookup(LeanManager);

describe("a client that has WebSocket only", () => {
  for (const [name, connect] of Object.entries({ "as it is written": io, "as a file": file.io })) {
    it(`talks to npm socket.io, ${name}`, async () => {
      await using server = await startOfficial();
      const options = { transports: [WebSocketTransport], extraHeaders: { "x-test": "yes" } };
      await using socket = connect(server.url, options);
      await once(socket, "connect");
      assert.equal(socket.io.engine?.transport.name, "websocket");
      const bytes = new Uint8Array([1, 2, 255]);
      assert.deepEqual(await socket.emitWithAck("echo", { bytes }), { bytes });
      assert.equal((await socket.emitWithAck("handshake")).headers["x-test"], "yes");
    });
  }

  it("says that it takes no names", () => {
    const options = { transports: ["websocket"] };
    assert.throws(() => io("http://127.0.0.1", options as never), /No class of a transport given/);
  });
});
