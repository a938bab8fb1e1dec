import type { Browser, Page } from "playwright-core";
import { launchChromium, SKIP } from "../harness/chromium.ts";
import { after, assert, before, describe, it } from "../harness/mod.ts";
import { OfficialClients } from "../harness/official.ts";
import { once } from "../harness/once.ts";
import { Process } from "../harness/process.ts";
import { RUNTIME } from "../harness/serve.ts";

const COMMANDS = {
  deno: ["deno", "run", "-A", "examples/chat/server.ts"],
  bun: ["bun", "examples/chat/server.ts"],
} as const;

// A red dot, as small as a PNG can be.
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

describe("the chat, in Chromium", SKIP, () => {
  let server: Process;
  let browser: Browser;
  let url: string;

  const startServer = async (PORT: string) => {
    const [command, ...args] = COMMANDS[RUNTIME];
    server = new Process(command, args, { env: { PORT, HOST: "127.0.0.1" } });
    const [, port] = await server.printed(/localhost:(\d+)/);
    url = `http://127.0.0.1:${port}/`;
  };

  before(async () => {
    await startServer("0");
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it("shows two tabs each other: people, typing, text, image, ticks, and who left", async () => {
    const context = await browser.newContext();
    const [ada, bob] = [await context.newPage(), await context.newPage()];
    const problems: string[] = [];
    for (const page of [ada, bob]) collectProblems(page, problems);
    await enter(ada, url, "Ada", "kitchen");
    await enter(bob, url, "Bob", "kitchen");
    await ada.locator("#people", { hasText: "Bob" }).waitFor();
    await bob.locator("#people", { hasText: "Ada" }).waitFor();
    await ada.locator("#rooms button[aria-current]", { hasText: /kitchen\s*2/ }).waitFor();

    await ada.locator("#text").pressSequentially("Hi <b>Bob</b>");
    await bob.locator("#typing", { hasText: "Ada is typing…" }).waitFor();
    await ada.locator("#text").press("Enter");
    await bob.locator(".message:not(.mine) p", { hasText: "Hi <b>Bob</b>" }).waitFor();
    await ada.locator('.mine .ticks.all[aria-label="1 of 1 have it"]').waitFor();
    await bob.locator("#typing", { hasText: /^$/ }).waitFor({ state: "attached" });

    await bob.locator("#file").setInputFiles({
      name: "dot.png",
      mimeType: "image/png",
      buffer: bytesOf(PNG) as never,
    });
    const image = ada.locator('.message img[alt="An image from Bob"]');
    await image.waitFor();
    const width = await image.evaluate(async (element) => {
      const image = element as unknown as { decode(): Promise<void>; naturalWidth: number };
      await image.decode();
      return image.naturalWidth;
    });
    assert.equal(width, 1);
    await bob.locator('.mine .ticks.all[aria-label="1 of 1 have it"]').waitFor();

    await bob.close();
    await ada.locator("#summary", { hasText: "only you" }).waitFor();
    assert.equal(await ada.locator(".message b >> text=Bob").count(), 1);
    assert.deepEqual(problems, []);
    await context.close();
  });

  it("keeps rooms apart and refuses a nickname that is taken", async () => {
    const context = await browser.newContext();
    const [ada, bob] = [await context.newPage(), await context.newPage()];
    await enter(ada, url, "Ada", "kitchen");
    await fill(bob, url, "ada", "kitchen");
    await bob.locator("#refused", { hasText: "is called ada already" }).waitFor();
    await enter(bob, url, "ada", "garden");
    await bob.locator("#rooms button", { hasText: /kitchen\s*1/ }).click();
    await bob.locator(".note.problem", { hasText: "is called ada already" }).waitFor();
    assert.equal(await bob.locator("#title").textContent(), "garden");
    await bob.locator("#text").fill("to nobody");
    await bob.locator("#text").press("Enter");
    await bob.locator('.mine .ticks[aria-label="the server has it"]').waitFor();
    await ada.locator("#rooms button", { hasText: /garden\s*1/ }).waitFor();
    assert.equal(await ada.locator(".message").count(), 0);
    await context.close();
  });

  it("comes back by itself when the server has been away", async () => {
    const context = await browser.newContext();
    const ada = await context.newPage();
    await enter(ada, url, "Ada", "kitchen");
    await server[Symbol.asyncDispose]();
    await ada.locator("#offline", { hasText: "Connecting again" }).waitFor();
    assert.equal(await ada.locator("#send").isDisabled(), true);
    await startServer(new URL(url).port);
    await ada.locator("#offline", { hasText: /^$/ }).waitFor({ state: "attached" });
    await ada.locator("#rooms button[aria-current]", { hasText: /kitchen\s*1/ }).waitFor();
    await context.close();
  });
});

describe("the chat's server", () => {
  it("answers bad input with a reason and passes none of it on", async () => {
    const [command, ...args] = COMMANDS[RUNTIME];
    await using server = new Process(command, args, { env: { PORT: "0", HOST: "127.0.0.1" } });
    const [, port] = await server.printed(/localhost:(\d+)/);
    await using clients = new OfficialClients(`http://127.0.0.1:${port}`);
    const [ada, bob] = [await clients.connect(), await clients.connect()];
    assert.deepEqual(await ada.emitWithAck("say", "hi"), { error: "Join a room first." });
    for (const name of [undefined, 1, {}, "", "  ", "a\nb", "x".repeat(25)]) {
      assert.match((await ada.emitWithAck("join", name, "room")).error, /^A nickname has/);
      assert.match((await ada.emitWithAck("join", "Ada", name)).error, /^A room has/);
    }
    assert.equal((await ada.emitWithAck("join", " Ada ", " room ")).you.name, "Ada");
    assert.equal((await bob.emitWithAck("join", "Bob", "room")).room, "room");
    const heard = once<[{ text: string }]>(bob, "message");
    for (const text of [undefined, 1, ["x"], "", " ", "x".repeat(2001)]) {
      assert.match((await ada.emitWithAck("say", text)).error, /^A message has/);
    }
    const bytes = new Uint8Array(10);
    for (const [type, body] of [["image/svg+xml", bytes], [1, bytes], ["image/png", "text"]]) {
      assert.match((await ada.emitWithAck("show", type, body)).error, /^An image is/);
    }
    for (const size of [0, 900_001]) {
      const { error } = await ada.emitWithAck("show", "image/png", new Uint8Array(size));
      assert.match(error, /^An image has at most/);
    }
    ada.emit("say", "no answer wanted", "not a function");
    assert.equal((await heard)[0].text, "no answer wanted");
    assert.equal(server.output.trim().split("\n").length, 1, server.output);
  });
});

function collectProblems(page: Page, problems: string[]): void {
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
}

async function fill(page: Page, url: string, name: string, room: string): Promise<void> {
  await page.goto(url);
  await page.locator("#name").fill(name);
  await page.locator("#room").fill(room);
  await page.locator("#enter").click();
}

async function enter(page: Page, url: string, name: string, room: string): Promise<void> {
  await fill(page, url, name, room);
  await page.locator("#title", { hasText: room }).waitFor();
}

/** Playwright asks for a Buffer, and both runtimes have one. */
function bytesOf(base64: string): Uint8Array {
  const { Buffer } = globalThis as unknown as {
    Buffer: { from(text: string, encoding: "base64"): Uint8Array };
  };
  return Buffer.from(base64, "base64");
}
