import { Manager, type Socket } from "../../client/mod.ts";
import { Server } from "../../mod.ts";
import { after, assert, before, describe, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";
import { serve, type Served } from "../harness/serve.ts";

const WALKS = 30;
const STEPS = 15;

/** Numbers that are the same in each run. */
function numbers(seed: number): () => number {
  return () => (seed = Math.imul(seed, 1_103_515_245) + 12_345 & 0x7fffffff) / 0x80000000;
}

/** One of these. */
type Pick = <Item>(items: readonly Item[]) => Item;

/** What programs and servers do to a connection, at any time. */
const STEPS_OF: Readonly<Record<string, (socket: Socket, server: Server) => void>> = {
  connect: (socket) => socket.connect(),
  disconnect: (socket) => socket.disconnect(),
  "disconnect and connect": (socket) => socket.disconnect().connect(),
  "emit an event": (socket) => socket.timeout(10_000).emit("echo", 1, () => {}),
  "open the manager": ({ io }) => io.open(),
  "close the manager": ({ io }) => io._close(),
  "close the engine": ({ io }) => io.engine?.close(),
  "give up to connect again": ({ io }) => io.reconnection(false).reconnection(true),
  "be put out of the namespace": ({ nsp }, server) => server.of(nsp).disconnectSockets(),
  "be put out of all": ({ nsp }, server) => server.of(nsp).disconnectSockets(true),
  "lose the connection": ({ nsp }, server) => {
    for (const { conn } of server.of(nsp).sockets.values()) conn.close();
  },
};

describe("the client, whatever happens", () => {
  let server: Server;
  let served: Served;

  before(async () => {
    server = new Server();
    for (const name of ["/", "/other"]) {
      server.of(name).on("connection", (socket) => {
        socket.on("echo", (value, answer) => answer(value));
      });
    }
    served = await serve(server);
  });

  after(() => served.close());

  for (let seed = 1; seed <= WALKS; seed++) {
    it(`connects again, and leaves nothing behind: walk ${seed}`, async () => {
      const random = numbers(seed);
      const pick: Pick = (items) => items[Math.floor(random() * items.length)]!;
      const manager = new Manager(served.url, {
        transports: pick([["polling"], ["websocket"], ["polling", "websocket"]]),
        autoConnect: pick([true, false]),
        auth: pick([{}, (callback: (auth: object) => void) => setTimeout(callback, 1, {})]),
        reconnectionDelay: pick([1, 10]),
        retries: pick([0, 2]),
        ackTimeout: 1_000,
      });
      const sockets = [manager.socket("/"), manager.socket("/other")];
      const steps: string[] = [];
      const step = () => {
        const name = pick(Object.keys(STEPS_OF));
        steps.push(name);
        STEPS_OF[name]?.(pick(sockets), server);
      };
      // Some of them in the midst of it.
      const event = pick(["none", "connect", "disconnect", "connect_error"]);
      for (const socket of sockets) socket.once(event, step);
      for (let i = 0; i < STEPS; i++) {
        step();
        for (let turns = pick([0, 0, 1, 2, 5, 10]); turns > 0; turns--) await turn();
      }
      for (const socket of sockets) socket.off(event, step);
      for (const socket of sockets) await settle(socket, steps.join(", "));
      assert.equal(manager._reconnecting, false, steps.join(", "));
      for (const socket of sockets) socket.disconnect();
      const { engine } = manager;
      if (engine?.readyState === "closing") await once(engine, "close");
      assert.equal(engine?.readyState, "closed");
      assert.equal(manager._reconnecting, false);
    });
  }
});

/** Connects, as often as the server puts it out, and resolves when the server answers. */
async function settle(socket: Socket, steps: string): Promise<void> {
  let answered = false;
  socket.connect();
  await until(() => {
    if (!socket.active) socket.connect();
    if (socket.connected && !answered) socket.emit("echo", 1, () => answered = true);
    return answered && socket.connected;
  }, `${socket.nsp} to connect after: ${steps}`);
}

/** Lets whatever is due happen. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
