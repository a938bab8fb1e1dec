import { assert, describe, it } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import { start } from "../harness/started.ts";
import { PEERS, recovery } from "../suite/recovery.ts";

for (const [name, open] of Object.entries(PEERS)) {
  describe(`recovery, ${name}`, () => recovery(start, open));
}

describe("recovery of npm socket.io-client", () => {
  for (const [road, options] of Object.entries(ROADS)) {
    it(`${road}: it hears all that was sent while it was away, once and in order`, async () => {
      await using server = await start({ connectionStateRecovery: true });
      const client = await server.clients.connect({
        ...options,
        reconnection: true,
        reconnectionDelay: 10,
      });
      const { id } = client;
      const heard: unknown[] = [];
      client.on("n", (n) => heard.push(n));
      const socket = server.io.sockets.sockets.get(id!)!;
      socket.join("room");
      for (let i = 0; i < 5; i++) server.io.to("room").emit("n", i);
      await until(() => heard.length === 5, "five events");
      const lost = once(socket, "disconnect");
      client.io.engine.close();
      await lost;
      for (let i = 5; i < 10; i++) server.io.to("room").emit("n", i);
      await once(client, "connect");
      assert.deepEqual([client.recovered, client.id], [true, id]);
      for (let i = 10; i < 15; i++) server.io.to("room").emit("n", i);
      await until(() => heard.length >= 15, "all events");
      assert.deepEqual(heard, Array.from({ length: 15 }, (_, i) => i));
    });
  }

  it("a namespace is not cleaned up as long as somebody may come back to it", async () => {
    await using server = await start({
      connectionStateRecovery: { maxDisconnectionDuration: 200 },
      cleanupEmptyChildNamespaces: true,
    });
    server.io.of(/^\/room-\d+$/);
    const client = await server.clients.connect({
      transports: ["websocket"],
      reconnection: true,
      reconnectionDelay: 10,
    }, "/room-1");
    const room = server.io.of("/room-1");
    const lost = once(room.sockets.get(client.id!)!, "disconnect");
    client.io.engine.close();
    await lost;
    room.emit("missed");
    await Promise.all([once(client, "missed"), once(client, "connect")]);
    assert.equal(client.recovered, true);
    assert.equal(server.io._nsps.get("/room-1"), room);
    client.io.reconnection(false);
    const expired = once(room, "session_expired");
    client.io.engine.close();
    await expired;
    assert.equal(server.io._nsps.has("/room-1"), false);
  });
});
