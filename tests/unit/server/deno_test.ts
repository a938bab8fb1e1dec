import type { RawSocket, RawSocketHandler } from "../../../server/engine/runtime.ts";
import { assert, describe, it } from "../../harness/mod.ts";

/** A WebSocket as Deno makes it, to a client that reads only when it is told to. */
class FakeWebSocket extends EventTarget {
  readonly readyState = WebSocket.OPEN;
  readonly frames: string[] = [];
  binaryType = "";

  get bufferedAmount(): number {
    return this.frames.reduce((sum, { length }) => sum + length, 0);
  }

  send(frame: string): void {
    this.frames.push(frame);
  }
}

/** Opens a socket through the adapter for Deno, on whichever runtime this is. */
async function open(): Promise<{ raw: RawSocket; fake: FakeWebSocket }> {
  const fake = new FakeWebSocket();
  const global = globalThis as { Deno?: Record<string, unknown> };
  const { Deno: before } = global;
  const { upgradeWebSocket } = before ?? {};
  const host = before ?? (global.Deno = { serve() {} });
  host["upgradeWebSocket"] = () => ({ socket: fake, response: new Response(null) });
  try {
    // The query makes it a module of its own, which finds the Deno of this test.
    const { denoHost } = await import(`../../../server/deno.ts?${Math.random()}`);
    let raw: RawSocket | undefined;
    const handler: RawSocketHandler = {
      open: (socket) => void (raw = socket),
      message() {},
      close() {},
    };
    denoHost().runtime({}).upgrade(new Request("http://host/"), handler);
    fake.dispatchEvent(new Event("open"));
    assert.ok(raw);
    return { raw, fake };
  } finally {
    host["upgradeWebSocket"] = upgradeWebSocket;
    if (before === undefined) delete global.Deno;
  }
}

describe("DenoSocket", () => {
  it("counts many short frames that wait for more than their bytes", async () => {
    const { raw, fake } = await open();
    for (let i = 0; i < 10_000; i++) raw.send("430[]", true);
    assert.ok(raw.bufferedAmount > 1_000_000, `${raw.bufferedAmount}`);
    assert.equal(raw.send("430[]", true), "queued");
    fake.frames.splice(0, 9_000);
    assert.ok(raw.bufferedAmount < 300_000, `${raw.bufferedAmount}`);
    fake.frames.length = 0;
    assert.equal(raw.bufferedAmount, 0);
    assert.equal(raw.send("430[]", true), "sent");
  });

  it("counts long frames by their bytes", async () => {
    const { raw, fake } = await open();
    for (let i = 0; i < 10; i++) raw.send("x".repeat(100_000), true);
    assert.ok(raw.bufferedAmount < 1_010_000, `${raw.bufferedAmount}`);
    fake.frames.length = 1;
    assert.ok(raw.bufferedAmount < 101_000, `${raw.bufferedAmount}`);
  });
});
