import { createRelay } from "../../../server/relay/redis/mod.ts";
import { Gate } from "../../harness/gate.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { OfficialClients, type OfficialSocket, ROADS } from "../../harness/official.ts";
import { once, until } from "../../harness/once.ts";
import {
  type OpenClient,
  openClient,
  type Package,
  PACKAGES,
} from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { relaySuite, type RelayWays, Spread } from "../../suite/relay.ts";

const { url, SKIP } = await find("redis");

function waysOf(packages: readonly Package[], address = url): RelayWays {
  const key = `sockeye-${crypto.randomUUID()}`;
  const opened: OpenClient[] = [];
  let count = 0;
  return {
    async bus() {
      const name = packages[count++ % packages.length]!;
      const clients = [await openClient(name, address), await openClient(name, address)] as const;
      opened.push(...clients);
      // As long as one of the servers has texts alone, all have.
      const plainText = packages.includes("Bun.RedisClient");
      return createRelay(clients[0].client, clients[1].client, {
        key,
        ...plainText && { plainText },
      });
    },
    [Symbol.asyncDispose]() {
      for (const client of opened) client.close();
      return Promise.resolve();
    },
  };
}

for (const packages of [...PACKAGES.map((name) => [name]), PACKAGES]) {
  describe(`servers with ways by Redis: ${packages.join(", ")}`, SKIP, () => {
    relaySuite(() => waysOf(packages));
  });
}

describe("servers whose Redis goes away", SKIP, () => {
  for (const name of PACKAGES) {
    it(`have clients begin anew: ${name}`, async () => {
      await using gate = await Gate.before(url);
      await using ways = waysOf([name], gate.url);
      await using spread = await Spread.start(ways, 2, { pingInterval: 300, pingTimeout: 1000 });
      for (const server of spread.servers) {
        server.on("connection", (socket) => socket.on("echo", (value, done) => done(value)));
      }
      await using clients = new OfficialClients(spread.url);
      const options = { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 100 };
      const sockets = await Promise.all(
        Object.values(ROADS).map((road) => clients.connect({ ...road, ...options })),
      );
      const [polling] = sockets;
      const gone = once(polling as never, "disconnect");
      await gate.shut();
      await gone;
      await gate.open();
      const echoes = sockets.map((socket) => echoed(socket));
      await Promise.all(echoes);
      // Redis was away, which is told.
      assert.ok(spread.errors.splice(0).every((error) => error instanceof Error));
    });
  }
});

/** Sends until an answer comes: a client may come back, and find out that its session was lost. */
async function echoed(socket: OfficialSocket): Promise<void> {
  let answered = false;
  await until(() => {
    if (socket.connected) socket.emit("echo", "again", () => answered = true);
    return answered;
  }, "an answer");
}

describe("createRelay", () => {
  it("refuses what is no client, and options that make no sense", () => {
    assert.throws(() => createRelay({} as never, {} as never), /Cannot use subClient/);
    const client = { subscribe() {}, send() {}, duplicate() {}, close() {} };
    assert.throws(() => createRelay(client, client, { kex: "x" } as never), TypeError);
    assert.throws(() => createRelay(client, client, { key: "" }), /Cannot use key/);
    assert.throws(() => createRelay(client, client, { plainText: false }), /Cannot use plainText/);
  });
});
