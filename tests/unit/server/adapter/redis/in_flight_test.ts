import { InFlightCommands } from "../../../../../server/adapter/redis/client/in_flight.ts";
import { FakeRedis } from "../../../../harness/fake_redis.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";

describe("InFlightCommands", () => {
  it("rejects what was sent when the connection closes, and not what waits for another", async () => {
    const client = new FakeRedis().client();
    const commands = new InFlightCommands(client);
    const never = new Promise<never>(() => {});
    const sent = assert.rejects(commands.settled(never), /the connection to Redis broke/);
    client.status = "close";
    const later = Promise.withResolvers<string>();
    const waiting = commands.settled(later.promise);
    const lost = assert.rejects(commands.settled(never), /the connection to Redis broke/);
    client.emit("close");
    await sent;
    later.resolve("done");
    assert.equal(await waiting, "done");
    client.emit("ready");
    client.emit("close");
    await lost;
    assert.equal(client.listeners, 0);
  });
});
