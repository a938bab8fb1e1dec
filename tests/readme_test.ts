import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";
import { projectFiles, readProjectFile, ROOT } from "./harness/files.ts";
import { after, assert, before, describe, it } from "./harness/mod.ts";
import { OfficialClients } from "./harness/official.ts";
import { once } from "./harness/once.ts";
import { Process } from "./harness/process.ts";
import { RUNTIME } from "./harness/serve.ts";
import { find } from "./harness/services.ts";

const { url: redis, SKIP } = await find("redis");

/** The programs that need Redis. */
const WITH_REDIS = ["cluster.ts"];

/** The programs of the README by their names: the word behind the language of each block. */
const SNIPPETS = new Map(
  [...readProjectFile("README.md").matchAll(/^```ts *(\S*)\n([\s\S]*?)^```$/gm)]
    .map(([, name = "", text = ""]) => [name, text]),
);

/** Every program is started by the test of this name. */
const DRIVERS: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  "server.ts": async ({ start, clients }) => {
    await start("server.ts");
    const [ada, bob] = [await clients.connect(), await clients.connect()];
    const heard = once<[string]>(bob, "said");
    assert.equal(await ada.emitWithAck("say", "hello"), "ok");
    assert.deepEqual(await heard, ["hello"]);
  },

  "serve.ts": async ({ start, clients, url }) => {
    await start("serve.ts");
    const socket = clients.open();
    assert.deepEqual(await once(socket, "hello"), [socket.id]);
    assert.equal(await (await fetch(`${url}/page`)).text(), `You asked for ${url}/page`);
    const [, script] = /import { io } from "(\/[^"]+)"/.exec(readProjectFile("README.md"))!;
    const bundle = await fetch(url + script);
    assert.equal(bundle.status, 200);
    assert.match(await bundle.text(), /export ?{[^}]*\bas io\b/);
  },

  "cluster.ts": async ({ start, clients }) => {
    await start("cluster.ts");
    const heard = once(await clients.connect(), "news");
    const outside = createClient({ url: redis });
    await outside.connect();
    new Emitter(outside).emit("news", 1);
    assert.deepEqual(await heard, [1]);
    await outside.close();
  },

  "client.ts": async ({ start, clients }) => {
    await start("server.ts");
    const client = await start("client.ts");
    await client.printed(/the server answered: ok/);
    const bob = await clients.connect();
    await bob.emitWithAck("say", "hi");
    await client.printed(/somebody said: hi/);
  },

  "typed.ts": async ({ start, clients }) => {
    await start("typed.ts");
    const nobody = clients.open();
    const [error] = await once<[Error]>(nobody, "connect_error");
    assert.equal(error.message, "A name is needed");
    const ada = await clients.connect({ auth: { name: "Ada" } });
    const heard = once(ada, "said");
    assert.equal(await ada.emitWithAck("say", "hello"), 1);
    assert.deepEqual(await heard, ["hello", "Ada"]);
  },
};

interface Run {
  readonly url: string;
  readonly clients: OfficialClients;
  /** Starts a program; a server can be reached when this resolves. */
  start(name: string): Promise<Process>;
}

describe("the README", () => {
  let folder: string;

  before(() => {
    mkdirSync(ROOT + "tmp", { recursive: true });
    folder = mkdtempSync(ROOT + "tmp/readme-");
  });

  after(() => rmSync(folder, { recursive: true }));

  it("has no program that no test starts", () => {
    assert.deepEqual([...SNIPPETS.keys()].sort(), Object.keys(DRIVERS).sort());
  });

  for (const [name, drive] of Object.entries(DRIVERS)) {
    it(`${name} does what it says`, WITH_REDIS.includes(name) ? SKIP : {}, async () => {
      const port = await freePort();
      await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
      await using started = new AsyncDisposableStack();
      const start = async (name: string) => {
        const file = `${folder}/${port}-${name}`;
        writeFileSync(file, programOf(name, port));
        const process = started.use(new Process(...commandOf(name, file, port)));
        if (name !== "client.ts") await reachable(port, process);
        return process;
      };
      await drive({ url: `http://127.0.0.1:${port}`, clients, start });
    });
  }

  const programOf = (name: string, port: number) =>
    SNIPPETS.get(name)!.replaceAll("3000", `${port}`).replaceAll("redis://localhost:6379", redis);

  it("has the commands that package.json has", () => {
    const { scripts } = JSON.parse(readProjectFile("package.json"));
    const commands = [...readProjectFile("README.md").matchAll(/^npm (?:run )?(\w+)/gm)];
    const named = commands.flatMap(([, script]) => script === "install" ? [] : [script!]);
    assert.deepEqual(named, ["start", "test"]);
    for (const script of named) assert.ok(script in scripts, script);
  });
});

describe("examples/", () => {
  it("has no program that no test starts", () => {
    const tests = projectFiles("tests", "_test.ts").map(readProjectFile).join();
    const programs = projectFiles("examples", ".ts");
    assert.ok(programs.length > 0);
    assert.deepEqual(programs.filter((program) => !tests.includes(program)), []);
  });
});

/** How the README says that a program is started. */
function commandOf(name: string, file: string, port: number): [string, string[]] {
  if (RUNTIME === "bun") return ["bun", [file]];
  return name === "serve.ts"
    ? ["deno", ["serve", "-A", "--port", String(port), file]]
    : ["deno", ["run", "-A", "--check", file]];
}

/** A port that was free a moment ago: the programs of the README name one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const closed = once(server, "close");
  server.close();
  await closed;
  return port;
}

/** Resolves when something answers at the port; rejects if the program ends before. */
async function reachable(port: number, process: Process): Promise<void> {
  let ended = false;
  process.exited.then(() => ended = true, () => ended = true);
  for (;;) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/`)).text();
      return;
    } catch {
      if (ended) throw new Error(`It ended:\n${process.output}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
