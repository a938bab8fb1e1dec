import type { StartPeer } from "../harness/client_peers.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME } from "../harness/serve.ts";
import { clientConnectionSuite } from "../suite/client_connection.ts";
import { clientEventsSuite } from "../suite/client_events.ts";

const FIXTURE = "tests/harness/sockeye_server.ts";
const [name, command, ...args] = RUNTIME === "deno"
  ? ["Bun", "bun", FIXTURE]
  : ["Deno", "deno", "run", "-A", "--no-check", FIXTURE];

/** Starts our server on the other runtime. */
const start: StartPeer = async (port = 0) => {
  const server = new Process(command!, [...args, String(port)]);
  const [, printed] = await server.printed(/port (\d+)/);
  return {
    url: `http://127.0.0.1:${printed}`,
    port: Number(printed),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

clientConnectionSuite(`our server on ${name}`, start);
clientEventsSuite(`our server on ${name}`, start);
