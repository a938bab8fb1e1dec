import { Server } from "../../../mod.ts";
import { createRelay } from "../../../server/relay/broadcast_channel/mod.ts";
import { relayOver } from "../../../server/relay/broadcast_channel/relay.ts";
import { LossyChannel, seededRandom } from "../../harness/lossy_channel.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { OfficialClients, type OfficialSocket, ROADS } from "../../harness/official.ts";
import { once, until } from "../../harness/once.ts";
import { Process } from "../../harness/process.ts";
import { RUNTIME } from "../../harness/serve.ts";
import { inTwoThreads } from "../../harness/threads.ts";
import { relaySuite, type RelayWays } from "../../suite/relay.ts";

const GREETINGS = 50;

function waysOf(create: (channelName: string) => ReturnType<RelayWays["bus"]>): RelayWays {
  const channelName = crypto.randomUUID();
  return {
    bus: () => create(channelName),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe("servers with ways over a BroadcastChannel", () => {
  relaySuite(() => waysOf((channelName) => createRelay({ channelName })));
});

describe("servers with ways over a channel that loses every tenth message", () => {
  relaySuite(() => {
    const random = seededRandom(7);
    // Threads that do not know one another yet cannot miss what the others say.
    let count = 0;
    const lossy = new LossyChannel(() => ++count > GREETINGS && random() < 0.1);
    return waysOf((channelName) => relayOver(() => lossy.open(), { channelName }));
  });
});

describe("servers in threads", () => {
  // On Bun a program starts the threads; Deno does so itself.
  const [command, args] = RUNTIME === "deno"
    ? ["deno", [
      ...["serve", "-A", "--no-check", "--parallel", "--host=127.0.0.1", "--port=0"],
      "tests/harness/relay_thread.ts",
    ]] as const
    : ["bun", ["tests/harness/relay_threads.ts"]] as const;

  it("get the clients of one another, by every road", async () => {
    await using program = new Process(command, [...args], { env: { DENO_JOBS: "3" } });
    const [, port] = await program.printed(/127\.0\.0\.1:(\d+)/);
    await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
    await inTwoThreads(clients);
    const threads = new Set<string>();
    for (const road of Object.values(ROADS)) {
      const sockets = await Promise.all(Array.from({ length: 12 }, async () => {
        const socket: OfficialSocket = clients.open(road);
        const [thread] = await once<[string]>(socket, "thread");
        threads.add(thread);
        return socket;
      }));
      await Promise.all(sockets.map(async (socket) => {
        for (let i = 0; i < 20; i++) assert.equal(await socket.emitWithAck("echo", i), i);
      }));
      assert.ok(sockets.every(({ connected }) => connected));
    }
    // The kernel chooses the thread of each connection.
    assert.ok(threads.size > 1, "all clients came to one thread");
  });
});

describe("createRelay", () => {
  it("makes what belongs to one server", async () => {
    const errors: unknown[] = [];
    const reportError = (error: unknown) => errors.push(error);
    const relay = createRelay({ channelName: crypto.randomUUID() });
    const [one, two] = [new Server({ relay, reportError }), new Server({ relay, reportError })];
    await until(() => errors.length > 0, "the error");
    assert.match(String(errors), /^Error: Cannot use relay: it belongs to another server/);
    await Promise.all([one.close(), two.close()]);
  });

  it("refuses options that make no sense", () => {
    assert.throws(() => createRelay({ chanelName: "x" } as never), {
      name: "TypeError",
      message: 'Unknown option "chanelName": did you mean "channelName"?',
    });
    assert.throws(() => createRelay({ heartbeatTimeout: -1 }), RangeError);
    assert.throws(() => createRelay({ maxKeptBytes: 0 }), RangeError);
  });
});
