import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME } from "../harness/serve.ts";

const COMMANDS = {
  deno: ["deno", "run", "-A", "--no-check", "tests/harness/admin_server.ts"],
  bun: ["bun", "tests/harness/admin_server.ts"],
} as const;

describe("the Admin UI of npm", () => {
  it("hears of clients and of what they do, and acts on them", async () => {
    const [command, ...args] = COMMANDS[RUNTIME];
    await using server = new Process(command, args);
    const [, port] = await server.printed(/port (\d+)/);
    await using clients = new OfficialClients(`http://127.0.0.1:${port}`);

    const stranger = clients.open({ auth: { username: "admin", password: "guess" } }, "/admin");
    const [refusal] = await once<[Error]>(stranger, "connect_error");
    assert.equal(refusal.message, "invalid credentials");

    const client = await clients.connect({ transports: ["websocket"] });
    const { id } = client;
    const clientId = await client.emitWithAck("ask");
    const auth = { username: "admin", password: "changeit" };
    const admin = clients.open({ auth, transports: ["websocket"] }, "/admin");
    const heard: unknown[][] = [];
    admin.onAny((...event) => heard.push(event));
    const [sockets] = await once<[Record<string, unknown>[]]>(admin, "all_sockets");
    const shown = sockets.find((socket) => socket["id"] === id);
    assert.deepEqual([shown?.["nsp"], shown?.["rooms"]], ["/", [id]]);
    assert.deepEqual([shown?.["clientId"], shown?.["transport"]], [
      clientId.slice(0, 12),
      "websocket",
    ]);

    admin.emit("join", "/", "a room", id);
    admin.emit("emit", "/", "a room", "say", "hello");
    assert.deepEqual(await once(client, "say"), ["hello"]);
    await client.emitWithAck("ask");
    admin.emit("_disconnect", "/", true, "a room");
    assert.deepEqual((await once(client, "disconnect"))[0], "io server disconnect");
    await until(() => heard.some(([event]) => event === "room_left"), "the end of the room");
    const about = (event: string) =>
      heard.find(([name, nsp]) => name === event && nsp === "/")?.slice(1, 4);
    assert.deepEqual(about("room_joined"), ["/", "a room", id]);
    assert.deepEqual(about("event_sent"), ["/", id, ["say", "hello"]]);
    assert.deepEqual(about("event_received"), ["/", id, ["ask"]]);
    assert.deepEqual(about("socket_disconnected"), [
      "/",
      id,
      "server namespace disconnect",
    ]);

    const [stats] = await once<[Record<string, unknown>]>(admin, "server_stats");
    assert.equal(stats["clientsCount"], 1);
    const kinds = (stats["aggregatedEvents"] as { type: string }[]).map(({ type }) => type);
    for (const kind of ["packetsIn", "packetsOut", "bytesIn", "bytesOut"]) {
      assert.ok(kinds.includes(kind), kind);
    }
    assert.deepEqual(stats["namespaces"], [
      { name: "/", socketsCount: 0 },
      { name: "/admin", socketsCount: 1 },
    ]);
  });
});
