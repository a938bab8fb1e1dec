import { MessageType } from "../../../server/adapter/cluster/mod.ts";
import { MemoryBroker } from "../../harness/memory_broker.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { untilServers } from "../../harness/server_count.ts";
import { start } from "../../harness/started.ts";
import { clusterSuite } from "../../suite/cluster.ts";

describe("servers that count themselves", () => clusterSuite(() => new MemoryBroker(false)));

describe("servers that their broker counts", () => clusterSuite(() => new MemoryBroker(true)));

describe("a server in a cluster", () => {
  it("takes no event of its own from another server", async () => {
    await using broker = new MemoryBroker(false);
    await using server = await start({ adapter: broker.join() });
    let connections = 0;
    server.io.on("connection", () => connections++);
    const packet = ["connection", { id: "nobody" }];
    broker.tell({ uid: "other", nsp: "/", type: MessageType.ServerSideEmit, data: { packet } });
    assert.equal(connections, 0);
    const [report] = server.reported.splice(0);
    assert.match(String(report?.error), /"connection" is a reserved event name/);
    assert.deepEqual([report?.event, report?.namespace], ["adapter", "/"]);
  });

  it("may be told of its adapter later; the one before it ends", async () => {
    await using broker = new MemoryBroker(true);
    await using other = await start({ adapter: broker.join() });
    await using server = await start({ adapter: broker.join() });
    server.io.of("/chat");
    assert.equal(await other.io.sockets.adapter.serverCount(), 2);
    server.io.adapter(new MemoryBroker(true).join());
    await untilServers(other.io.sockets, 1);
    server.io.adapter(broker.join());
    await untilServers(other.io.sockets, 2);
    assert.throws(() => server.io.adapter("redis" as never), TypeError);
    await server.clients.connect();
    assert.throws(() => server.io.adapter(broker.join()), /there are clients already/);
    await untilServers(other.io.sockets, 2);
    assert.equal(await server.io.of("/chat").adapter.serverCount(), 1);
  });
});
