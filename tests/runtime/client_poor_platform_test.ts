import { Socket as EngineSocket } from "../../client/engine/mod.ts";
import { Manager } from "../../client/mod.ts";
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

/** Lets a WebSocket throw where it sends what begins so, a number of times. */
function breakSending(start: string, times: number): Disposable {
  let left = times;
  class Breaking extends WebSocket {
    override send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob): void {
      if (String(data).startsWith(start) && left-- > 0) throw new Error("broken");
      super.send(data);
    }
  }
  return replace(globalThis, { WebSocket: Breaking });
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
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    using _socket = breakSending("40", 1);
    const socket = clients.open({ transports: ["websocket"] });
    const connected = once(socket, "connect");
    const [error] = await once<[Error]>(socket, "connect_error");
    assert.equal(error.message, "transport error");
    assert.equal((error.cause as Error).message, "broken");
    assert.equal(socket.active, true);
    await connected;
  });

  it("connects again and again where each connection ends while it is told of", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    using _socket = breakSending("40", 3);
    const socket = clients.open({ transports: ["websocket"] });
    const heard: unknown[] = [];
    for (const event of ["reconnect_attempt", "reconnect_error", "reconnect"] as const) {
      socket.io.on(event, (about: unknown) => void heard.push(event, about));
    }
    const errors: string[] = [];
    socket.on("connect_error", ({ message }) => errors.push(message));
    await once(socket, "connect");
    const error = heard[3] as Error;
    assert.deepEqual([error.message, error.cause], ["transport error", new Error("broken")]);
    assert.deepEqual(heard, [
      ...["reconnect_attempt", 1, "reconnect_error", error],
      ...["reconnect_attempt", 2, "reconnect_error", heard[7]],
      ...["reconnect_attempt", 3, "reconnect", 3],
    ]);
    assert.deepEqual(errors, Array(3).fill("transport error"));
    assert.equal(socket.io._reconnecting, false);
  });

  it("gives up at last where each connection ends while it is told of", async () => {
    await using served = await serve(new Server());
    await using clients = new Clients(served.url);
    using _socket = breakSending("40", Infinity);
    const socket = clients.open({ transports: ["websocket"], reconnectionAttempts: 2 });
    const attempts: number[] = [];
    socket.io.on("reconnect_attempt", (attempt) => void attempts.push(attempt));
    await once(socket.io, "reconnect_failed");
    assert.deepEqual(attempts, [1, 2]);
  });

  it("tells who opens a connection that ended at once, and tries no more once it is closed", async () => {
    await using served = await serve(new Server());
    const manager = new Manager(served.url, { autoConnect: false, transports: ["websocket"] });
    manager.once("open", () => manager.disconnect());
    manager.on("reconnect_attempt", () => assert.fail("there is an attempt"));
    const error = await new Promise<Error | undefined>((resolve) => manager.open(resolve));
    assert.equal(error?.message, "forced close");
    assert.deepEqual([manager.isOpen, manager._reconnecting], [false, false]);
    assert.equal(await new Promise((resolve) => manager.open(resolve)), undefined);
    await manager[Symbol.asyncDispose]();
  });

  for (const frame of ["2probe", "5"]) {
    it(`stays with polling where a WebSocket cannot send ${frame}`, async () => {
      const server = new Server();
      server.on("connection", (socket) => socket.on("echo", (value, answer) => answer(value)));
      await using served = await serve(server);
      await using clients = new Clients(served.url);
      using _socket = breakSending(frame, 1);
      const socket = clients.open();
      const [error] = await once<[Error]>(socket.io.engine!, "upgradeError");
      assert.equal(error.message, "broken");
      assert.equal(await socket.emitWithAck("echo", 1), 1);
      assert.equal(socket.io.engine?.transport.name, "polling");
    });
  }
});
