import { createRequire } from "node:module";
import { Socket } from "engine.io-client";
import { assert, describe, it } from "../harness/mod.ts";
import { once, until, within } from "../harness/once.ts";
import type { Session } from "../../server/engine/mod.ts";
import { startEcho } from "./engine_server.ts";

type OldSocket = new (url: string, options: object) => Peer;

// The engine of the old client is not installed by a name of its own.
const require = createRequire(import.meta.url);
const { Socket: OldSocket } = createRequire(require.resolve("socket.io-client-v2"))(
  "engine.io-client",
) as { Socket: OldSocket };

const COUNT = 2000;
const BATCH = 20;

interface Peer {
  readonly transport: { readonly name: string };
  binaryType: string;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  once(event: string, listener: (...args: unknown[]) => void): unknown;
  send(data: unknown): unknown;
  close(): unknown;
}

/** The official clients as peers: 2,000 numbered messages each way, once and in order. */
export function clientsSuite(): void {
  const roads = [["polling"], ["websocket"], ["polling", "websocket"]];
  for (const transports of roads) {
    describe(`engine.io-client over ${transports.join(" and ")}`, () => {
      it("gets and sends every message once and in order", async () => {
        await using server = await startEcho();
        const connected = server.session();
        const peer = new Socket(server.url, { transports, path: "/socket.io" }) as unknown as Peer;
        await exchange(peer, await connected, transports);
        await end(peer, () => server.engine.clientsCount);
      });
    });

    describe(`engine.io-client 3 over ${transports.join(" and ")}`, () => {
      it("gets and sends text and binary data once and in order", async () => {
        await using server = await startEcho({ allowEIO3: true });
        const connected = server.session();
        const peer = new OldSocket(server.url, {
          transports,
          path: "/socket.io",
        }) as unknown as Peer;
        peer.binaryType = "arraybuffer";
        const session = await connected;
        assert.equal(session.protocol, 3);
        const got: string[] = [];
        const done = new Promise<void>((resolve) => {
          peer.on("message", (data) => {
            got.push(
              typeof data === "string" ? data : [...new Uint8Array(data as ArrayBuffer)].join(),
            );
            if (got.length === 200) resolve();
          });
        });
        await once(peer, "open");
        const sent: string[] = [];
        for (let i = 0; i < 200; i++) {
          const binary = i % 3 === 0;
          sent.push(binary ? `1,255,${i}` : `€😀${i}`);
          peer.send(binary ? new Uint8Array([1, 255, i]).buffer : `€😀${i}`);
          if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
        }
        await within(done, "every message", 20_000);
        assert.deepEqual(got, sent);
        await end(peer, () => server.engine.clientsCount);
      });
    });
  }
}

async function exchange(
  peer: Peer,
  session: Session,
  transports: string[],
): Promise<void> {
  const [up, down]: [unknown[], unknown[]] = [[], []];
  session.off("message");
  const all = new Promise<void>((resolve) => {
    const check = () => up.length >= COUNT && down.length >= COUNT && resolve();
    session.on("message", (data) => {
      up.push(data);
      check();
    });
    peer.on("message", (data) => {
      down.push(data);
      check();
    });
  });
  await once(peer, "open");
  for (let i = 0; i < COUNT; i += BATCH) {
    for (let n = i; n < i + BATCH; n++) {
      peer.send(String(n));
      session.send(String(n));
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await within(all, "every message", 30_000);
  const expected = Array.from({ length: COUNT }, (_, i) => String(i));
  assert.deepEqual(up, expected);
  assert.deepEqual(down, expected);
  assert.equal(peer.transport.name, transports.at(-1));
}

async function end(peer: Peer, count: () => number): Promise<void> {
  const closed = once(peer, "close");
  peer.close();
  await closed;
  await until(() => count() === 0, "the end of the session");
}
