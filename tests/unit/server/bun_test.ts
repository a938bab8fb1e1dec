import { bunHost } from "../../../server/bun.ts";
import { assert, describe, it } from "../../harness/mod.ts";

describe("the WebSocket handlers for Bun", () => {
  it("serve the sockets of a module that `bun --hot` has replaced, and no others", () => {
    const host = bunHost();
    if (host === undefined) return; // on Deno
    const foreign: unknown[] = [];
    const settings = { maxPayload: 1000, maxBackpressure: 1000, compression: false };
    const handlers = host.handlers(settings, {
      message: (socket) => foreign.push((socket as { data: unknown }).data),
    }) as { message(socket: unknown, frame: string): void };
    const heard: string[] = [];
    const former = {
      get [Symbol.for("sockeye.BunSocket")]() {
        return true;
      },
      handler: { message: (frame: string) => heard.push(frame) },
    };
    handlers.message({ data: former }, "4a");
    const others = [undefined, null, "text", {}, { handler: former.handler }];
    for (const data of others) handlers.message({ data }, "4b");
    assert.deepEqual(heard, ["4a"]);
    assert.deepEqual(foreign, others);
  });
});
