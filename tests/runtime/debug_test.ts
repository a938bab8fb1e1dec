import { configureDebug } from "../../events/mod.ts";
import { ROOT } from "../harness/files.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { once } from "../harness/once.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME } from "../harness/serve.ts";
import { start } from "../harness/started.ts";

const PROGRAM = `
  import { Server } from "${ROOT}mod.ts";
  const io = new Server();
  await io.listen({ port: 0, hostname: "127.0.0.1" });
  await io.close();
  console.log("done");
`;

describe("the debug log", () => {
  it("tells of clients that come and go, where the option asks for it", async () => {
    const lines: string[] = [];
    const to = (scope: string, message: string) => lines.push(`${scope} ${message}`);
    try {
      await using server = await start({ debug: { scopes: "sockeye:namespace", to } });
      const client = await server.clients.connect();
      const { id } = client;
      const left = once(server.io.sockets.sockets.get(id!)!, "disconnect");
      client.disconnect();
      await left;
      assert.deepEqual(lines, [
        `sockeye:namespace /: ${id} joined`,
        `sockeye:namespace /: ${id} left`,
      ]);
    } finally {
      configureDebug("");
    }
  });

  for (const [DEBUG, expected] of [["sockeye:*", true], ["express:*", false]] as const) {
    it(`follows the environment: DEBUG=${DEBUG}`, async () => {
      const args = RUNTIME === "deno" ? ["eval", PROGRAM] : ["-e", PROGRAM];
      await using program = new Process(RUNTIME, args, { env: { DEBUG } });
      assert.equal(await program.exited, 0, program.output);
      assert.match(program.output, /done/);
      assert.equal(/sockeye:server listening/.test(program.output), expected, program.output);
    });
  }
});
