import { Server } from "../../mod.ts";
import type { Socket } from "../../server/namespace/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { Clients } from "../harness/client_peers.ts";
import { OfficialClients } from "../harness/official.ts";
import { once, within } from "../harness/once.ts";

/** What is used of a client of either kind. */
interface AnyClient {
  readonly id?: string | undefined;
  emit(event: string): unknown;
  onAny(listener: (event: string, ...args: unknown[]) => void): unknown;
  on(event: "disconnect", listener: (reason: string) => void): unknown;
}

interface AnyClients extends AsyncDisposable {
  connect(options: object): Promise<AnyClient>;
}

type Kind = new (url: string) => AnyClients;

/** Whose client hears of the end. */
export const CLIENTS: Readonly<Record<string, Kind>> = {
  "npm socket.io-client": OfficialClients,
  "our client": Clients,
};

interface Pair extends AsyncDisposable {
  readonly io: Server;
  readonly client: AnyClient;
  readonly socket: Socket;
  /** What the client hears, `disconnect` last. */
  readonly heard: unknown[];
  /** Settles once the client knows that it is disconnected. */
  readonly over: Promise<unknown>;
}

/** A client of a server that `listen` has started: `close` cuts its connections as well. */
async function meet(
  kind: Kind,
  road: object,
): Promise<Pair> {
  const io = new Server();
  const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
  const clients = new kind(`http://127.0.0.1:${port}`);
  const client = await clients.connect({ ...road, reconnection: false });
  const heard: unknown[] = [];
  client.onAny((event, ...args) => heard.push([event, ...args]));
  const over = new Promise<void>((resolve) => {
    client.on("disconnect", (reason) => resolve(void heard.push(reason)));
  });
  return {
    io,
    client,
    socket: io.sockets.sockets.get(client.id!)!,
    heard,
    over: within(over, "the end of the connection"),
    async [Symbol.asyncDispose]() {
      await io.close();
      await clients[Symbol.asyncDispose]();
    },
  };
}

const CLOSED = "transport close";
const DISCONNECTED = "io server disconnect";

/** What a client still hears of a server that closes. */
export function shutdown(kind: Kind, road: object): void {
  it("what was sent right before arrives", async () => {
    await using pair = await meet(kind, road);
    const { io, socket, heard, over } = pair;
    const ended = once(socket, "disconnect");
    socket.emit("first", new Uint8Array([1]));
    io.emit("bye", 1);
    await io.close();
    await over;
    assert.deepEqual(heard, [["first", heard.flat()[1]], ["bye", 1], CLOSED]);
    assert.deepEqual(await ended, ["server shutting down"]);
  });

  it("who was disconnected right before does not take it for a failure", async () => {
    await using pair = await meet(kind, road);
    const { io, socket, heard, over } = pair;
    const ended = once(socket, "disconnect");
    io.disconnectSockets();
    await io.close();
    await over;
    assert.deepEqual(heard, [DISCONNECTED]);
    assert.deepEqual(await ended, ["server namespace disconnect"]);
  });

  it("disconnectSockets(true) leaves no timer behind once the server is closed", async () => {
    await using pair = await meet(kind, road);
    const { io, socket, over } = pair;
    const ended = once(socket, "disconnect");
    io.disconnectSockets(true);
    await over;
    await ended;
    await io.close();
  });

  it("what was sent before disconnectSockets(true) arrives, and the end as such", async () => {
    await using pair = await meet(kind, road);
    const { io, heard, over } = pair;
    io.emit("bye", 1);
    io.disconnectSockets(true);
    await io.close();
    await over;
    assert.deepEqual(heard, [["bye", 1], DISCONNECTED]);
  });

  it("what a listener of disconnecting sends arrives, and nothing later", async () => {
    await using pair = await meet(kind, road);
    const { io, socket, heard, over } = pair;
    socket.on("disconnecting", (reason) => socket.emit("last", reason));
    socket.on("disconnect", () => socket.emit("later"));
    await io.close();
    await over;
    assert.deepEqual(heard, [["last", "server shutting down"], CLOSED]);
  });

  it("what a listener sends before it closes the server arrives", async () => {
    await using pair = await meet(kind, road);
    const { io, client, socket, heard, over } = pair;
    const closing = new Promise<void>((resolve) => {
      socket.on("end", () => {
        socket.emit("a");
        resolve(io.close());
      });
    });
    client.emit("end");
    await Promise.all([closing, over]);
    assert.deepEqual(heard, [["a"], CLOSED]);
  });

  it("all of much arrives, in order, published or not", async () => {
    await using pair = await meet(kind, road);
    const { io, socket, heard, over } = pair;
    const expected: unknown[] = [];
    for (let i = 0; i < 100; i++) {
      io.to(socket.id).emit("one", i);
      io.emit("all", i, "x".repeat(5000));
      expected.push(["one", i], ["all", i, "x".repeat(5000)]);
    }
    await io.close();
    await over;
    assert.deepEqual(heard, [...expected, CLOSED]);
  });

  it("a Blob that is still being read arrives, with what is behind it", async () => {
    await using pair = await meet(kind, road);
    const { io, socket, heard, over } = pair;
    socket.emit("blob", new Blob(["b"]));
    socket.emit("behind");
    await io.close();
    await over;
    assert.deepEqual(heard.map((each) => Array.isArray(each) ? each[0] : each), [
      "blob",
      "behind",
      CLOSED,
    ]);
  });

  it("an answer that was given right before arrives", async () => {
    await using pair = await meet(kind, road);
    const { io, socket, client } = pair;
    socket.on("ask", (answer: (text: string) => void) => {
      answer("yes");
      io.close();
    });
    const { emitWithAck } = client as unknown as { emitWithAck(event: string): Promise<unknown> };
    assert.equal(await within(emitWithAck.call(client, "ask"), "the answer"), "yes");
  });
}
