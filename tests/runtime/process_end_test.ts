import { assert, describe, it } from "../harness/mod.ts";
import {
  OfficialClients,
  type OfficialOptions,
  type OfficialSocket,
  ROADS,
} from "../harness/official.ts";
import { once, within } from "../harness/once.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME } from "../harness/serve.ts";

const COMMANDS = {
  deno: ["deno", "run", "-A", "--no-check", "tests/harness/stopping_server.ts"],
  bun: ["bun", "tests/harness/stopping_server.ts"],
} as const;
// Less than what the server of that program waits for, and more than a busy machine needs.
const PATIENCE = 60_000;

/** Connects, and waits for the end of an upgrade: one that is cut leaves a poll, which is waited for. */
async function settled(clients: OfficialClients, road: OfficialOptions): Promise<OfficialSocket> {
  const socket = await clients.connect(road);
  const { engine } = socket.io;
  const moves = road.transports?.length === 2 && engine.transport.name === "polling";
  if (moves) await once(engine, "upgrade");
  return socket;
}

describe("a process whose server has stopped", () => {
  for (const [name, road] of Object.entries(ROADS)) {
    it(`ends by itself, whoever was there, ${name}`, async () => {
      const [command, ...args] = COMMANDS[RUNTIME];
      await using program = new Process(command, args);
      const [, port] = await program.printed(/port (\d+)/);
      const url = `http://127.0.0.1:${port}`;
      await using clients = new OfficialClients(url);
      // Lost, so that its session is kept.
      const lost = await settled(clients, road);
      const gone = once(lost, "disconnect");
      lost.io.engine.close();
      await gone;
      const left = await settled(clients, road);
      left.disconnect();
      // This one never joins.
      const half = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
      assert.equal((await half.text())[0], "0");
      assert.equal(await (await fetch(url)).text(), "stopping");
      assert.equal(await within(program.exited, "the end of the process", PATIENCE), 0);
    });

    it(`has told its clients if it was closed, ${name}`, async () => {
      const [command, ...args] = COMMANDS[RUNTIME];
      await using program = new Process(command, [...args, "close"]);
      const [, port] = await program.printed(/port (\d+)/);
      const url = `http://127.0.0.1:${port}`;
      await using clients = new OfficialClients(url);
      const ended = once(await settled(clients, road), "disconnect");
      await (await fetch(url)).body?.cancel();
      assert.equal((await ended)[0], "transport close");
      assert.equal(await within(program.exited, "the end of the process", PATIENCE), 0);
    });
  }
});
