import type { Connector } from "../../../client/connector.ts";
import type { NamespaceHandler } from "../../../client/manager_events.ts";
import { Socket } from "../../../client/socket.ts";
import { type Packet, PacketType } from "../../../parser/mod.ts";
import { assert, describe, it } from "../../harness/mod.ts";

/** A socket without a connection, and what stands for the server. */
function start() {
  const sent: Packet[] = [];
  let handler: NamespaceHandler | undefined;
  const connector = {
    opts: {},
    isOpen: true,
    engine: undefined,
    attach: (_nsp: string, added: NamespaceHandler) => handler = added,
    detach: () => {},
    send: (packet: Packet) => sent.push(packet),
  };
  const socket = new Socket(connector as unknown as Connector, "/", { auth: { user: "x" } });
  const receive = (packet: Packet) => handler?.packet(packet);
  return {
    socket,
    /** Joins over a connection. Resolves to what the socket claimed. */
    async join(pid?: string): Promise<unknown> {
      socket.connect();
      handler?.opened();
      // Credentials may come from a promise.
      await Promise.resolve();
      const packet = sent.pop() as { data?: unknown };
      const data = { sid: "sid", ...pid && { pid } };
      receive({ type: PacketType.Connect, nsp: "/", data });
      return packet.data;
    },
    hear: (...data: [string, ...unknown[]]) => receive({ type: PacketType.Event, nsp: "/", data }),
    lose: () => handler?.closed("transport close"),
  };
}

describe("the session of a client's socket", () => {
  it("is claimed with the last offset", async () => {
    const { socket, join, hear, lose } = start();
    assert.deepEqual(await join("pid"), { user: "x" });
    assert.equal(socket.recovered, false);
    hear("event", 1, "offset 1");
    hear("event", 2);
    hear("event");
    lose();
    assert.deepEqual(await join("pid"), { pid: "pid", offset: "offset 1", user: "x" });
    assert.equal(socket.recovered, true);
  });

  it("is none where the server keeps none, whatever text is last", async () => {
    const { socket, join, hear, lose } = start();
    await join();
    hear("event", "text");
    lose();
    assert.deepEqual(await join(), { user: "x" });
    assert.equal(socket.recovered, false);
  });

  it("takes its offset along when another one begins", async () => {
    const { join, hear, lose } = start();
    await join("one");
    hear("event", "offset");
    lose();
    await join("two");
    lose();
    assert.deepEqual(await join("two"), { pid: "two", offset: undefined, user: "x" });
  });

  it("ends when the program disconnects", async () => {
    const { socket, join, hear } = start();
    await join("pid");
    hear("event", "offset");
    socket.disconnect();
    assert.deepEqual(await join("pid"), { user: "x" });
    assert.equal(socket.recovered, false);
  });
});
