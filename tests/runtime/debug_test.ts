import { configureDebug } from "../../events/mod.ts";
import type { ServerOptions } from "../../server/options.ts";
import { ROOT } from "../harness/files.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { once } from "../harness/once.ts";
import { Process } from "../harness/process.ts";
import { rawRequest } from "../harness/raw_request.ts";
import { RUNTIME } from "../harness/serve.ts";
import { start, type Started } from "../harness/started.ts";

const PROGRAM = `
  import { Server } from "${ROOT}mod.ts";
  const io = new Server();
  await new Server().close();
  await io.listen({ port: 0, hostname: "127.0.0.1" });
  await io.close();
  console.log("done");
`;

/** A server whose log is kept. */
async function logged(
  scopes: string,
  options: ServerOptions = {},
): Promise<Started & { readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const to = (scope: string, message: string) => lines.push(`${scope} ${message}`);
  const server = await start({ ...options, debug: { scopes, to } });
  return {
    ...server,
    lines,
    async [Symbol.asyncDispose]() {
      configureDebug("");
      await server[Symbol.asyncDispose]();
    },
  };
}

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

  it("tells what became of a client: how it came, moved to a WebSocket, and ended", async () => {
    await using log = await logged("sockeye:engine");
    const { io, clients, lines } = log;
    const client = await clients.connect();
    const { conn } = io.sockets.sockets.get(client.id!)!;
    if (conn.transport.name === "polling") await once(conn as never, "upgrade");
    const ended = once(conn as never, "close");
    client.disconnect();
    await ended;
    const [came, moved, gone] = lines;
    assert.equal(came, "sockeye:engine 127.0.0.1 connected by polling, protocol 4");
    assert.equal(moved, "sockeye:engine 127.0.0.1 moved to websocket");
    assert.match(gone!, /^sockeye:engine 127\.0\.0\.1 ended: transport close, \w/);
    assert.equal(lines.length, 3);
  });

  it("tells why a request is refused, and neither its query nor its cookies", async () => {
    await using log = await logged("sockeye:engine", {
      allowRequest: ({ url }) => !url.includes("banned") || "Not you\x1b[31m",
    });
    const { url, lines } = log;
    const ask = (rest: string, headers = {}) =>
      rawRequest(`${url}/${rest}`, { headers: { cookie: "a=SECRET", ...headers } });
    const engine = "socket.io/?t=SECRET&";
    await ask(`${engine}EIO=4&transport=pigeon`);
    await ask(`${engine}EIO=4&transport=polling&sid=SECRET`);
    await ask(`${engine}EIO=3&transport=polling`);
    await ask(`${engine}EIO=4&transport=polling&banned`);
    await ask(`${engine}EIO=4&transport=websocket`, {
      origin: "https://there.example",
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      "sec-websocket-version": "13",
    });
    await ask("live%0a/?EIO=4&transport=polling&sid=SECRET");
    await ask("page?sid=SECRET");
    const refused = 'sockeye:engine GET "/socket.io/" refused:';
    assert.deepEqual(lines, [
      `${refused} 0 "Transport unknown" transport="pigeon"`,
      `${refused} 1 "Session ID unknown"`,
      `${refused} 5 "Unsupported protocol version" protocol=3`,
      `${refused} 4 "Not you\\u001b[31m"`,
      `${refused} 4 "Forbidden" name="INVALID_ORIGIN" origin="https://there.example"`,
      'sockeye:engine GET "/live%0a/" is not below the path of the server',
    ]);
  });

  it("tells of a namespace that there is not, and of whom a middleware refuses", async () => {
    await using log = await logged("sockeye:connection, sockeye:namespace");
    const { io, clients, lines } = log;
    io.use((_socket, next) => next(new Error("no\nentry")));
    const stranger = clients.open({}, "/nope\u009b");
    await once(stranger, "connect_error");
    const refused = clients.open();
    await once(refused, "connect_error");
    const told = lines.filter((line) => line.includes("refused"));
    assert.equal(
      told[0],
      'sockeye:connection 127.0.0.1 refused in "/nope\\u009b": Invalid namespace',
    );
    assert.match(told[1]!, /^sockeye:namespace \/: \S+ refused: no\\u000aentry$/);
    assert.equal(told.length, 2);
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

  for (const [DEBUG, unknown] of [["sockeye:engin,express", 1], ["sockeye:*", 0]] as const) {
    it(`says once which parts there are, where none has the name: DEBUG=${DEBUG}`, async () => {
      const args = RUNTIME === "deno" ? ["eval", PROGRAM] : ["-e", PROGRAM];
      await using program = new Process(RUNTIME, args, { env: { DEBUG } });
      assert.equal(await program.exited, 0, program.output);
      const warning =
        'debug: no part has the name "sockeye:engin"; there are sockeye:connection, ' +
        "sockeye:engine, sockeye:namespace, sockeye:server";
      assert.equal(program.output.split(warning).length - 1, unknown, program.output);
      assert.equal(program.output.split("no part has").length - 1, unknown, program.output);
    });
  }
});
