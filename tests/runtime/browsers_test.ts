import { Server, type ServerOptions, type Socket } from "../../mod.ts";
import { cborParser } from "../../parser/cbor/mod.ts";
import { jsonParser } from "../../parser/mod.ts";
import { msgpackParser } from "../../parser/msgpack/mod.ts";
import { PAGE_TESTS } from "../harness/browser_page.mjs";
import { type BrowserProgram, FIREFOX, WEBKIT } from "../harness/browsers.ts";
import { OPTIONS, setUp } from "../harness/client_fixture.mjs";
import { readProjectFile } from "../harness/files.ts";
import { after, assert, before, describe, it } from "../harness/mod.ts";
import { within } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

const BROWSERS: Readonly<Record<string, BrowserProgram>> = { Firefox: FIREFOX, WebKit: WEBKIT };

/** How long a browser may take to start, and again for each test, in milliseconds. */
const PATIENCE = 50_000;

const SECURITY = "default-src 'self'; connect-src *; worker-src 'self' blob:";

const FILES: Readonly<Record<string, string>> = {
  "/": `<!doctype html><body><script src="/sockeye.min.js"></script>
    <script type="module" src="/run.mjs"></script>`,
  "/run.mjs": `import { PAGE_TESTS } from "/browser_page.mjs";
    const report = (name, error) =>
      fetch("/results", { method: "POST", body: JSON.stringify({ name, error }) });
    await report("begin");
    for (const [name, test] of Object.entries(PAGE_TESTS)) {
      try {
        await test(io);
        await report(name);
      } catch (error) {
        await report(name, String(error));
      }
    }`,
  "/browser_page.mjs": readProjectFile("tests/harness/browser_page.mjs"),
  "/frame.html": `<!doctype html><script src="/sockeye.min.js"></script>
    <script src="/frame.js"></script>`,
  "/frame.js": `const transports = [location.search.slice(1)];
    io({ transports, closeOnBeforeunload: true }).emit("enter");`,
  "/worker.js": `importScripts("/sockeye.min.js");
    const socket = io({ transports: ["websocket"] });
    socket.emit("echo", "from a worker", (answer) => {
      socket.disconnect();
      postMessage(answer);
    });`,
};

interface Result {
  readonly name: string;
  readonly error?: string;
}

/** A page with the tests, its server, and what comes of them. */
function site(
  report: (result: Result) => void,
): { io: Server; handler: ReturnType<Server["handler"]> } {
  const io = new Server({
    ...OPTIONS as unknown as ServerOptions,
    maxHttpBufferSize: 5_000_000,
    parsers: [jsonParser, msgpackParser, cborParser],
  });
  setUp(io);
  io.on("connection", (socket: Socket) => {
    socket.on("watch", (done) => done(socket.join("watchers")));
    socket.on("enter", () => {
      io.to("watchers").emit("entered", socket.id);
      socket.on("disconnect", (reason) => io.to("watchers").emit("left", socket.id, reason));
    });
    socket.on("tell", (text) => socket.emit("told", text));
  });
  const handler = io.handler(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/results") {
      report(await request.json());
      return new Response();
    }
    const file = FILES[pathname] ??
      (/^\/sockeye[\w.]*\.js$/.test(pathname) ? readProjectFile(`dist${pathname}`) : undefined);
    if (file === undefined) return new Response("not here", { status: 404 });
    const type = /js$/.test(pathname) ? "text/javascript" : "text/html";
    return new Response(file, {
      headers: { "content-type": `${type}; charset=utf-8`, "content-security-policy": SECURITY },
    });
  });
  return { io, handler };
}

for (const [browserName, browser] of Object.entries(BROWSERS)) {
  describe(`the client, in ${browserName}`, browser.SKIP, () => {
    const results = new Map<string, Promise<Result>>();
    let stack: AsyncDisposableStack;

    before(async () => {
      stack = new AsyncDisposableStack();
      const reports = new Map<string, (result: Result) => void>();
      for (const name of ["begin", ...Object.keys(PAGE_TESTS)]) {
        results.set(name, new Promise((resolve) => reports.set(name, resolve)));
      }
      const { io, handler } = site((result) => reports.get(result.name)?.(result));
      const served = await serve(handler);
      stack.defer(() => served.close());
      stack.defer(() => io.close());
      stack.use(await browser.open(served.url));
      // If it does not, each test says so.
      await within(results.get("begin")!, "the browser", PATIENCE).catch(() => {});
    });

    after(() => stack?.disposeAsync());

    for (const name of Object.keys(PAGE_TESTS)) {
      it(name, async () => {
        const { error } = await within(results.get(name)!, "the page", PATIENCE);
        assert.equal(error, undefined);
      });
    }
  });
}
