import { Socket as EngineSocket } from "../../client/engine/mod.ts";
import { Server } from "../../mod.ts";
import { Clients } from "../harness/client_peers.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { once } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

/** Puts members in the place of others until the end of the block. */
function replace<Target extends object>(target: Target, members: object): Disposable {
  const names = Object.keys(members);
  const before = names.map((name) => Object.getOwnPropertyDescriptor(target, name));
  for (const name of names) {
    const value = (members as Record<string, unknown>)[name];
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
  return {
    [Symbol.dispose]() {
      names.forEach((name, i) => {
        if (before[i]) Object.defineProperty(target, name, before[i]);
        else Reflect.deleteProperty(target, name);
      });
    },
  };
}

describe("the client on a poor platform", () => {
  it("says what its text is where an answer makes a Blob without a type", async () => {
    await using served = await serve(new Server());
    const types: unknown[] = [];
    const { fetch } = globalThis;
    const post = (input: string, init: RequestInit = {}) => {
      if (init.body) types.push(new Headers(init.headers).get("content-type"));
      return fetch(input, init);
    };
    using _fetch = replace(globalThis, { fetch: post });
    class UntypedResponse extends Response {
      override async blob(): Promise<Blob> {
        return new Blob([await this.text()]);
      }
    }
    using _response = replace(globalThis, { Response: UntypedResponse });
    await using clients = new Clients(served.url);
    await clients.connect({ transports: ["polling"] });
    assert.equal(types[0], "text/plain;charset=UTF-8");
  });

  it("sends by long polling where nothing counts bytes", async () => {
    const server = new Server();
    server.on("connection", (socket) => socket.on("echo", (value, answer) => answer(value)));
    await using served = await serve(server);
    await using clients = new Clients(served.url);
    const socket = clients.open({ transports: ["polling"], autoConnect: false });
    const wait = socket.emitWithAck("echo", "ä");
    using _encoder = replace(globalThis, { TextEncoder: undefined });
    socket.connect();
    await once(socket, "connect");
    assert.equal(await wait, "ä");
  });

  it("says why it cannot poll where there is no fetch, and goes on to WebSocket", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    using _fetch = replace(globalThis, { fetch: undefined });
    const failing = clients.open({ reconnection: false });
    const [error] = await once<[Error & { description: Error }]>(failing, "connect_error");
    assert.equal(error.message, "xhr poll error");
    assert.match(error.description.message, /fetch/);
    const socket = await clients.connect({ tryAllTransports: true });
    assert.equal(socket.io.engine?.transport.name, "websocket");
  });

  it("gives the WebSocket of React Native a list, and headers in the third place", () => {
    const made: unknown[][] = [];
    class NativeWebSocket {
      constructor(_url: string, ...others: unknown[]) {
        made.push(others);
      }
      close(): void {}
    }
    using _socket = replace(globalThis, { WebSocket: NativeWebSocket });
    using _product = replace(navigator, { product: "ReactNative" });
    const extraHeaders = { authorization: "x" };
    for (
      const given of [{}, { protocols: "v1" }, { protocols: ["v1", "v2"], platform: { a: 1 } }]
    ) {
      const options = { transports: ["websocket"], extraHeaders, ...given };
      new EngineSocket("http://127.0.0.1:1", options).close();
    }
    const third = { headers: extraHeaders };
    assert.deepEqual(made, [[[], third], [["v1"], third], [["v1", "v2"], third]]);
  });

  it("connects again where sending has failed, and takes that for no refusal", async () => {
    const Native = WebSocket;
    let broken = true;
    class Breaking extends Native {
      override send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob): void {
        if (broken && String(data).startsWith("40")) {
          broken = false;
          throw new Error("broken");
        }
        super.send(data);
      }
    }
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    using _socket = replace(globalThis, { WebSocket: Breaking });
    const socket = clients.open({ transports: ["websocket"] });
    const connected = once(socket, "connect");
    const [error] = await once<[Error]>(socket, "connect_error");
    assert.equal(error.message, "transport error");
    assert.equal((error.cause as Error).message, "broken");
    assert.equal(socket.active, true);
    await connected;
  });
});
