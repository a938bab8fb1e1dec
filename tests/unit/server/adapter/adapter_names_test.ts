import { Server } from "../../../../mod.ts";
import { createAdapter as overThreads } from "../../../../server/adapter/broadcast_channel/mod.ts";
import type { AdapterFactory } from "../../../../server/adapter/mod.ts";
import { createAdapter as overNats } from "../../../../server/adapter/nats/mod.ts";
import { createAdapter as overPostgres } from "../../../../server/adapter/postgres/mod.ts";
import { FakeNats } from "../../../harness/fake_nats.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

describe("the class of an adapter", () => {
  const sql = Object.assign(() => {}, {
    unsafe: () => Promise.resolve([]),
    listen: () => Promise.resolve({ unlisten: () => Promise.resolve() }),
  });
  const adapters: [name: string, adapter: AdapterFactory][] = [
    ["PostgresAdapter", overPostgres(sql as never)],
    ["NatsAdapter", overNats(new FakeNats())],
    ["BroadcastChannelAdapter", overThreads({ channelName: "names of classes" })],
  ];
  for (const [name, adapter] of adapters) {
    it(`has the name ${name}`, async () => {
      const io = new Server({ adapter, reportError: () => {} });
      assert.equal(io.sockets.adapter.constructor.name, name);
      await io.close();
    });
  }
});
