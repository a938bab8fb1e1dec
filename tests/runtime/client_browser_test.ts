import { Server, type ServerOptions } from "../../mod.ts";
import type { Browser, Page } from "playwright-core";
import { launchChromium, SKIP } from "../harness/chromium.ts";
import { OPTIONS, setUp } from "../harness/client_fixture.mjs";
import { readProjectFile } from "../harness/files.ts";
import { after, assert, before, describe, it } from "../harness/mod.ts";
import { once } from "../harness/once.ts";
import { serve, type Served } from "../harness/serve.ts";
import type { io as Io } from "../../client/mod.ts";

declare const io: typeof Io;

// What the pages below have and the type library of Deno does not know.
declare const document: { title: string };
declare const navigator: {
  readonly serviceWorker: {
    register(path: string): Promise<unknown>;
    readonly ready: Promise<{ active: { postMessage(data: unknown, ports: MessagePort[]): void } }>;
  };
};

const SECURITY = {
  "content-security-policy": "default-src 'self'; connect-src *; worker-src 'self' blob:",
};
const SCRIPT = { "content-type": "text/javascript" };

const WORKER = `
importScripts("/sockeye.min.js");
addEventListener("message", ({ ports: [port] }) => {
  const socket = io({ transports: ["websocket"] });
  socket.emit("echo", "from the worker", (answer) => {
    port.postMessage([answer, typeof document]);
    socket.disconnect();
  });
});
`;

/** A page under a strict policy, the client, a service worker, and the server. */
function site(): { io: Server; handler: ReturnType<Server["handler"]> } {
  const server = new Server(OPTIONS as unknown as ServerOptions);
  setUp(server);
  const handler = server.handler((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/sockeye.min.js") {
      return new Response(readProjectFile("dist/sockeye.min.js"), { headers: SCRIPT });
    }
    if (pathname === "/worker.js") return new Response(WORKER, { headers: SCRIPT });
    const html = '<!doctype html><script src="/sockeye.min.js"></script>';
    return new Response(html, {
      headers: { ...SECURITY, "content-type": "text/html", "set-cookie": "place=here; Path=/" },
    });
  });
  return { io: server, handler };
}

describe("the client, in Chromium", SKIP, () => {
  let browser: Browser;
  let server: Served;
  let own: Server;

  before(async () => {
    const { io, handler } = site();
    own = io;
    server = await serve(Object.assign(handler, { handler: () => handler }));
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    await own?.close();
    await server?.close();
  });

  /** A page of its own, closed behind the test. */
  async function withPage(test: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    try {
      await page.goto(server.url);
      await test(page);
      assert.deepEqual(problems, []);
    } finally {
      await context.close();
    }
  }

  it("starts with polling and moves to WebSocket, under a policy without eval", async () => {
    await withPage(async (page) => {
      const names = await page.evaluate(async () => {
        const socket = io();
        const { engine } = socket.io;
        const names = [engine!.transport!.name];
        await new Promise((resolve) => engine!.on("upgrade", resolve));
        names.push(engine!.transport!.name, await socket.emitWithAck("echo", "ä"));
        socket.disconnect();
        return names;
      });
      assert.deepEqual(names, ["polling", "websocket", "ä"]);
    });
  });

  for (const transport of ["polling", "websocket"]) {
    it(`sends ArrayBuffer, Blob and File by ${transport}`, async () => {
      await withPage(async (page) => {
        const texts = await page.evaluate(async (transport) => {
          const socket = io({ transports: [transport] });
          const values = [
            new TextEncoder().encode("buffer").buffer,
            new Blob(["blob"]),
            new File(["file"], "name.txt"),
          ];
          const answer = await socket.emitWithAck("echo", values) as Uint8Array[];
          socket.disconnect();
          return answer.map((bytes) => new TextDecoder().decode(bytes));
        }, transport);
        assert.deepEqual(texts, ["buffer", "blob", "file"]);
      });
    });
  }

  it("comes, without an address, from where the page of a worker made of a text comes from", async () => {
    await withPage(async (page) => {
      const answer = await page.evaluate(async () => {
        const script = `importScripts("${location.origin}/sockeye.min.js");
          const socket = io({ transports: ["websocket"] });
          socket.emit("echo", "from a text", (answer) => {
            socket.disconnect();
            postMessage(answer);
          });`;
        const worker = new Worker(URL.createObjectURL(new Blob([script])));
        return await new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
        });
      });
      assert.equal(answer, "from a text");
    });
  });

  it("connects two tabs in a room", async () => {
    await withPage(async (page) => {
      const other = await page.context().newPage();
      await other.goto(server.url);
      const join = () => {
        const socket = io();
        Object.assign(globalThis, { socket });
        return socket.emitWithAck("join", "tabs");
      };
      await Promise.all([page.evaluate(join), other.evaluate(join)]);
      const heard = other.evaluate(() =>
        new Promise((resolve) => {
          const { socket } = globalThis as unknown as { socket: ReturnType<typeof io> };
          socket.on("said", (text: string) => resolve(text));
          socket.emit("echo", 0, () => document.title = "ready");
        })
      );
      await other.waitForFunction(() => document.title === "ready");
      await page.evaluate(() => {
        const { socket } = globalThis as unknown as { socket: ReturnType<typeof io> };
        socket.emit("say", "tabs", "hello");
      });
      assert.equal(await heard, "hello");
    });
  });

  it("goes offline at once, and sends what waited in order when it is back", async () => {
    await withPage(async (page) => {
      await page.evaluate(async () => {
        const socket = io({ reconnectionDelay: 20, reconnectionDelayMax: 50 });
        const log: unknown[] = [];
        Object.assign(globalThis, { socket, log });
        socket.on("disconnect", (reason, details) => log.push(reason, details));
        socket.on("back", (value: number) => log.push(value));
        await socket.emitWithAck("echo", 0);
      });
      await page.context().setOffline(true);
      await page.waitForFunction(() => (globalThis as unknown as { log: unknown[] }).log[0]);
      await page.evaluate(() => {
        const { socket } = globalThis as unknown as { socket: ReturnType<typeof io> };
        for (let i = 1; i <= 3; i++) socket.emit("back", i);
      });
      await page.context().setOffline(false);
      await page.waitForFunction(() =>
        (globalThis as unknown as { log: unknown[] }).log.length > 4
      );
      const log = await page.evaluate(() => (globalThis as unknown as { log: unknown[] }).log);
      assert.deepEqual(log, ["transport close", { description: "network is offline" }, 1, 2, 3]);
    });
  });

  it("runs in a service worker", async () => {
    await withPage(async (page) => {
      const answer = await page.evaluate(async () => {
        await navigator.serviceWorker.register("/worker.js");
        const { active } = await navigator.serviceWorker.ready;
        const { port1, port2 } = new MessageChannel();
        active.postMessage("go", [port2]);
        return await new Promise((resolve) => port1.onmessage = ({ data }) => resolve(data));
      });
      assert.deepEqual(answer, ["from the worker", "undefined"]);
    });
  });

  it("reports what a listener throws to who watches a page, or a worker, for errors", async () => {
    await withPage(async (page) => {
      const errors = await page.evaluate(async () => {
        const listen = `const socket = io("${location.origin}", { transports: ["websocket"] });
          socket.on("connect", () => {
            socket.disconnect();
            throw new Error("of a listener");
          });`;
        const script = `importScripts("${location.origin}/sockeye.min.js");
          addEventListener("error", (event) => {
            event.preventDefault();
            postMessage(event.error.message);
          });
          ${listen}`;
        const worker = new Worker(URL.createObjectURL(new Blob([script])));
        const inWorker = new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
        const inPage = new Promise((resolve) => {
          addEventListener("error", (event) => {
            event.preventDefault();
            resolve((event as ErrorEvent).error.message);
          });
        });
        io({ transports: ["websocket"] }).on("connect", () => {
          throw new Error("of a listener");
        });
        return await Promise.all([inPage, inWorker]);
      });
      assert.deepEqual(errors, ["of a listener", "of a listener"]);
    });
  });

  it("says by long polling that the page is left", async () => {
    await withPage(async (page) => {
      const id = await page.evaluate(async () => {
        const socket = io({ transports: ["polling"], closeOnBeforeunload: true });
        await new Promise<void>((resolve) => socket.on("connect", resolve));
        return socket.id!;
      });
      const left = once(own.of("/").sockets.get(id)!, "disconnect");
      await page.goto("about:blank");
      assert.equal((await left)[0], "transport close");
    });
  });

  it("sends cookies to another origin if it is told to", async () => {
    const { io: other, handler } = site();
    await using elsewhere = await serve(Object.assign(handler, { handler: () => handler }));
    await withPage(async (page) => {
      await page.context().addCookies([{ name: "who", value: "me", url: elsewhere.url }]);
      const cookies = await page.evaluate(async (url) => {
        const cookies: string[] = [];
        for (const withCredentials of [false, true]) {
          const socket = io(url, { transports: ["polling"], forceNew: true, withCredentials });
          cookies.push((await socket.emitWithAck("handshake")).headers.cookie ?? "");
          socket.disconnect();
        }
        return cookies;
      }, elsewhere.url);
      assert.equal(cookies[0], "");
      assert.match(cookies[1] ?? "", /who=me/);
    });
    await other.close();
  });

  it("finds its server again after a restart", async () => {
    const first = site();
    const served = await serve(Object.assign(first.handler, { handler: () => first.handler }));
    const { port } = served;
    await withPage(async (page) => {
      await page.evaluate(async (url) => {
        const socket = io(url, { reconnectionDelay: 20, reconnectionDelayMax: 50 });
        Object.assign(globalThis, { socket });
        await socket.emitWithAck("echo", 0);
      }, served.url);
      await first.io.close();
      await served.close();
      await page.waitForFunction(() =>
        !(globalThis as unknown as { socket: { connected: boolean } }).socket.connected
      );
      const second = site().io;
      await second.listen({ port, hostname: "127.0.0.1" });
      await page.waitForFunction(() =>
        (globalThis as unknown as { socket: { connected: boolean } }).socket.connected
      );
      await second.close();
    });
  });
});
